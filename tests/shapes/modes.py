"""The other modes of classic files: JSON, columns, and the apsara form; and syslog."""

from __future__ import annotations

from tests.shapes.kit import Body, classic, file

COLUMNS = ["ip", "time", "request", "status", "耗时"]
SHAPES: dict[str, Body] = {
    "json with a time key": file(
        "json_log", "/var/log/api", "*.json", timeKey="ts", timeFormat="%Y-%m-%dT%H:%M:%S",
    ) | {"logSample": '{"ts": "2026-11-22T08:00:00", "msg": "ok"}'},
    "json with the time of reading": file("json_log", "/var/log/api", "*.json"),
    "json whose time has fractions": file(
        "json_log", timeKey="time", timeFormat="%s", advanced={
            "enable_precise_timestamp": True, "precise_timestamp_key": "ns",
            "precise_timestamp_unit": "ns",
        },
    ),
    "json from which a filter expression chooses": file(
        "json_log", advanced={"filter_expression": {
            "operator": "and",
            "operands": [{"type": "regex", "key": "level", "exp": "ERROR"},
                         {"operator": "not", "operands": [{"key": "user", "exp": "^bot"}]}],
        }},
    ),
    "columns parted by a comma": file(
        "delimiter_log", "/var/log/csv", "*.csv", separator=",", quote='"', key=COLUMNS,
        timeKey="time", timeFormat="%Y%m%d %H%M%S", autoExtend=True,
    ) | {"logSample": '10.0.0.9,20261122 080000,"GET /a,b",200,5'},
    "columns parted by a control character": file(
        "delimiter_log", separator="\x01", quote="\x00", key=["a", "b"], autoExtend=False,
        acceptNoEnoughKeys=True,
    ),
    "columns parted by several characters": file(
        "delimiter_log", separator="||", quote="", key=COLUMNS, timeKey="time",
        timeFormat="%H:%M:%S", advanced={"extract_partial_fields": True},
    ),
    "columns parted by a tab, in gbk": file(
        "delimiter_log", separator="\t", quote="'", key=["姓名", "金额"], fileEncoding="gbk",
        topicFormat="default",
    ),
    "the apsara form": file(
        "apsara_log", "/apsara/nuwa", "*.LOG", logBeginRegex=r"\[\d+-\d+-\d+ .*",
        topicFormat="default",
    ) | {"logSample": "[2026-11-22 08:00:00.123456] [INFO] [7] [a.cc:1] key:value"},
    "the apsara form without a begin, its zone adjusted": file(
        "apsara_log", adjustTimezone=True, logTimezone="GMT+00:00",
        advanced={"adjust_apsara_micro_timezone": True},
    ),
    "syslog with a tag": classic("syslog", {"tag": "cart"}, telemetryType=""),
    "syslog with a tag in chinese, masked": classic(
        "syslog", {"tag": "购物车", "sensitive_keys": [
            {"key": "content", "type": "md5", "regex_begin": "id=", "regex_content": r"\d+",
             "all": True},
        ]},
    ),
    "everything that an output may say": file("json_log", "/var/log/api", "*.json") | {
        "outputDetail": {
            "logstoreName": "app", "projectName": "web", "endpoint": "cn-hangzhou.log.aliyuncs.com",
            "region": "cn-hangzhou", "compressType": "zstd", "telemetryType": "logs",
        },
    },
}  # fmt: skip
