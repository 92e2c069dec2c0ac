"""The shards of a logstore: list, split, merge, delete."""

from __future__ import annotations

import re
from typing import Any

from sandbox.sls import errors
from sandbox.sls.call import EMPTY, Call, Reply, as_json
from sandbox.sls.shards import LAST_KEY, Shard

_KEY = re.compile(r"[0-9a-fA-F]{32}")
PARTS = 2
_NUMBER = re.compile(r"[0-9]{1,9}")


def list_(call: Call) -> Reply:
    """ListShards, read-only ones too, by number."""
    return _reply(call.ready_logstore.layout.shards)


def split(call: Call) -> Reply:
    """SplitShard at `key`, or into `shardCount` equal parts; answers the parent, then those."""
    logstore, key = call.ready_logstore, call.request.query.get("key")
    parts = call.request.whole("shardCount", PARTS)
    if parts < PARTS or (key is not None and parts != PARTS):
        raise errors.parameter("shardCount must be 2 or more, and with a key 2")
    if key is not None and not _KEY.fullmatch(key):
        raise errors.parameter("invalid mid hash")
    call.project.check_shards(parts - 1, call.state.limits.shards)
    middle = None if key is None else int(key, 16)
    return _reply(logstore.split(_number(call), middle, call.now, parts))


def merge(call: Call) -> Reply:
    """MergeShards: the shard and its right neighbour; answers the new one, then the former two."""
    return _reply(call.ready_logstore.merge(_number(call), call.now))


def delete(call: Call) -> Reply:
    """DeleteShard, a read-only one with its lines."""
    call.ready_logstore.delete_shard(_number(call))
    return EMPTY


def _number(call: Call) -> int:
    text = call.names["shard"]
    if not _NUMBER.fullmatch(text):
        raise errors.parameter("invalid shard id")
    return int(text)


def _reply(shards: list[Shard]) -> Reply:
    return as_json([_shape(shard) for shard in shards])


def _shape(shard: Shard) -> dict[str, Any]:
    return {
        "shardID": shard.number,
        "status": "readwrite" if shard.writable else "readonly",
        "inclusiveBeginKey": f"{shard.start:032x}",
        "exclusiveEndKey": f"{min(shard.end, LAST_KEY):032x}",
        "createTime": int(shard.created),
    }
