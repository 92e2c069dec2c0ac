"""Plain HTTP, signed by hand: a speaker without any library of the service's vendor but protobuf."""

from __future__ import annotations

import hashlib
import json
import time
from email.utils import formatdate
from typing import Any
from urllib.parse import quote, urlencode

from aliyun.log.proto import LogGroupListRaw, LogGroupRaw

from sandbox.sls import Key, SlsServer
from tests.contract.sls.hand_signed import version_1, version_4
from tests.contract.sls.speakers import PROJECT, Noun, Page, Refused
from tests.contract.sls.world import ENDPOINT, by_hand

JSON, PROTOBUF = "application/json", "application/x-protobuf"


class OverHttp:
    """By proxy (absolute request lines) or by address (a Host of its own)."""

    def __init__(
        self,
        server: SlsServer,
        key: Key,
        version: str,
        *,
        address: bool = False,
        region: str = "cn-hangzhou",
    ) -> None:
        self.server, self.key, self.version, self.region = server, key, version, region
        self.endpoint = f"127.0.0.1:{server.port}" if address else ENDPOINT
        self.front = "" if address else "http://{host}"

    def create_project(self, name: str, text: str) -> None:
        self._send("POST", "/", {"projectName": name, "description": text}, project=name)

    def project(self, name: str) -> dict[str, Any]:
        return self._json("GET", "/", project=name)

    def projects(self, **page: Any) -> Page:
        said = self._json("GET", "/", query=_page("projectName", page), project="")
        names = tuple(project["projectName"] for project in said["projects"])
        return Page(names, said["count"], said["total"])

    def delete_project(self, name: str) -> None:
        self._send("DELETE", "/", project=name)

    def create(self, noun: Noun, body: dict[str, Any]) -> None:
        self._send("POST", noun.path, body)

    def get(self, noun: Noun, name: str) -> dict[str, Any]:
        return self._json("GET", f"{noun.path}/{name}")

    def page(self, noun: Noun, **page: Any) -> Page:
        said = self._json("GET", noun.path, query=_page(noun.named, page))
        return Page(tuple(said.get(noun.listed, ())), said["count"], said["total"])

    def delete(self, noun: Noun, name: str) -> None:
        self._send("DELETE", f"{noun.path}/{name}")

    def create_index(self, logstore: str, body: dict[str, Any]) -> None:
        self._send("POST", f"/logstores/{logstore}/index", body)

    def index(self, logstore: str) -> dict[str, Any]:
        return self._json("GET", f"/logstores/{logstore}/index")

    def delete_index(self, logstore: str) -> None:
        self._send("DELETE", f"/logstores/{logstore}/index")

    def apply(self, config: str, group: str) -> None:
        self._send("PUT", f"/machinegroups/{group}/configs/{config}")

    def remove(self, config: str, group: str) -> None:
        self._send("DELETE", f"/machinegroups/{group}/configs/{config}")

    def configs_of(self, group: str) -> list[str]:
        return list(self._json("GET", f"/machinegroups/{group}/configs")["configs"])

    def groups_of(self, config: str) -> list[str]:
        return list(self._json("GET", f"/configs/{config}/machinegroups")["machinegroups"])

    def machines(self, group: str) -> list[dict[str, Any]]:
        return list(self._json("GET", f"/machinegroups/{group}/machines")["machines"])

    def put(self, logstore: str, moment: int, texts: list[str]) -> None:
        group = LogGroupRaw(Topic="", Source="10.0.0.1")
        for text in texts:
            group.Logs.add(Time=moment).Contents.add(Key="message", Value=text.encode())
        self._send("POST", f"/logstores/{logstore}/shards/lb", group.SerializeToString())

    def pull(self, logstore: str) -> list[str]:
        texts, path = [], f"/logstores/{logstore}/shards"
        for shard in self._json("GET", path):
            one = f"{path}/{shard['shardID']}"
            start = self._json("GET", one, query={"type": "cursor", "from": "begin"})["cursor"]
            raw = self._send("GET", one, query={"type": "logs", "cursor": start, "count": "100"})
            groups = LogGroupListRaw.FromString(raw)
            logs = [log for group in groups.LogGroups for log in group.Logs]
            texts += [log.Contents[0].Value.decode() for log in logs]
        return texts

    def search(self, logstore: str, start: int, end: int, query: str) -> list[str]:
        body = {"from": start, "to": end, "query": query}
        said = json.loads(self._send("POST", f"/logstores/{logstore}/logs", body))
        return [line["message"] for line in said["data"]]

    def count(self, logstore: str, start: int, end: int, query: str) -> int:
        asked = {"type": "histogram", "from": str(start), "to": str(end), "query": query}
        return sum(bar["count"] for bar in self._json("GET", f"/logstores/{logstore}", query=asked))

    def _json(self, method: str, path: str, **asked: Any) -> Any:
        return json.loads(self._send(method, path, **asked))

    def _send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | bytes | None = None,
        *,
        query: dict[str, str] | None = None,
        project: str = PROJECT,
    ) -> bytes:
        host = f"{project}.{self.endpoint}" if project else self.endpoint
        kind = PROTOBUF if isinstance(body, bytes) else JSON
        raw = json.dumps(body).encode() if isinstance(body, dict) else body or b""
        headers = {"Host": host, "x-log-apiversion": "0.6.0", "Content-Length": str(len(raw))}
        headers |= {"Content-Type": kind, "x-log-bodyrawsize": str(len(raw))} if raw else {}
        headers |= self._signed(method, path, query or {}, headers, raw)
        target = self.front.format(host=host) + quote(path)
        target += "?" + urlencode(query) if query else ""
        status, _, said = by_hand(self.server.port, method, target, headers, raw, parse=bytes)
        if status != 200:
            refusal = json.loads(said)
            raise Refused(status, refusal["errorCode"], refusal["errorMessage"])
        return bytes(said or b"")

    def _signed(
        self, method: str, path: str, query: dict[str, str], headers: dict[str, str], raw: bytes
    ) -> dict[str, str]:
        pair = (self.key.id, self.key.secret)
        if self.version == "v4":
            more = {"x-log-date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())}
            more["x-log-content-sha256"] = hashlib.sha256(raw).hexdigest()
            said = version_4(method, path, query, headers | more, pair, self.region)
            return more | {"Authorization": said}
        more = {"Date": formatdate(usegmt=True), "x-log-signaturemethod": "hmac-sha1"}
        if raw:
            more["Content-MD5"] = hashlib.md5(raw, usedforsecurity=False).hexdigest().upper()
        return more | {"Authorization": version_1(method, path, query, headers | more, pair)}


def _page(named: str, page: dict[str, Any]) -> dict[str, str]:
    return {named if name == "part" else name: str(value) for name, value in page.items()}
