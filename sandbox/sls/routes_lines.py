"""Lines: put, pulled, searched, consumed by groups, and copied by jobs."""

from __future__ import annotations

from sandbox.sls.calls import alerts, consumer_groups, etls, jobs, logs, searches
from sandbox.sls.route import Route

_CG = "/logstores/{logstore}/consumergroups"
_ONE = f"{_CG}/{{consumer_group}}"
_RCG = "logstore/{logstore}/consumergroup"
_RONE = f"{_RCG}/{{consumer_group}}"
_J = "/jobs/{job}"
_E = "/etls/{job}"
_RJ = "job/{job}"
_ALL_J = "job/*"
_L = "/logstores/{logstore}"
_RL = "logstore/{logstore}"

LINES: tuple[Route, ...] = (
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
    Route("GET", _CG, consumer_groups.list_, "log:ListConsumerGroup", f"{_RCG}/*"),
    Route(
        "POST", _CG, consumer_groups.create, "log:CreateConsumerGroup", f"{_RCG}/*",
        body="json", writes=True,
    ),
    Route(
        "PUT", _ONE, consumer_groups.update, "log:UpdateConsumerGroup", _RONE,
        body="json", writes=True,
    ),
    Route("DELETE", _ONE, consumer_groups.delete, "log:DeleteConsumerGroup", _RONE, writes=True),
    Route("GET", _ONE, consumer_groups.checkpoints, "log:GetConsumerGroupCheckPoint", _RONE),
    Route(
        "POST", _ONE, consumer_groups.checkpoint, "log:ConsumerGroupUpdateCheckPoint", _RONE,
        kinds=("checkpoint",), body="json", writes=True, optional=("x-log-bodyrawsize",),
    ),
    Route(
        "POST", _ONE, consumer_groups.heartbeat, "log:ConsumerGroupHeartBeat", _RONE,
        kinds=("heartbeat",), body="json", writes=True, optional=("x-log-bodyrawsize",),
    ),
    Route(
        "GET", _L, searches.histogram, "log:GetLogStoreHistogram", _RL,
        kinds=("histogram",), locked=False,
    ),
    Route(
        "GET", f"{_L}/index", searches.histogram, "log:GetLogStoreHistogram", _RL,
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
    Route("GET", "/jobs", jobs.list_, "log:ListJobs", _ALL_J),
    Route("POST", "/jobs", jobs.create, "log:CreateJob", _ALL_J, body="json", writes=True),
    Route("GET", _J, jobs.get, "log:GetJob", _RJ),
    Route("PUT", _J, jobs.start, "log:UpdateJob", _RJ, verb="START", writes=True),
    Route("PUT", _J, jobs.stop, "log:UpdateJob", _RJ, verb="STOP", writes=True),
    Route(
        "PUT", _J, jobs.restart, "log:UpdateJob", _RJ, verb="RESTART", body="json", writes=True
    ),
    Route("PUT", _J, alerts.enable, "log:UpdateJob", _RJ, verb="enable", writes=True),
    Route("PUT", _J, alerts.disable, "log:UpdateJob", _RJ, verb="disable", writes=True),
    Route("PUT", _J, jobs.update, "log:UpdateJob", _RJ, body="json", writes=True),
    Route("DELETE", _J, jobs.delete, "log:DeleteJob", _RJ, writes=True),
    # RAM knows no single job of this family either.
    Route("GET", "/etls", etls.list_, "log:ListETLs", whole=True),
    Route("POST", "/etls", etls.create, "log:CreateETL", body="json", writes=True, whole=True),
    Route("GET", _E, etls.get, "log:GetETL", whole=True),
    Route("PUT", _E, jobs.start, "log:StartETL", verb="START", writes=True, whole=True),
    Route("PUT", _E, jobs.stop, "log:StopETL", verb="STOP", writes=True, whole=True),
    Route("PUT", _E, etls.update, "log:UpdateETL", body="json", writes=True, whole=True),
    Route("DELETE", _E, jobs.delete, "log:DeleteETL", writes=True, whole=True),
)  # fmt: skip
