"""How account B collected app-b before anybody thought of moving it, made through the SDK."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from aliyun.log import LogClient, LogException

Json = dict[str, Any]
PATIENCE = 60.0  # seconds; a new logstore is usable after 40 s of the real service

LOG_CONFIG: dict[str, Any] = {
    "inputType": "file",
    "inputDetail": {
        "logType": "common_reg_log",
        "logPath": "/var/log/app-b",
        "filePattern": "app.log*",
        "regex": r"(\d+-\d+-\d+ \d+:\d+:\d+),(\d+) (\w+) (\S+) (.*)",
        "key": ["time", "ms", "level", "service", "message"],
        "timeKey": "time",
        "timeFormat": "%Y-%m-%d %H:%M:%S",
        "logBeginRegex": ".*",
        "topicFormat": "none",
        "discardUnmatch": False,
    },
    "outputType": "LogService",
    "logSample": '2026-11-22 14:03:05,123 INFO order-service seq=00000001 host=h1 msg="order paid"',
}
AUDIT = "app-b-audit"  # a config, and a folder in /var/log
AUDIT_CONFIG: dict[str, Any] = {
    "configName": AUDIT,
    "inputs": [
        {
            "Type": "input_file",
            "FilePaths": [f"/var/log/{AUDIT}/*.log"],
            "FileEncoding": "utf8",
        }
    ],
    "processors": [
        {
            "Type": "processor_parse_regex_native",
            "SourceKey": "content",
            "Regex": LOG_CONFIG["inputDetail"]["regex"],
            "Keys": LOG_CONFIG["inputDetail"]["key"],
            "KeepingSourceWhenParseFail": True,
        },
        {
            "Type": "processor_parse_timestamp_native",
            "SourceKey": "time",
            "SourceFormat": LOG_CONFIG["inputDetail"]["timeFormat"],
        },
    ],
}
INDEX: dict[str, Any] = {
    "line": {"token": [",", " ", "=", '"'], "caseSensitive": False, "chn": True},
    "keys": {
        "level": {"type": "text", "token": [" "], "caseSensitive": False, "chn": False},
        "service": {"type": "text", "token": [" "], "caseSensitive": False, "chn": False},
    },
    "max_text_len": 2048,
}


def client(endpoint: str, proxy: str, key_id: str, secret: str) -> Any:
    """An ordinary SDK client that reaches the emulator as its plain HTTP proxy."""
    made = LogClient(f"http://{endpoint}", key_id, secret, source="sandbox")
    made._session.trust_env = False
    made._session.proxies = {"http": proxy}
    return made


def collect(sls: Any, side: dict[str, str], custom_id: str, advanced: Json | None = None) -> None:
    """Make project, logstore, index, machine group and config of `side`, and apply the config.

    `advanced` are the config's options of that name.
    """
    project = side["project"]
    sls.create_project(project, "app-b's logs")
    _post(sls, project, "/logstores", _logstore(side["logstore"]))
    _post(sls, project, f"/logstores/{side['logstore']}/index", INDEX)
    _post(sls, project, "/machinegroups", _group(side["machine_group"], custom_id))
    _post(sls, project, "/configs", _config(side, advanced))
    binding = (project, side["config"], side["machine_group"])
    _until_known(lambda: sls.apply_config_to_machine_group(*binding))


def collect_audit(sls: Any, side: dict[str, str], endpoint: str) -> None:
    """Another config that feeds the same logstore from other files, in the newer form."""
    flusher = {
        "Type": "flusher_sls",
        "Logstore": side["logstore"],
        "Region": endpoint.partition(".")[0],
        "Endpoint": endpoint,
        "TelemetryType": "logs",
    }
    _post(sls, side["project"], "/pipelineconfigs", {**AUDIT_CONFIG, "flushers": [flusher]})
    binding = (side["project"], AUDIT, side["machine_group"])
    _until_known(lambda: sls.apply_config_to_machine_group(*binding))


def _post(sls: Any, project: str, resource: str, body: dict[str, Any]) -> None:
    raw = json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "x-log-bodyrawsize": str(len(raw))}
    _until_known(lambda: sls._send("POST", project, raw, resource, {}, dict(headers)))


def _until_known(send: Callable[[], object]) -> None:
    """Send until what was created just before is known everywhere."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            send()
        except LogException as error:
            if not error.get_error_code().endswith("NotExist") or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
            continue
        return


def _logstore(name: str) -> dict[str, Any]:
    return {"logstoreName": name, "ttl": 30, "shardCount": 2, "autoSplit": True,
            "maxSplitShard": 64, "enable_tracking": False, "appendMeta": True}  # fmt: skip


def _group(name: str, custom_id: str) -> dict[str, Any]:
    return {"groupName": name, "groupType": "", "machineIdentifyType": "userdefined",
            "machineList": [custom_id], "groupAttribute": {"groupTopic": "", "externalName": ""}}  # fmt: skip


def _config(side: dict[str, str], advanced: Json | None) -> Json:
    output = {"projectName": side["project"], "logstoreName": side["logstore"]}
    detail = LOG_CONFIG["inputDetail"] | ({"advanced": advanced} if advanced else {})
    more = {"configName": side["config"], "inputDetail": detail, "outputDetail": output}
    return {**LOG_CONFIG, **more}
