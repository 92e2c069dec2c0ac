"""A delivered collection config as the agent understands it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.hosts.parse import LineRule, line_rule
from sandbox.hosts.refusal import NotCollectable

if TYPE_CHECKING:
    from sandbox.sls.door import Delivered

TAIL_KB = 1024  # FileReaderOptions.cpp: default on Linux
MAX_DEPTH = 1000  # the server's default

# Each would change which lines are shipped or how they look; ignoring one would be a lie.
NOT_MODELLED = (
    "dockerFile",
    "plugin",
    "sensitive_keys",
    "filterKey",
    "tailExisted",
    "customizedFields",
    "discardNonUtf8",
)
UNDERSTOOD_ADVANCED = {"force_multiconfig", "tail_size_kb"}
# Speed and memory only: no effect on which lines arrive.
HARMLESS_ADVANCED = {
    "batch_send_interval",
    "close_unused_reader_interval",
    "max_rotate_queue_size",
    "search_checkpoint_dir_depth",
}


@dataclass(frozen=True)
class Config:
    """Which files, how read, to which logstore of whom. `base` is a path as the host sees it."""

    key: str
    account: str
    project: str
    logstore: str
    create_time: int
    base: str
    pattern: str
    max_depth: int
    forced: bool
    tail_bytes: int
    topic_is_path: bool
    rule: LineRule


def read_config(delivered: Delivered) -> Config:
    """Return the config; NotCollectable names what is missing or not modelled."""
    detail: dict[str, Any] = delivered.body.get("inputDetail") or {}
    _refuse(delivered.body, detail)
    advanced = detail.get("advanced") or {}
    return Config(
        key=delivered.key,
        account=delivered.account,
        project=delivered.project,
        logstore=_present(delivered.body.get("outputDetail") or {}, "logstoreName"),
        create_time=delivered.create_time,
        base=os.path.normpath("/" + _present(detail, "logPath").lstrip("/")),
        pattern=_present(detail, "filePattern"),
        max_depth=int(detail.get("maxDepth", MAX_DEPTH)),
        forced=advanced.get("force_multiconfig") is True,
        tail_bytes=int(advanced.get("tail_size_kb", TAIL_KB)) * 1024,
        topic_is_path=detail.get("topicFormat") == "default",
        rule=line_rule(detail),
    )


def _present(part: dict[str, Any], name: str) -> str:
    value = part.get(name)
    if not value:
        raise NotCollectable(f"{name} is missing")
    return str(value)


def _refuse(body: dict[str, Any], detail: dict[str, Any]) -> None:
    if "inputs" in body:
        raise NotCollectable("pipeline configs are delivered but not modelled; use /configs")
    if body.get("inputType") != "file":
        raise NotCollectable(f"inputType {body.get('inputType')!r} is not modelled; use file")
    if asked := [name for name in NOT_MODELLED if detail.get(name)]:
        raise NotCollectable(f"inputDetail.{asked[0]} is not modelled")
    if detail.get("logBeginRegex") not in (None, "", ".*"):
        raise NotCollectable("logBeginRegex other than .* (records of several lines)")
    if detail.get("topicFormat") not in (None, "", "none", "default"):
        raise NotCollectable(f"topicFormat {detail['topicFormat']!r} is not modelled; use none")
    if any(mark in str(detail.get("logPath", "")) for mark in "*?["):
        raise NotCollectable(f"logPath {detail['logPath']!r}: wildcards are not modelled")
    _refuse_advanced(detail.get("advanced") or {})


def _refuse_advanced(advanced: dict[str, Any]) -> None:
    known = UNDERSTOOD_ADVANCED | HARMLESS_ADVANCED
    if asked := [name for name, value in advanced.items() if value and name not in known]:
        raise NotCollectable(f"inputDetail.advanced.{asked[0]} is not modelled")
