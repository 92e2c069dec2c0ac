"""Consumer groups: made, changed, told of consumers by heartbeats, and their checkpoints."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from sandbox.sls import errors
from sandbox.sls.call import EMPTY, Call, Reply, as_json
from sandbox.sls.consumer import ConsumerGroup
from sandbox.sls.logstore import Logstore
from sandbox.sls.tape import cursor_of

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,126}[A-Za-z0-9]")
_KEYS = frozenset({"consumerGroup", "timeout", "order"})
_OF_CHECKPOINT = frozenset({"shard", "checkpoint"})
_MICRO = 1_000_000


def create(call: Call) -> Reply:
    """CreateConsumerGroup."""
    logstore, body = call.ready_logstore, call.request.json_body()
    name = body.get("consumerGroup")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or "timeout" not in body:
        raise errors.consumer_group_invalid("consumerGroup or timeout is of error format")
    changes = _checked(body)
    if name in logstore.consumer_groups:
        raise errors.consumer_group_exists()
    if len(logstore.consumer_groups) >= call.state.limits.consumer_groups:
        raise errors.quota("consumer groups", call.state.limits.consumer_groups)
    order, timeout = changes.get("order", False), changes["timeout"]
    logstore.consumer_groups[name] = ConsumerGroup(name, order=order, timeout=timeout)
    return EMPTY


def update(call: Call) -> Reply:
    """UpdateConsumerGroup: timeout, order, or both."""
    group, body = _group(call), call.request.json_body()
    changes = _checked(body)
    if not changes or "consumerGroup" in body:
        raise errors.consumer_group_invalid("give timeout or order, and nothing else")
    group.timeout = changes.get("timeout", group.timeout)
    group.order = changes.get("order", group.order)
    return EMPTY


def delete(call: Call) -> Reply:
    """DeleteConsumerGroup with its checkpoints."""
    del call.ready_logstore.consumer_groups[_group(call).name]
    return EMPTY


def list_(call: Call) -> Reply:
    """ListConsumerGroup: a bare list, by name."""
    groups = sorted(call.ready_logstore.consumer_groups.values(), key=lambda group: group.name)
    return as_json([{"name": g.name, "timeout": g.timeout, "order": g.order} for g in groups])


def heartbeat(call: Call) -> Reply:
    """ConsumerGroupHeartBeat: from the shards held to the shards to hold."""
    group, held = _group(call), call.request.json_value()
    if not isinstance(held, list) or not all(_whole(shard) for shard in held):
        raise errors.consumer_group_invalid("the body must be a list of shards")
    shards = _shards(call.ready_logstore, group)
    return as_json(group.beat(_consumer(call), held, shards, call.now))


def checkpoint(call: Call) -> Reply:
    """ConsumerGroupUpdateCheckPoint; without forceSuccess only by who holds the shard."""
    group, body = _group(call), call.request.json_body()
    if unknown := body.keys() - _OF_CHECKPOINT:
        raise errors.consumer_group_invalid(f"unknown key {', '.join(sorted(unknown))}")
    shard, cursor = body.get("shard"), body.get("checkpoint")
    if not isinstance(shard, int) or not _whole(shard) or not isinstance(cursor, str):
        raise errors.consumer_group_invalid("shard must be a number and checkpoint a string")
    if not call.ready_logstore.layout.has(shard):
        raise errors.shard_missing("shard not exist")
    _check_base64(cursor)
    if not _forced(call):
        group.check_holder(_consumer(call), shard, call.now)
    group.keep(shard, cursor, call.now)
    return EMPTY


def checkpoints(call: Call) -> Reply:
    """GetCheckPoint of all shards or of one; an empty list when that one does not exist."""
    group, wanted = _group(call), call.request.query.get("shard")
    group.forget_silent(call.now)
    numbers = [shard.number for shard in call.ready_logstore.layout.shards]
    found = [_shape(group, n) for n in numbers if wanted in (None, str(n))]
    return as_json(found)


def _group(call: Call) -> ConsumerGroup:
    group = call.ready_logstore.consumer_groups.get(call.names["consumer_group"])
    if group is None:
        raise errors.consumer_group_missing()
    return group


def _shards(logstore: Logstore, group: ConsumerGroup) -> list[int]:
    """The shards to hand out; in order, one comes only after all that it was made of."""
    shards = logstore.layout.shards
    if not group.order:
        return [shard.number for shard in shards]
    unread = [
        shard
        for shard in shards
        if not shard.writable and not _read_up(logstore, group, shard.number)
    ]
    return [
        shard.number
        for shard in shards
        if not any(old.number < shard.number and old.overlaps(shard) for old in unread)
    ]


def _read_up(logstore: Logstore, group: ConsumerGroup, shard: int) -> bool:
    tape = logstore.tape(shard)
    return tape.end == tape.first or group.checkpoints.get(shard) == cursor_of(tape.end)


def _shape(group: ConsumerGroup, shard: int) -> dict[str, Any]:
    return {
        "shard": shard,
        "checkpoint": group.checkpoints.get(shard, ""),
        "updateTime": int(group.updated.get(shard, 0) * _MICRO),
        "consumer": group.holders.get(shard, ""),
    }


def _checked(body: dict[str, Any]) -> dict[str, Any]:
    if unknown := body.keys() - _KEYS:
        raise errors.consumer_group_invalid(f"unknown key {', '.join(sorted(unknown))}")
    timeout = body.get("timeout", 1)
    if not _whole(timeout) or timeout < 1:
        raise errors.consumer_group_invalid("timeout is of error value type")
    if not isinstance(body.get("order", False), bool):
        raise errors.consumer_group_invalid("order is of error value type")
    return {key: body[key] for key in ("timeout", "order") if key in body}


def _consumer(call: Call) -> str:
    name = call.request.query.get("consumer", "")
    if not name:
        raise errors.parameter("consumer is missing: give its name, or forceSuccess=true")
    return name


def _forced(call: Call) -> bool:
    # The official client writes Python's True.
    text = call.request.query.get("forceSuccess", "false").lower()
    if text not in ("true", "false"):
        raise errors.parameter(f"forceSuccess {text!r} must be true or false")
    return text == "true"


def _check_base64(cursor: str) -> None:
    try:
        base64.b64decode(cursor, validate=True)
    except (binascii.Error, ValueError) as error:
        raise errors.checkpoint_invalid() from error


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
