"""The vendor's generated client, `alibabacloud-sls20201230`, as a speaker.

Without `signature_version` it signs version 1 with HMAC-SHA256, which the SDK never does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from alibabacloud_sls20201230 import models
from alibabacloud_sls20201230.client import Client
from alibabacloud_tea_openapi.models import Config
from darabonba.core import DaraCore
from Tea.exceptions import TeaException

from sandbox.sls import Key
from tests.contract.sls.speakers import PROJECT, Noun, Page, Refused
from tests.contract.sls.world import ENDPOINT

# The names of methods, of the models of their requests, and of a list's filter.
WORDS = {
    Noun.LOGSTORE: ("log_store", "LogStore", "log_stores", "LogStores"),
    Noun.CONFIG: ("config", "Config", "config", "Config"),
    Noun.PIPELINE: ("logtail_pipeline_config", "LogtailPipelineConfig") * 2,
    Noun.GROUP: ("machine_group", "MachineGroup") * 2,
}


class OverTea:
    """An unmodified client; `proxy` may be empty, then it reads HTTP_PROXY."""

    def __init__(
        self, key: Key, proxy: str = "", endpoint: str = ENDPOINT, version: str = "", **more: str
    ) -> None:
        self.client: Any = Client(
            Config(
                access_key_id=key.id,
                access_key_secret=key.secret,
                endpoint=endpoint,
                protocol="http",
                http_proxy=proxy or None,
                signature_version=version or None,
                **more,
            )
        )

    @staticmethod
    def close() -> None:
        """Close the connections of all clients, who share them: setting one up takes long."""
        for session in DaraCore._sessions.values():
            session.close()
        DaraCore._sessions.clear()

    def create_project(self, name: str, text: str) -> None:
        request = models.CreateProjectRequest(project_name=name, description=text)
        self._call("create_project", request)

    def project(self, name: str) -> dict[str, Any]:
        return dict(self._call("get_project", name, models.GetProjectRequest()))

    def projects(self, **page: Any) -> Page:
        request = models.ListProjectRequest().from_map(_renamed(page, "projectName"))
        said = self._call("list_project", request)
        names = tuple(project["projectName"] for project in said["projects"])
        return Page(names, said["count"], said["total"])

    def delete_project(self, name: str) -> None:
        self._call("delete_project", name, models.DeleteProjectRequest())

    def create(self, noun: Noun, body: dict[str, Any]) -> None:
        word, model, *_ = WORDS[noun]
        request = getattr(models, f"Create{model}Request")
        # Some requests hold the body as a whole, others its keys.
        given = {"body": body} if noun is Noun.CONFIG else body
        self._call(f"create_{word}", PROJECT, request().from_map(given))

    def get(self, noun: Noun, name: str) -> dict[str, Any]:
        return dict(self._call(f"get_{WORDS[noun][0]}", PROJECT, name))

    def page(self, noun: Noun, **page: Any) -> Page:
        *_, word, model = WORDS[noun]
        request = getattr(models, f"List{model}Request")().from_map(_renamed(page, noun.named))
        said = self._call(f"list_{word}", PROJECT, request)
        return Page(tuple(said.get(noun.listed, ())), said["count"], said["total"])

    def delete(self, noun: Noun, name: str) -> None:
        self._call(f"delete_{WORDS[noun][0]}", PROJECT, name)

    def create_index(self, logstore: str, body: dict[str, Any]) -> None:
        request = models.CreateIndexRequest().from_map({"body": body})
        self._call("create_index", PROJECT, logstore, request)

    def index(self, logstore: str) -> dict[str, Any]:
        return dict(self._call("get_index", PROJECT, logstore))

    def delete_index(self, logstore: str) -> None:
        self._call("delete_index", PROJECT, logstore)

    def apply(self, config: str, group: str) -> None:
        self._call("apply_config_to_machine_group", PROJECT, group, config)

    def remove(self, config: str, group: str) -> None:
        self._call("remove_config_from_machine_group", PROJECT, group, config)

    def configs_of(self, group: str) -> list[str]:
        return list(self._call("get_applied_configs", PROJECT, group)["configs"])

    def groups_of(self, config: str) -> list[str]:
        return list(self._call("get_applied_machine_groups", PROJECT, config)["machinegroups"])

    def machines(self, group: str) -> list[dict[str, Any]]:
        said = self._call("list_machines", PROJECT, group, models.ListMachinesRequest())
        return list(said["machines"])

    def put(self, logstore: str, moment: int, texts: list[str]) -> None:
        contents = ([{"Key": "message", "Value": text}] for text in texts)
        items = [{"Time": moment, "Contents": content} for content in contents]
        group = {"LogItems": items, "Source": "10.0.0.1", "Topic": ""}
        self._call("put_logs", PROJECT, logstore, models.PutLogsRequest().from_map({"body": group}))

    def pull(self, logstore: str) -> list[str]:
        texts = []
        for shard in self._call("list_shards", PROJECT, logstore):
            where = (PROJECT, logstore, str(shard["shardID"]))
            start = models.GetCursorRequest(from_="begin")
            cursor = self._call("get_cursor", *where, start)["cursor"]
            request = models.PullLogsRequest(cursor=cursor, count=100)
            texts += self._call("pull_logs", *where, request)["logGroupList"]
        return texts

    def search(self, logstore: str, start: int, end: int, query: str) -> list[str]:
        request = models.GetLogsV2Request(from_=start, to=end, query=query)
        return [
            line["message"]
            for line in self._call("get_logs_v2", PROJECT, logstore, request)["data"]
        ]

    def count(self, logstore: str, start: int, end: int, query: str) -> int:
        request = models.GetHistogramsRequest(from_=start, to=end, query=query)
        return sum(bar["count"] for bar in self._call("get_histograms", PROJECT, logstore, request))

    def _call(self, method: str, *given: Any) -> Any:
        call: Callable[..., Any] = getattr(self.client, method)
        with _told():
            return call(*given).to_map().get("body")


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except TeaException as error:
        if not hasattr(error, "statusCode"):
            raise  # an answer that the client could not read
        raise Refused(error.statusCode, error.code, error.message) from error


def _renamed(page: dict[str, Any], filtered: str) -> dict[str, Any]:
    return {filtered if name == "part" else name: value for name, value in page.items()}
