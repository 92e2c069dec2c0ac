"""Log lines in and out: PutLogs, cursors, PullLogs."""

from __future__ import annotations

from sandbox.sls import errors, wire
from sandbox.sls.call import EMPTY, Call, Reply, as_json
from sandbox.sls.requests import NUMBER
from sandbox.sls.tape import Tape, cursor_of, list_bytes

MOST_GROUPS = 1000


def put(call: Call) -> Reply:
    """PutLogs to whichever shard is next."""
    _put(call, None)
    return EMPTY


def put_by_key(call: Call) -> Reply:
    """PutLogs to the shard that takes the hash key."""
    if "key" not in call.request.query:
        raise errors.parameter("key is missing: give the hash key, or use shards/lb")
    _put(call, call.request.query["key"])
    return EMPTY


def cursor(call: Call) -> Reply:
    """GetCursor by `from`: begin, end, or the second of receipt."""
    tape = _tape(call)
    start = call.request.query.get("from", "")
    if start == "begin":
        return as_json({"cursor": cursor_of(tape.first)})
    if start == "end":
        return as_json({"cursor": cursor_of(tape.end)})
    received = call.request.whole("from", -1)
    if received < 0:
        raise errors.parameter("from is missing: give begin, end or seconds since the epoch")
    return as_json({"cursor": cursor_of(tape.position(received))})


def cursor_time(call: Call) -> Reply:
    """GetCursorTime: when the group at the cursor was received."""
    tape = _tape(call)
    given = call.request.query.get("cursor", "")
    position = tape.cursor_position(given)
    if position == tape.end:
        raise errors.cursor_invalid(given)
    return as_json({"cursor_time": int(tape.group_at(position).received)})


def pull(call: Call) -> Reply:
    """PullLogs from a cursor on; needs no index and waits for none."""
    for name in ("query", "pullMode", "processor"):
        if name in call.request.query:
            raise errors.parameter(f"{name} is not understood by this sandbox: pull plainly")
    tape, query = _tape(call), call.request.query
    start = tape.cursor_position(query.get("cursor", ""))
    stop = tape.cursor_position(query["end_cursor"]) if query.get("end_cursor") else tape.end
    count = call.request.whole("count", MOST_GROUPS, most=MOST_GROUPS)
    groups, after = tape.read(start, stop, count, call.state.limits.pull_bytes)
    raw = list_bytes(groups)
    headers = {"x-log-cursor": cursor_of(after), "x-log-count": str(len(groups))}
    return packed(call, raw, headers, "application/x-protobuf")


def packed(call: Call, raw: bytes, headers: dict[str, str], kind: str) -> Reply:
    """A reply in the compression that the caller accepts, sized as before compression."""
    body, name = wire.compress(raw, call.request.headers.get("accept-encoding", ""))
    sizes = {"x-log-bodyrawsize": str(len(raw))} | ({"x-log-compresstype": name} if name else {})
    return Reply(body if raw else b"", headers | sizes, kind)


def _put(call: Call, key: str | None) -> None:
    request = call.request
    if not request.body:
        raise errors.post_body("the body is empty")
    kind = request.headers.get("x-log-compresstype", "")
    size, most = int(request.headers["x-log-bodyrawsize"]), call.state.limits.put_bytes
    if size > most:
        raise errors.post_too_large(most, call.state.limits.put_lines)
    raw = wire.decompress(request.body, kind, size)
    call.state.store(call.project, call.names["logstore"], raw, request.peer, key)


def _tape(call: Call) -> Tape:
    number = call.names["shard"]
    if not NUMBER.fullmatch(number):
        raise errors.parameter(f"shard {number[:99]!r} must be a number")
    return call.ready_logstore.tape(int(number))
