"""What `inputDetail` of a classic config says."""

from __future__ import annotations

from workflows.collection.of_pipeline import Parser, split
from workflows.collection.reach import Json, part, text, texts

WHOLE_LINE = "(.*)"
_DEPTH = 1000  # the service's default


def is_simple(detail: Json) -> bool:
    """Each line as one field; the console calls it simple mode."""
    regex = text(detail, "regex") or WHOLE_LINE
    return regex == WHOLE_LINE and texts(detail, "key") in ((), ("content",))


def own_time(detail: Json) -> bool:
    """An absent timeKey means `time` in regex mode, and no time in the others."""
    mode, key = text(detail, "logType"), text(detail, "timeKey")
    if mode == "apsara_log":
        return True
    if mode == "common_reg_log":
        key = key or "time"
    keys = split(texts(detail, "key")) if mode == "common_reg_log" else texts(detail, "key")
    made = mode not in ("common_reg_log", "delimiter_log") or key in keys
    return bool(text(detail, "timeFormat") and key) and made


def paths(detail: Json) -> tuple[tuple[str, str, int], ...]:
    folder, pattern = text(detail, "logPath"), text(detail, "filePattern")
    depth = detail.get("maxDepth")
    if not folder:
        return ()
    return ((folder, pattern, depth if isinstance(depth, int) else _DEPTH),)


def parser(body: Json) -> Parser | None:
    detail = part(body, "inputDetail")
    match text(detail, "logType"):
        case "common_reg_log":
            regex = text(detail, "regex") or WHOLE_LINE
            keys = split(texts(detail, "key")) or ("content",)
            return Parser("inputDetail", regex, keys, "content")
        case "delimiter_log":
            return Parser("inputDetail", "", texts(detail, "key"), "content")
    return None
