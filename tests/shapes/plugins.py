"""Plugins in classic configs: other inputs, and processors behind files."""

from __future__ import annotations

from tests.shapes.kit import Body, classic, file, plugin

SHAPES: dict[str, Body] = {
    "rows of a database, by a checkpoint": plugin(
        "service_mysql",
        {"Address": "127.0.0.1:3306", "User": "reader", "Password": "p'w\"", "DataBase": "shop",
         "StateMent": "select * from `订单` where id > ? order by id", "Limit": True,
         "PageSize": 100, "MaxSyncSize": 0, "CheckPoint": True, "CheckPointColumn": "id",
         "CheckPointColumnType": "int", "CheckPointStart": "0", "IntervalMs": 60000},
    ),
    "the journal, of two units": plugin(
        "service_journal",
        {"JournalPaths": ["/var/log/journal"], "Kernel": False, "Units": ["sshd", "docker"],
         "UseJournalEventTime": True, "ParsePriority": True},
    ),
    "figures of the host": plugin(
        "metric_system_v2", {"CPU": True, "Mem": True, "Disk": False, "Labels": {"机房": "杭州"}},
    ),
    "answers of a web page": plugin(
        "metric_http",
        {"IntervalMs": 10000, "Addresses": ["http://127.0.0.1/状态?x=1&y=%20"], "Method": "GET",
         "Headers": {"Authorization": "Basic eA=="}, "IncludeBody": True},
        ("processor_anchor", {"SourceKey": "content", "Anchors": [
            {"Start": "Active: ", "Stop": "\n", "FieldName": "active", "FieldType": "string"},
        ]}),
    ),
    "events of windows": plugin(
        "service_wineventlog", {"Name": "Application", "IgnoreOlder": 3600, "EventID": "1-200, -99"},
    ),
    "an input that nobody has heard of": plugin(
        "service_of_tomorrow", {"Deep": {"er": [1, 2.5, None, {"最深": True}]}, "Empty": {}},
    ),
    "a file, split by json and cleaned by plugins": file(
        "common_reg_log", key=["content"], regex="(.*)", plugin={"processors": [
            {"type": "processor_split_key_value", "detail": {
                "SourceKey": "content", "Delimiter": "\t", "Separator": "=", "Quote": "'"}},
            {"type": "processor_rename", "detail": {"SourceKeys": ["a"], "DestKeys": ["甲"]}},
            {"type": "processor_add_fields", "detail": {
                "Fields": {"service": "cart"}, "IgnoreIfExist": True}},
            {"type": "processor_filter_regex", "detail": {
                "Include": {"甲": r"^\d+$"}, "Exclude": {"path": "/healthz"}}},
        ]},
    ),
    "a file, read by grok": file(
        "common_reg_log", key=["content"], plugin={"processors": [
            {"type": "processor_grok", "detail": {
                "SourceKey": "content", "CustomPatterns": {"LEVEL": "(?:INFO|WARN)"},
                "Match": ["%{IP:client} %{WORD:method}", "%{LEVEL:level}: %{GREEDYDATA:正文}"]}},
            {"type": "processor_desensitize", "detail": {
                "SourceKey": "正文", "Method": "const", "Match": "regex", "ReplaceString": "***",
                "RegexBegin": "密码:", "RegexContent": r"\S+"}},
        ]},
    ),
    "a file whose plugins have an aggregator and a global": file(
        "json_log", plugin={
            "global": {"AlwaysOnline": True, "DelayStopSec": 300},
            "processors": [{"type": "processor_packjson", "detail": {
                "SourceKeys": ["a", "b"], "DestKey": "both", "KeepSource": False}}],
            "aggregators": [{"type": "aggregator_context", "detail": {"MaxLogCount": 512}}],
            "flushers": [{"type": "flusher_sls", "detail": {}}],
        }, advanced={"pass_tags_to_plugin": True},
    ),
    "numbers for a store of figures": classic(
        "plugin",
        {"plugin": {"inputs": [{"type": "metric_mock", "detail": {"Fields": {"value": "1"}}}]}},
        telemetryType="Metrics",
    ),
}  # fmt: skip
