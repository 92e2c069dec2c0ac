"""A config of the `/pipelineconfigs` family: one input_file, native processors, one flusher_sls."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sandbox.hosts.classic import absolute, bare
from sandbox.hosts.config import Config, flush_seconds, tail_bytes
from sandbox.hosts.line import LineRule
from sandbox.hosts.options import Options
from sandbox.hosts.parse import encoding
from sandbox.hosts.paths import Blacklist, FilePath
from sandbox.hosts.processors import processor
from sandbox.hosts.records import Records, line_pattern
from sandbox.hosts.refusal import NotCollectable
from sandbox.hosts.topics import Topic, pipeline_topic

if TYPE_CHECKING:
    from sandbox.sls.door import Delivered

SEVERAL_PATHS_SINCE = (3, 2, 6)
MOST_PATHS = 10  # max_file_paths_per_input_config
ANY_DEPTH = "/**"


def pipeline_config(delivered: Delivered, release: tuple[int, ...]) -> Config:
    """Return what the pipeline means; NotCollectable names what is missing or not modelled."""
    body = delivered.body
    if body.get("aggregators"):
        raise NotCollectable("aggregators are not modelled")
    options = Options(_the(body, "inputs", "input_file"), "input")
    processors = body.get("processors") or []
    steps = tuple(step for plugin in processors for step in processor(plugin))
    coding = encoding(options.take("FileEncoding", str))
    config = Config(
        key=delivered.key,
        account=delivered.account,
        project=delivered.project,
        logstore=_logstore(body),
        create_time=delivered.create_time,
        paths=_paths(options, release),
        rule=LineRule(steps, coding),
        flush_after=options.take("FlushTimeoutSecs", int, flush_seconds(release)),
        blacklist=_blacklist(options),
        forced=options.take("AllowingIncludedByMultiConfigs", bool, default=False),
        tail_bytes=tail_bytes(options.take("TailSizeKB", int)),
        tail_all=options.take("TailingAllMatchedFiles", bool, default=False),
        records=_records(options.take("Multiline", dict, {}), release, coding),
        topic=_topic(body.get("global") or {}, processors),
        position_meta=options.take("AppendingLogPositionMeta", bool, default=False),
    )
    options.ignore("CloseUnusedReaderIntervalSec", "RotatorQueueSize", "PreservedDirDepth")
    options.ignore("ReadDelayAlertThresholdBytes", "MaxCheckpointDirSearchDepth")
    options.end()
    return config


def _the(body: dict[str, Any], part: str, kind: str) -> dict[str, Any]:
    """Return the one plugin of a part. Source: CollectionConfig.cpp (one native input)."""
    plugins: list[dict[str, Any]] = body.get(part) or []
    if len(plugins) != 1 or plugins[0].get("Type") != kind:
        found = [plugin.get("Type") for plugin in plugins]
        raise NotCollectable(f"{part} {found} are not modelled; use one {kind}")
    return plugins[0]


def _logstore(body: dict[str, Any]) -> str:
    options = Options(_the(body, "flushers", "flusher_sls"), "flusher")
    logstore: str = options.need("Logstore", str)
    # Where it goes is said by the config's own project; the rest is about speed.
    options.ignore("Endpoint", "Region", "Project", "Aliuid", "CompressType", "Batch")
    options.ignore("MaxSendRate", "FlowControlExpireTime", "ShardHashKeys")
    if options.take("TelemetryType", str, "logs") not in ("", "logs"):
        raise NotCollectable("flusher_sls: TelemetryType other than logs is not modelled")
    options.end()
    return logstore


def _paths(options: Options, release: tuple[int, ...]) -> tuple[FilePath, ...]:
    """Return up to ten paths from 3.2.6 on, one before. Source: FileDiscoveryOptions.cpp Init."""
    paths: list[str] = options.need("FilePaths", list)
    depth: int = options.take("MaxDirSearchDepth", int, 0)
    most = MOST_PATHS if release >= SEVERAL_PATHS_SINCE else 1
    if not 1 <= len(paths) <= most:
        raise NotCollectable(f"FilePaths: {len(paths)} paths; an agent of this age takes {most}")
    return tuple(_path(path, depth) for path in paths)


def _path(path: str, depth: int) -> FilePath:
    """Split a path; MaxDirSearchDepth counts only where the folder ends in `/**`.

    Source: FileDiscoveryOptions.cpp Init. A relative path is refused here.
    """
    folder, _, name = os.path.normpath(path).rpartition("/")
    if not path.startswith("/") or not name:
        raise NotCollectable(f"FilePaths: {path!r} is not an absolute path of files")
    if folder.endswith(ANY_DEPTH):
        return FilePath(folder.removesuffix(ANY_DEPTH) or "/", name, depth)
    return FilePath(folder or "/", name, 0)


def _blacklist(options: Options) -> Blacklist:
    """Return what is left out. Source: FileDiscoveryOptions.cpp Init."""
    folders = absolute(options.take("ExcludeDirs", list, []), "ExcludeDirs")
    files = absolute(options.take("ExcludeFilePaths", list, []), "ExcludeFilePaths")
    return Blacklist(folders, files, bare(options.take("ExcludeFiles", list, [])))


def _records(part: dict[str, Any], release: tuple[int, ...], coding: str) -> Records:
    """Return how records begin, go on and end. Source: MultilineOptions.cpp Init.

    A continue pattern alone says nothing; beside both others it is left out.
    """
    options = Options(part, "input Multiline")
    if (mode := options.take("Mode", str, "custom")) not in ("", "custom"):
        raise NotCollectable(f"Multiline.Mode {mode!r} is not modelled; use custom")
    names = ("StartPattern", "ContinuePattern", "EndPattern")
    begin, go_on, end = (line_pattern(options.take(one, str, ""), release) for one in names)
    treatment = options.take("UnmatchedContentTreatment", str, "single_line")
    options.ignore("IgnoringUnmatchWarning")
    options.end()
    only = (begin is None and end is None) or (begin is not None and end is not None)
    return Records(begin, None if only else go_on, end, treatment != "discard", coding)


def _topic(part: dict[str, Any], processors: list[dict[str, Any]]) -> Topic:
    options = Options(
        {name: value for name, value in part.items() if "Topic" not in name}, "global"
    )
    options.ignore("UsingOldContentTag", "Priority")
    options.end()  # EnableTimestampNanosecond among others: times have whole seconds here
    first = processors[0].get("Type") if processors else ""
    return pipeline_topic(part, apsara=first == "processor_parse_apsara_native")
