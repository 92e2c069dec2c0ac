"""One rule of the agent's model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """`function` is a dotted name, `test` a file of tests/unit and its test: `file::test`."""

    name: str
    says: str
    source: str
    function: str
    test: str
    versions: str = "all"


IDENTITY = "help: configure a user identifier"
HEARTBEAT = "help: heartbeat errors of machine groups"
FILES = "help: logtail-configuration-files-and-record-files"
LINUX = "help: loongcollector-management-linux"
MANAGER = "core/config_manager/ConfigManagerBase.cpp"
MONITOR = "core/monitor/Monitor.cpp"
SENDER = "core/sender/Sender.cpp"
FLUSHER = "core/plugin/flusher/sls/FlusherSLS.cpp"
READER = "core/file_server/reader/LogFileReader.cpp"
DISPATCHER = "core/file_server/EventDispatcher.cpp"
CHOOSER = "core/file_server/ConfigManager.cpp"
HANDLER = "core/file_server/event_handler/EventHandler.cpp"
CHECKPOINTS = "core/file_server/checkpoint/CheckPointManager.cpp"
