"""A config of the `/configs` family: inputDetail and outputDetail."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sandbox.hosts.config import Config, flush_seconds, tail_bytes
from sandbox.hosts.parse import encoding, line_rule
from sandbox.hosts.paths import Blacklist, FilePath
from sandbox.hosts.records import Records, line_pattern
from sandbox.hosts.refusal import NotCollectable
from sandbox.hosts.topics import classic_topic

if TYPE_CHECKING:
    from sandbox.sls.door import Delivered

MAX_DEPTH = 1000  # the server's default
FORCED_SINCE = (1, 1)  # core/config/UserLogConfigParser.cpp: not in 1.0.34, in 1.1.0

# Each would change which lines are shipped or how they look; ignoring one would be a lie.
NOT_MODELLED = ("dockerFile", "plugin", "customizedFields", "delaySkipBytes")
UNDERSTOOD_ADVANCED = {
    "blacklist",
    "enable_log_position_meta",
    "extract_partial_fields",
    "force_multiconfig",
    "raw_log_tag",
    "specified_year",
    "tail_size_kb",
}
# Speed and memory only: no effect on which lines arrive.
HARMLESS_ADVANCED = {
    "batch_send_interval",
    "close_unused_reader_interval",
    "max_rotate_queue_size",
    "search_checkpoint_dir_depth",
}


def classic_config(delivered: Delivered, release: tuple[int, ...]) -> Config:
    """Return what the config means; NotCollectable names what is missing or not modelled."""
    detail: dict[str, Any] = delivered.body.get("inputDetail") or {}
    _refuse(delivered.body, detail)
    advanced = detail.get("advanced") or {}
    base = os.path.normpath("/" + present(detail, "logPath").lstrip("/"))
    name, depth = present(detail, "filePattern"), int(detail.get("maxDepth", MAX_DEPTH))
    return Config(
        key=delivered.key,
        account=delivered.account,
        project=delivered.project,
        logstore=present(delivered.body.get("outputDetail") or {}, "logstoreName"),
        create_time=delivered.create_time,
        paths=(FilePath(base, name, depth),),
        rule=line_rule(detail),
        flush_after=flush_seconds(release),
        blacklist=_blacklist(advanced.get("blacklist") or {}),
        forced=release >= FORCED_SINCE and advanced.get("force_multiconfig") is True,
        tail_bytes=tail_bytes(advanced.get("tail_size_kb")),
        tail_all=detail.get("tailExisted") is True,
        records=_records(detail, release),
        topic=classic_topic(detail, delivered.group_topic),
        position_meta=advanced.get("enable_log_position_meta") is True,
    )


def present(part: dict[str, Any], name: str) -> str:
    """Return an option that a config cannot do without."""
    value = part.get(name)
    if not value:
        raise NotCollectable(f"{name} is missing")
    return str(value)


def _records(detail: dict[str, Any], release: tuple[int, ...]) -> Records:
    """Return records that begin at logBeginRegex; discardUnmatch is about lines before them too.

    Source: LogFileReader.cpp of 1.8.8, SetLogMultilinePolicy and handleUnmatchLogs.
    """
    return Records(
        begin=line_pattern(detail.get("logBeginRegex") or "", release),
        keep_unmatched=not detail.get("discardUnmatch", True),
        encoding=encoding(detail.get("fileEncoding")),
    )


def _blacklist(part: dict[str, Any]) -> Blacklist:
    """Return advanced.blacklist. Source: UserLogConfigParser.cpp ParseBlacklist."""
    folders = absolute(part.get("dir_blacklist") or [], "dir_blacklist")
    files = absolute(part.get("filepath_blacklist") or [], "filepath_blacklist")
    return Blacklist(folders, files, bare(part.get("filename_blacklist") or []))


def absolute(paths: list[str], option: str) -> tuple[str, ...]:
    """Return paths of a blacklist; one that is not absolute is refused."""
    if wrong := [path for path in paths if not path.startswith("/")]:
        raise NotCollectable(f"{option}: {wrong[0]!r} is not absolute")
    return tuple(path.rstrip("/") for path in paths)


def bare(names: list[str]) -> tuple[str, ...]:
    """Return file names of a blacklist; one with a slash is refused."""
    if wrong := [name for name in names if "/" in name]:
        raise NotCollectable(f"file name {wrong[0]!r} in a blacklist has a slash")
    return tuple(names)


def _refuse(body: dict[str, Any], detail: dict[str, Any]) -> None:
    if body.get("inputType") != "file":
        raise NotCollectable(f"inputType {body.get('inputType')!r} is not modelled; use file")
    if asked := [name for name in NOT_MODELLED if detail.get(name)]:
        raise NotCollectable(f"inputDetail.{asked[0]} is not modelled")
    known = UNDERSTOOD_ADVANCED | HARMLESS_ADVANCED
    advanced = detail.get("advanced") or {}
    if asked := [name for name, value in advanced.items() if value and name not in known]:
        raise NotCollectable(f"inputDetail.advanced.{asked[0]} is not modelled")
