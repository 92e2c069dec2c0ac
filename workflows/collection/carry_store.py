"""The target's logstore and index, made of the source's."""

from __future__ import annotations

from typing import Any

from workflows.collection.cannot import CannotCarry
from workflows.collection.reach import Json, part, text
from workflows.collection.schema.nodes import READ_ONLY
from workflows.collection.schema.objects import INDEX, LOGSTORE
from workflows.model import Facts

MOST_SHARDS = 10  # CreateLogstore takes 1 to 10; a split source may have more
_SHARDS = 2  # the console's proposal
_TOKENS = [",", " ", "'", '"', ";", "=", "(", ")", "[", "]", "{", "}", "?", "@", "&"]
_TOKENS += ["<", ">", "/", ":", "\n", "\t", "\r"]
FULL_TEXT: Facts = {"line": {"token": _TOKENS, "caseSensitive": False, "chn": False}}
_ALL_HOT = -1  # read, and left out by the official client when it creates
# Each belongs to the source's account, so the target cannot have the same one.
_OWN_KEY, _PROCESSOR = "encrypt_conf.user_cmk_info", "processorId"


def logstore_body(source: Json, name: str, shards: int, *, is_there: bool) -> Facts:
    """With all documented settings; the service refuses a body with keys that it does not know.

    `is_there`: a person has made the target's logstore, so what cannot be carried is left to it.
    """
    body = {key: value for key, value in source.items() if _settable(key) and value is not None}
    if part(body, "encrypt_conf").get("enable") is not True:
        body.pop("encrypt_conf", None)
    if body.get("hot_ttl") == _ALL_HOT:
        del body["hot_ttl"]
    for path in _bound(source):
        if not is_there:
            raise _not_carried(source, path, name)
        body.pop(path.partition(".")[0], None)
    return {**body, "logstoreName": name, "shardCount": _shards(source, shards)}


def left_behind(source: Json) -> tuple[str, ...]:
    """Settings that nobody knows here: the service would refuse a body that has them."""
    return tuple(sorted(key for key in source if key not in LOGSTORE.known))


def _settable(key: str) -> bool:
    return LOGSTORE.known.get(key, READ_ONLY) is not READ_ONLY


def _bound(source: Json) -> list[str]:
    encryption = part(source, "encrypt_conf")
    own = encryption.get("enable") is True and bool(encryption.get("user_cmk_info"))
    return [_OWN_KEY] * own + [_PROCESSOR] * bool(source.get(_PROCESSOR))


def _not_carried(source: Json, path: str, name: str) -> CannotCarry:
    thing = f"logstore {text(source, 'logstoreName')}"
    hint = f"Create logstore {name} in the target by hand, with {{}} of its own; then Retry."
    if path == _OWN_KEY:
        key = part(source, "encrypt_conf", "user_cmk_info").get("cmk_key_id", "without an id")
        said = f"it is encrypted with the source account's KMS key {key}"
        return CannotCarry(thing, path, said, hint.format("a key"))
    said = f"what it receives goes through the source account's processor {source[_PROCESSOR]}"
    return CannotCarry(thing, path, said, hint.format("a processor"))


def _shards(source: Json, writable: int) -> int:
    said: Any = writable or source.get("shardCount")
    return max(1, min(said if isinstance(said, int) else _SHARDS, MOST_SHARDS))


def index_body(source: Json | None) -> Facts:
    """The source's as it is, or full text where it has none: without any the target counts nothing."""
    if source is None:
        return dict(FULL_TEXT)
    return {key: value for key, value in source.items() if INDEX.known.get(key) is not READ_ONLY}
