"""What the source of a rights world collects with: one config of each form, and a machine group."""

from __future__ import annotations

from typing import Any

CLASSIC: dict[str, Any] = {
    "configName": "old-config",
    "inputType": "file",
    "inputDetail": {
        "logType": "common_reg_log",
        "logPath": "/var/log/app-b",
        "filePattern": "app.log",
        "regex": r"(\d+-\d+-\d+ \d+:\d+:\d+) (.*)",
        "key": ["time", "message"],
        "timeKey": "time",
        "timeFormat": "%Y-%m-%d %H:%M:%S",
        "logBeginRegex": ".*",
        "topicFormat": "none",
        "filterKey": [],
        "filterRegex": [],
        "preserve": True,
        "localStorage": True,
        "enableTag": False,
    },
    "outputType": "LogService",
    "outputDetail": {"logstoreName": "old-logs"},
    "logSample": "2026-11-22 14:03:05 order paid",
}
PIPELINE: dict[str, Any] = {
    "configName": "old-pipeline",
    "logSample": '{"time": "2026-11-22 14:03:05", "message": "order paid"}',
    "inputs": [{"Type": "input_file", "FilePaths": ["/var/log/app-b/access.json"]}],
    "processors": [
        {"Type": "processor_parse_json_native", "SourceKey": "content"},
        {
            "Type": "processor_parse_timestamp_native",
            "SourceKey": "time",
            "SourceFormat": "%Y-%m-%d %H:%M:%S",
        },
    ],
    "flushers": [{"Type": "flusher_sls", "Logstore": "old-logs", "Region": "cn-hangzhou"}],
}
GROUP = {
    "groupName": "old-hosts",
    "groupType": "",
    "machineIdentifyType": "userdefined",
    "machineList": ["old-hosts"],
    "groupAttribute": {"groupTopic": "", "externalName": ""},
}
