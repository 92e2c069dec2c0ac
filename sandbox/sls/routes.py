"""The table of endpoints: method, path, RAM action and resource, and the function that answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from sandbox.sls import errors
from sandbox.sls.call import Call, Reply
from sandbox.sls.calls import (
    configs,
    indexes,
    logs,
    logstores,
    machine_groups,
    pipelines,
    projects,
    searches,
    shards,
)
from sandbox.sls.requests import Request


@dataclass(frozen=True)
class Route:
    """One endpoint.

    `resource` is the end of the RAM resource; `kinds` are values of the query's `type` that
    lead here, `verb` that of its `action`; `scope` is `project`, `account` (a Host without a
    project) or `new` (a project about to be created); `locked` is off where the handler takes
    the lock itself.
    """

    method: str
    path: str
    answer: Callable[[Call], Reply]
    action: str
    resource: str = ""
    kinds: tuple[str, ...] = ()
    verb: str = ""
    body: str = ""
    scope: str = "project"
    writes: bool = False
    locked: bool = True

    @property
    def title(self) -> str:
        """How COVERAGE.md names it."""
        kind = f"?type={'/'.join(self.kinds)}" if self.kinds else ""
        kind += f"?action={self.verb}" if self.verb else ""
        return f"{self.method} {self.path}{kind}" + (" (account)" * (self.scope == "account"))

    def names(self, request: Request) -> dict[str, str] | None:
        """The variable parts of the path, or None when this is not the route."""
        if request.method != self.method or request.query.get("type", "") not in (
            self.kinds or ("",)
        ):
            return None
        if self.verb and request.query.get("action") != self.verb:
            return None
        if (self.scope == "account") != (not request.host.project):
            return None
        return match(self.path, request.raw_path)


def find(request: Request) -> tuple[Route, Mapping[str, str]]:
    """The route of a request and the names in its path; raises NotImplemented."""
    for route in ROUTES:
        names = route.names(request)
        if names is not None:
            return route, names
    asked = [
        f"{name}={request.query[name]}" for name in ("type", "action") if name in request.query
    ]
    raise errors.not_implemented(
        f"{request.method} {request.path}{'?' * bool(asked)}{'&'.join(asked)}"
        f"{'' if request.host.project else ' without a project in the Host'}"
    )


def match(pattern: str, raw_path: str) -> dict[str, str] | None:
    """The variable parts of a path that fits the pattern, or None."""
    wanted, given = pattern.split("/"), raw_path.split("/")
    if len(wanted) != len(given):
        return None
    names = {}
    for name, raw in zip(wanted, given, strict=True):
        if name.startswith("{"):
            names[name[1:-1]] = unquote(raw)
        elif name != raw:
            return None
    return names


_P = "/pipelineconfigs/{config}"
_L, _C, _G = "/logstores/{logstore}", "/configs/{config}", "/machinegroups/{group}"
_RL, _RC, _RG = "logstore/{logstore}", "logtailconfig/{config}", "machinegroup/{group}"
_ALL_L, _ALL_C, _ALL_G = "logstore/*", "logtailconfig/*", "machinegroup/*"

ROUTES: tuple[Route, ...] = (
    Route("GET", "/", projects.list_, "log:ListProject", scope="account"),
    Route("GET", "/", projects.get, "log:GetProject"),
    Route("POST", "/", projects.create, "log:CreateProject", body="json", scope="new", writes=True),
    Route("PUT", "/", projects.update, "log:UpdateProject", body="json", writes=True),
    Route("DELETE", "/", projects.delete, "log:DeleteProject", writes=True),
    Route("GET", "/logstores", logstores.list_, "log:ListLogStores", _ALL_L),
    Route(
        "POST", "/logstores", logstores.create, "log:CreateLogStore", _ALL_L,
        body="json", writes=True,
    ),
    Route("GET", _L, logstores.get, "log:GetLogStore", _RL),
    Route("PUT", _L, logstores.update, "log:UpdateLogStore", _RL, body="json", writes=True),
    Route("DELETE", _L, logstores.delete, "log:DeleteLogStore", _RL, writes=True),
    Route("GET", f"{_L}/shards", shards.list_, "log:ListShards", _RL),
    Route("GET", f"{_L}/index", indexes.get, "log:GetIndex", _RL),
    Route("POST", f"{_L}/index", indexes.create, "log:CreateIndex", _RL, body="json", writes=True),
    Route("PUT", f"{_L}/index", indexes.update, "log:UpdateIndex", _RL, body="json", writes=True),
    Route("DELETE", f"{_L}/index", indexes.delete, "log:DeleteIndex", _RL, writes=True),
    Route(
        "POST", f"{_L}/shards/lb", logs.put, "log:PostLogStoreLogs", _RL,
        body="protobuf", writes=True,
    ),
    Route(
        "POST", f"{_L}/shards/route", logs.put_by_key, "log:PostLogStoreLogs", _RL,
        body="protobuf", writes=True,
    ),
    Route(
        "GET", f"{_L}/shards/{{shard}}", logs.cursor, "log:GetCursorOrData", _RL,
        kinds=("cursor",),
    ),
    Route(
        "GET", f"{_L}/shards/{{shard}}", logs.cursor_time, "log:GetCursorOrData", _RL,
        kinds=("cursor_time",),
    ),
    Route(
        "GET", f"{_L}/shards/{{shard}}", logs.pull, "log:GetCursorOrData", _RL,
        kinds=("log", "logs"),
    ),
    Route(
        "POST", f"{_L}/shards/{{shard}}", shards.split, "log:SplitShard", _RL,
        verb="split", writes=True,
    ),
    Route(
        "POST", f"{_L}/shards/{{shard}}", shards.merge, "log:MergeShard", _RL,
        verb="merge", writes=True,
    ),
    Route(
        "GET", _L, searches.histogram, "log:GetLogStoreHistogram", _RL,
        kinds=("histogram",), locked=False,
    ),
    Route(
        "GET", _L, searches.logs_by_query, "log:GetLogStoreLogs", _RL,
        kinds=("log",), locked=False,
    ),
    Route(
        "POST", f"{_L}/logs", searches.logs, "log:GetLogStoreLogs", _RL,
        body="json", locked=False,
    ),
    Route("GET", "/configs", configs.list_, "log:ListConfig", _ALL_C),
    Route("POST", "/configs", configs.create, "log:CreateConfig", _ALL_C, body="json", writes=True),
    Route("GET", _C, configs.get, "log:GetConfig", _RC),
    Route("PUT", _C, configs.update, "log:UpdateConfig", _RC, body="json", writes=True),
    Route("DELETE", _C, configs.delete, "log:DeleteConfig", _RC, writes=True),
    Route(
        "GET", f"{_C}/machinegroups", machine_groups.applied_groups,
        "log:GetAppliedMachineGroups", _RC,
    ),
    # RAM knows no single pipeline config: a policy can only name them all.
    Route("GET", "/pipelineconfigs", pipelines.list_, "log:ListLogtailPipelineConfig"),
    Route(
        "POST", "/pipelineconfigs", pipelines.create, "log:CreateLogtailPipelineConfig",
        body="json", writes=True,
    ),
    Route("GET", _P, pipelines.get, "log:GetLogtailPipelineConfig"),
    Route("PUT", _P, pipelines.update, "log:UpdateLogtailPipelineConfig", body="json", writes=True),
    Route("DELETE", _P, pipelines.delete, "log:DeleteLogtailPipelineConfig", writes=True),
    Route("GET", "/machinegroups", machine_groups.list_, "log:ListMachineGroup", _ALL_G),
    Route(
        "POST", "/machinegroups", machine_groups.create, "log:CreateMachineGroup", _ALL_G,
        body="json", writes=True,
    ),
    Route("GET", _G, machine_groups.get, "log:GetMachineGroup", _RG),
    Route(
        "PUT", _G, machine_groups.update, "log:UpdateMachineGroup", _RG,
        body="json", writes=True,
    ),
    Route("DELETE", _G, machine_groups.delete, "log:DeleteMachineGroup", _RG, writes=True),
    Route("GET", f"{_G}/machines", machine_groups.machines, "log:ListMachines", _RG),
    Route(
        "GET", f"{_G}/configs", machine_groups.applied_configs, "log:GetAppliedConfigs", _RG
    ),
    Route(
        "PUT", f"{_G}/configs/{{config}}", machine_groups.apply,
        "log:ApplyConfigToMachineGroup", _RG, writes=True,
    ),
    Route(
        "DELETE", f"{_G}/configs/{{config}}", machine_groups.remove,
        "log:RemoveConfigFromMachineGroup", _RG, writes=True,
    ),
)  # fmt: skip
