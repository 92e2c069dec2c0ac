"""A world in which ETL jobs copy from `web` of the source account to `shop` of the target's."""

from __future__ import annotations

import json
from typing import Any

from sandbox.sls import Role
from tests.contract.sls.world import ENDPOINT, SOURCE, TARGET, World

READER = f"acs:ram::{SOURCE.id}:role/etl-reader"
WRITER = f"acs:ram::{TARGET.id}:role/etl-writer"
RESIDENT = {"type": "Resident"}
READS = [
    "log:ListShards",
    "log:GetCursorOrData",
    "log:GetConsumerGroupCheckPoint",
    "log:UpdateConsumerGroup",
    "log:ConsumerGroupHeartBeat",
    "log:ConsumerGroupUpdateCheckPoint",
    "log:ListConsumerGroup",
    "log:CreateConsumerGroup",
]


def statement(actions: Any, resources: Any, effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Action": actions, "Resource": resources}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "1", "Statement": list(statements)}


def trust(*services: str) -> dict[str, Any]:
    principal = {"Service": list(services)}
    return policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal})


def reader(actions: Any = READS, service: str = "log.aliyuncs.com") -> Role:
    logstore = "acs:log:*:*:project/web/logstore/app"
    return Role.of(READER, trust(service), policy(statement(actions, [logstore, f"{logstore}/*"])))


def writer(
    actions: Any = ("log:Post*", "log:BatchPost*"), service: str = "", logstore: str = "copy"
) -> Role:
    trusted = trust(service or f"{SOURCE.id}@log.aliyuncs.com")
    where = f"acs:log:*:*:project/shop/logstore/{logstore}"
    return Role.of(WRITER, trusted, policy(statement(list(actions), where)))


def sink(**more: Any) -> dict[str, Any]:
    place = {"name": "a", "endpoint": ENDPOINT, "project": "shop", "logstore": "copy"}
    return place | {"type": "AliyunLOG", "roleArn": WRITER} | more


def configuration(**more: Any) -> dict[str, Any]:
    keys = {"accessKeyId": "", "accessKeySecret": "", "parameters": {}, "version": 2}
    window = {"fromTime": 0, "toTime": 0}
    made = {"logstore": "app", "roleArn": READER, "script": "", "sinks": [sink()]}
    return keys | window | made | more


class Copying(World):
    """Logstores `web/app` and `shop/copy` and both roles; `etl` is a client's way to `/etls`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.take_on(reader(), writer())
        self.target.create_project("shop", "the copies")
        self.target.create_logstore("shop", "copy")
        self.logstore(index=False)

    def take_on(self, *roles: Role) -> None:
        self.server.state.roles |= {role.arn: role for role in roles}

    def make(self, name: str = "copy", client: Any = None, **more: Any) -> None:
        config = configuration(**more)
        (client or self.source).create_etl("web", name, config, RESIDENT, "the copy", "all of it")

    def running(self, name: str = "copy", **more: Any) -> None:
        """Make a job and let it start."""
        self.make(name, **more)
        self.clock.forward(20)

    def arrive(self, count: int, **more: Any) -> int:
        """Write lines and let them come to the runner; returns the second of the write."""
        second = self.write(count, **more)
        self.clock.forward(4)
        return second

    def job(self, name: str = "copy") -> dict[str, Any]:
        return self.source.get_etl("web", name).get_etl()

    def status(self, name: str = "copy") -> str:
        return self.job(name)["status"]

    def why(self, name: str = "copy") -> str:
        """Why the last run failed, which no call tells."""
        return self.server.state.projects["web"].jobs[name].failure

    def restart(self, name: str = "copy", **more: Any) -> tuple[int, dict[str, str], Any]:
        job = {"name": name, "displayName": "", "type": "ETL", "schedule": RESIDENT}
        body = json.dumps(job | {"configuration": configuration(**more)}).encode()
        return self.send("PUT", f"/jobs/{name}", body, params={"action": "RESTART"})

    def groups(self) -> dict[str, Any]:
        return self.server.state.projects["web"].logstores["app"].consumer_groups

    def copied(self) -> list[dict[str, str]]:
        """The lines in `shop/copy`."""
        lines = []
        for shard in self.target.list_shards("shop", "copy").get_shards_info():
            number = shard["shardID"]
            start = self.target.get_begin_cursor("shop", "copy", number).get_cursor()
            answer = self.target.pull_logs("shop", "copy", number, start)
            lines += answer.get_flatten_logs_json()
        return lines

    def messages(self) -> list[str]:
        """What the lines in `shop/copy` say, in alphabetical order."""
        return sorted(line["message"] for line in self.copied())

    def etl(self, method: str, path: str = "", body: Any = None, **params: str) -> Any:
        """A call of `/etls` through the official client; returns the answer's body."""
        raw = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "x-log-bodyrawsize": str(len(raw or b""))}
        return self.source._send(method, "web", raw, f"/etls{path}", params, headers)[0]
