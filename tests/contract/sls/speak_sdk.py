"""The official SDK as a speaker, in either signature version."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aliyun.log import (
    GetHistogramsRequest,
    IndexConfig,
    LogClient,
    LogException,
    LogItem,
    MachineGroupDetail,
    PutLogsRequest,
)
from aliyun.log.logtail_config_detail import LogtailConfigGenerator
from aliyun.log.logtail_pipeline_config_detail import LogtailPipelineConfigDetail

from sandbox.sls import Key
from tests.contract.sls.speakers import PROJECT, Noun, Page, Refused

CREATE = {
    Noun.CONFIG: "create_logtail_config",
    Noun.PIPELINE: "create_logtail_pipeline_config",
    Noun.GROUP: "create_machine_group",
}
GET = {
    Noun.LOGSTORE: "get_logstore",
    Noun.CONFIG: "get_logtail_config",
    Noun.PIPELINE: "get_logtail_pipeline_config",
    Noun.GROUP: "get_machine_group",
}
LIST = {
    Noun.LOGSTORE: ("list_logstore", "logstore_name_pattern"),
    Noun.CONFIG: ("list_logtail_config", "config"),
    Noun.PIPELINE: ("list_logtail_pipeline_config", "config_name"),
    Noun.GROUP: ("list_machine_group", "part"),  # it knows no filter, and says so
}


class OverSdk:
    """An unmodified `LogClient`, except that by address it must be told so."""

    def __init__(self, key: Key, endpoint: str, *, address: bool = False, **signing: str) -> None:
        self.client: Any = LogClient(endpoint, key.id, key.secret, source="10.0.0.1", **signing)
        if address:
            self.client._isRowIp = True  # an address with a port is not taken for an address

    def close(self) -> None:
        self.client._session.close()

    def create_project(self, name: str, text: str) -> None:
        self._call("create_project", name, text)

    def project(self, name: str) -> dict[str, Any]:
        return dict(self._call("get_project", name).get_body())

    def projects(self, **page: Any) -> Page:
        answer = self._call("list_project", **_renamed(page, "project_name_pattern"))
        names = tuple(project["projectName"] for project in answer.get_projects())
        return Page(names, answer.get_count(), answer.get_total())

    def delete_project(self, name: str) -> None:
        self._call("delete_project", name)

    def create(self, noun: Noun, body: dict[str, Any]) -> None:
        if noun is Noun.LOGSTORE:
            name, ttl, shards = (body[key] for key in ("logstoreName", "ttl", "shardCount"))
            self._call("create_logstore", PROJECT, name, ttl, shards)
        else:
            self._call(CREATE[noun], PROJECT, _detail(noun, body))

    def get(self, noun: Noun, name: str) -> dict[str, Any]:
        return dict(self._call(GET[noun], PROJECT, name).get_body())

    def page(self, noun: Noun, **page: Any) -> Page:
        method, filtered = LIST[noun]
        said = self._call(method, PROJECT, **_renamed(page, filtered)).get_body()
        return Page(tuple(said.get(noun.listed, ())), said["count"], said["total"])

    def delete(self, noun: Noun, name: str) -> None:
        self._call(GET[noun].replace("get", "delete"), PROJECT, name)

    def create_index(self, logstore: str, body: dict[str, Any]) -> None:
        detail = IndexConfig()
        detail.from_json(body)
        self._call("create_index", PROJECT, logstore, detail)

    def index(self, logstore: str) -> dict[str, Any]:
        return dict(self._call("get_index_config", PROJECT, logstore).get_body())

    def delete_index(self, logstore: str) -> None:
        self._call("delete_index", PROJECT, logstore)

    def apply(self, config: str, group: str) -> None:
        self._call("apply_config_to_machine_group", PROJECT, config, group)

    def remove(self, config: str, group: str) -> None:
        self._call("remove_config_to_machine_group", PROJECT, config, group)

    def configs_of(self, group: str) -> list[str]:
        return list(self._call("get_machine_group_applied_configs", PROJECT, group).get_configs())

    def groups_of(self, config: str) -> list[str]:
        answer = self._call("get_config_applied_machine_groups", PROJECT, config)
        return list(answer.get_machine_groups())

    def machines(self, group: str) -> list[dict[str, Any]]:
        return list(self._call("list_machines", PROJECT, group).get_body()["machines"])

    def put(self, logstore: str, moment: int, texts: list[str]) -> None:
        items = [LogItem(moment, contents=[("message", text)]) for text in texts]
        self._call("put_logs", PutLogsRequest(PROJECT, logstore, logitems=items, compress=True))

    def pull(self, logstore: str) -> list[str]:
        texts = []
        for shard in self._call("list_shards", PROJECT, logstore).get_shards_info():
            where = (PROJECT, logstore, shard["shardID"])
            start = self._call("get_begin_cursor", *where).get_cursor()
            lines = self._call("pull_logs", *where, start).get_flatten_logs_json()
            texts += [line["message"] for line in lines]
        return texts

    def search(self, logstore: str, start: int, end: int, query: str) -> list[str]:
        answer = self._call("get_log", PROJECT, logstore, start, end, query=query)
        return [line.get_contents()["message"] for line in answer.get_logs()]

    def count(self, logstore: str, start: int, end: int, query: str) -> int:
        request = GetHistogramsRequest(PROJECT, logstore, start, end, query=query)
        return int(self._call("get_histograms", request).get_total_count())

    def _call(self, method: str, *given: Any, **named: Any) -> Any:
        call: Callable[..., Any] = getattr(self.client, method)
        with _told():
            return call(*given, **named)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except LogException as error:
        said: Any = error
        code, text = said.get_error_code(), said.get_error_message()
        raise Refused(said.resp_status, code, text) from error


def _detail(noun: Noun, body: dict[str, Any]) -> Any:
    if noun is Noun.CONFIG:
        return LogtailConfigGenerator.from_json(body)
    if noun is Noun.PIPELINE:
        return LogtailPipelineConfigDetail.from_json(body)
    detail = MachineGroupDetail()
    detail.from_json(body)
    return detail


def _renamed(page: dict[str, Any], filtered: str) -> dict[str, Any]:
    return {filtered if name == "part" else name: value for name, value in page.items()}
