"""Collection configs of both forms, machine groups, and what is applied to what."""

from __future__ import annotations

from sandbox.sls.calls import configs, machine_groups, machines, pipelines
from sandbox.sls.route import Route

_P = "/pipelineconfigs/{config}"
_C = "/configs/{config}"
_G = "/machinegroups/{group}"
_RC = "logtailconfig/{config}"
_RG = "machinegroup/{group}"
_ALL_C = "logtailconfig/*"
_ALL_G = "machinegroup/*"

COLLECTION: tuple[Route, ...] = (
    Route("GET", "/configs", configs.list_, "log:ListConfig", _ALL_C),
    Route("POST", "/configs", configs.create, "log:CreateConfig", _ALL_C, body="json", writes=True),
    Route("GET", _C, configs.get, "log:GetConfig", _RC),
    Route("PUT", _C, configs.update, "log:UpdateConfig", _RC, body="json", writes=True),
    # Of all classic calls the newest documentation lets this one be granted on `*` only.
    Route("DELETE", _C, configs.delete, "log:DeleteConfig", _RC, writes=True, whole=True),
    Route(
        "GET", f"{_C}/machinegroups", machine_groups.applied_groups,
        "log:GetAppliedMachineGroups", _RC,
    ),
    # RAM knows no single pipeline config: a policy can only name them all.
    Route(
        "GET", "/pipelineconfigs", pipelines.list_, "log:ListLogtailPipelineConfig", whole=True
    ),
    Route(
        "POST", "/pipelineconfigs", pipelines.create, "log:CreateLogtailPipelineConfig",
        body="json", writes=True, whole=True,
    ),
    Route("GET", _P, pipelines.get, "log:GetLogtailPipelineConfig", whole=True),
    Route(
        "PUT", _P, pipelines.update, "log:UpdateLogtailPipelineConfig",
        body="json", writes=True, whole=True,
    ),
    Route(
        "DELETE", _P, pipelines.delete, "log:DeleteLogtailPipelineConfig",
        writes=True, whole=True,
    ),
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
    Route("GET", f"{_G}/machines", machines.list_, "log:ListMachines", _RG),
    Route(
        "PUT", f"{_G}/machines", machines.update, "log:UpdateMachineGroupMachine", _RG,
        body="json", writes=True,
    ),
    Route(
        "GET", f"{_G}/configs", machine_groups.applied_configs, "log:GetAppliedConfigs", _RG
    ),
    Route(
        "PUT", f"{_G}/configs/{{config}}", machine_groups.apply,
        "log:ApplyConfigToMachineGroup", _RG, writes=True, also=_RC,
    ),
    Route(
        "DELETE", f"{_G}/configs/{{config}}", machine_groups.remove,
        "log:RemoveConfigFromMachineGroup", _RG, writes=True, also=_RC,
    ),
)  # fmt: skip
