"""Bodies as people send them, without what the service fills in by itself."""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]


def file(mode: str, path: str = "/var/log/shop", pattern: str = "*.log", **detail: Any) -> Body:
    """A classic config that reads files."""
    place = {"logType": mode, "logPath": path, "filePattern": pattern, "topicFormat": "none"}
    return classic("file", place | detail)


def classic(kind: str, detail: Body, **output: Any) -> Body:
    return {
        "inputType": kind,
        "inputDetail": detail,
        "outputType": "LogService",
        "outputDetail": {"logstoreName": "app"} | output,
    }


def plugin(kind: str, options: Body, *processors: tuple[str, Body], **detail: Any) -> Body:
    """A classic config whose lines come from a plugin."""
    inputs = [{"type": kind, "detail": options}]
    steps = [{"type": step, "detail": about} for step, about in processors]
    parts = {"inputs": inputs} | ({"processors": steps} if steps else {})
    return classic("plugin", {"plugin": parts} | detail)


def pipeline(reads: Body, *processors: Body, **more: Any) -> Body:
    return {
        "inputs": [reads],
        "processors": [*processors],
        "flushers": [{"Type": "flusher_sls", "Logstore": "app"}],
    } | more


def files(*paths: str, **options: Any) -> Body:
    return {"Type": "input_file", "FilePaths": [*paths], **options}
