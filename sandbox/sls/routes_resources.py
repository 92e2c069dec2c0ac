"""Projects, logstores, shards, indexes and tags."""

from __future__ import annotations

from sandbox.sls.calls import indexes, logstores, projects, shards, tags
from sandbox.sls.route import Route

_TAGS = ("content-type", "x-log-bodyrawsize")
_L = "/logstores/{logstore}"
_RL = "logstore/{logstore}"
_ALL_L = "logstore/*"

RESOURCES: tuple[Route, ...] = (
    Route("GET", "/", projects.list_, "log:ListProject", scope="account"),
    Route("GET", "/", projects.get, "log:GetProject"),
    Route("POST", "/", projects.create, "log:CreateProject", body="json", scope="new", writes=True),
    Route(
        "POST", "/", projects.create, "log:CreateProject",
        body="json", scope="account", writes=True,
    ),
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
        "POST", f"{_L}/shards/{{shard}}", shards.split, "log:SplitShard", _RL,
        verb="split", writes=True,
    ),
    Route(
        "POST", f"{_L}/shards/{{shard}}", shards.merge, "log:MergeShard", _RL,
        verb="merge", writes=True,
    ),
    Route(
        "DELETE", f"{_L}/shards/{{shard}}", shards.delete, "log:DeleteShard", _RL, writes=True
    ),
    Route("GET", "/tags", tags.list_projects, "log:ListTagResources", scope="account"),
    Route("GET", "/tags", tags.list_, "log:ListTagResources"),
    Route(
        "POST", "/tag", tags.tag, "log:TagResources", body="json", writes=True, optional=_TAGS
    ),
    Route(
        "POST", "/untag", tags.untag, "log:UntagResources",
        body="json", writes=True, optional=_TAGS,
    ),
)  # fmt: skip
