"""One of each thing of a project, as it goes over the wire."""

from __future__ import annotations

from typing import Any

from tests.contract.sls.speakers import Noun
from tests.contract.sls.world import TOKENS

INDEX: dict[str, Any] = {"line": {"token": TOKENS, "caseSensitive": False, "chn": False}}


def sample(noun: Noun, name: str) -> dict[str, Any]:
    return {
        Noun.LOGSTORE: _logstore,
        Noun.CONFIG: _config,
        Noun.PIPELINE: _pipeline,
        Noun.GROUP: _group,
    }[noun](name)


def _logstore(name: str) -> dict[str, Any]:
    return {"logstoreName": name, "ttl": 7, "shardCount": 2}


def _config(name: str) -> dict[str, Any]:
    return {
        "configName": name,
        "logSample": "a line",
        "inputType": "file",
        "inputDetail": {
            "logType": "common_reg_log",
            "logPath": "/var/log/app",
            "filePattern": "*.log",
            "topicFormat": "none",
            "timeFormat": "",
            "regex": "(.*)",
            "key": ["content"],
            "logBeginRegex": ".*",
            "filterKey": [],
            "filterRegex": [],
            "preserve": True,
            "localStorage": True,
            "enableTag": False,
        },
        "outputType": "LogService",
        "outputDetail": {"logstoreName": "app"},
    }


def _pipeline(name: str) -> dict[str, Any]:
    return {
        "configName": name,
        "logSample": "a line",
        "global": {"TopicType": "filepath"},
        "inputs": [{"Type": "input_file", "FilePaths": ["/var/log/app/*.log"]}],
        "processors": [{"Type": "processor_parse_json_native", "SourceKey": "content"}],
        "flushers": [{"Type": "flusher_sls", "Logstore": "app", "Region": "cn-hangzhou"}],
    }


def _group(name: str) -> dict[str, Any]:
    return {
        "groupName": name,
        "groupType": "",
        "machineIdentifyType": "userdefined",
        "machineList": ["app-b"],
        "groupAttribute": {"externalName": "", "groupTopic": "shop"},
    }
