"""Pipelines that read files."""

from __future__ import annotations

from tests.shapes.kit import Body, files, pipeline

CONTENT = {"SourceKey": "content"}
KEPT = {"KeepingSourceWhenParseFail": True, "KeepingSourceWhenParseSucceed": False,
        "RenamedSourceKey": "rawLog", "CopingRawLog": False}  # fmt: skip
TIME = {"Type": "processor_parse_timestamp_native", "SourceKey": "time"}
SHAPES: dict[str, Body] = {
    "lines as they are": pipeline(files("/var/log/shop/*.log")),
    "the smallest pipeline": {
        "inputs": [files("/var/log/shop/a.log")],
        "flushers": [{"Type": "flusher_sls", "Logstore": "app"}],
    },
    "a regex and its time": pipeline(
        files("/var/log/nginx/access.log"),
        {"Type": "processor_parse_regex_native", "Regex": r"(\S+) \[([^\]]+)\] (.*)",
         "Keys": ["ip", "time", "rest"], **CONTENT, **KEPT},
        TIME | {"SourceFormat": "%d/%b/%Y:%H:%M:%S", "SourceTimezone": "GMT+08:00"},
        logSample="10.0.0.9 [22/Nov/2026:08:00:00] GET /",
    ),
    "json and its time, in folders of any depth": pipeline(
        files("/home/admin/**/订单*.json", MaxDirSearchDepth=10),
        {"Type": "processor_parse_json_native", **CONTENT, **KEPT},
        TIME | {"SourceFormat": "%Y-%m-%dT%H:%M:%S.%f", "SourceYear": 2026},
    ),
    "columns, some of them left out": pipeline(
        files("/var/log/csv/*.csv"),
        {"Type": "processor_parse_delimiter_native", "Separator": "|", "Quote": "'", **CONTENT,
         "Keys": ["甲", "乙", "time"], "AllowingShortenedFields": False,
         "OverflowedFieldsTreatment": "keep"},
        TIME | {"SourceFormat": "%s"},
    ),
    "the apsara form, native": pipeline(
        files("/apsara/**/*.LOG", MaxDirSearchDepth=0),
        {"Type": "processor_parse_apsara_native", "Timezone": "GMT-03:30", **CONTENT, **KEPT},
        **{"global": {"TopicType": "default"}},
    ),
    "many lines by a start": pipeline(
        files("/var/log/java/*.log", Multiline={
            "Mode": "custom", "StartPattern": r"\d{4}-\d\d-\d\d.*",
            "UnmatchedContentTreatment": "discard"}),
    ),
    "many lines by start, continuation and end": pipeline(
        files("/var/log/java/*.log", FlushTimeoutSecs=5, Multiline={
            "StartPattern": r"BEGIN.*", "ContinuePattern": r"\s+at\s.*|\.\.\. \d+ more",
            "EndPattern": r".*结束", "IgnoringUnmatchWarning": True}),
    ),
    "json over many lines": pipeline(
        files("/var/log/pretty/*.json", Multiline={"Mode": "JSON"}),
        {"Type": "processor_parse_json_native", **CONTENT},
    ),
    "a whole file as one line": pipeline(
        files("/etc/shop/*.conf", Multiline={
            "Mode": "whole_file", "FileWriteMode": "overwrite", "MaxWholeFileBytes": 1048576}),
    ),
    "blacklists, in gbk, with a tail of its own": pipeline(
        files("/数据/日志/*.log", FileEncoding="gbk", TailSizeKB=10485760,
              ExcludeFilePaths=["/数据/日志/临时*.log"], ExcludeFiles=["a?.log"],
              ExcludeDirs=["/数据/日志/旧"], AppendingLogPositionMeta=True),
    ),
    "a filter and two masks": pipeline(
        files("/var/log/shop/*.log"),
        {"Type": "processor_parse_json_native", **CONTENT},
        {"Type": "processor_filter_regex_native", "Include": {"level": "^(WARN|ERROR)$"},
         "DiscardingNonUTF8": True},
        {"Type": "processor_desensitize_native", "SourceKey": "user", "Method": "md5",
         "ContentPatternBeforeReplacedString": "^", "ReplacedContentPattern": r"\w+"},
        {"Type": "processor_desensitize_native", "SourceKey": "卡号", "Method": "const",
         "ReplacingString": "****", "ContentPatternBeforeReplacedString": "no=",
         "ReplacedContentPattern": r"\d{12}", "ReplacingAll": False},
    ),
    "a filter by conditions": pipeline(
        files("/var/log/shop/*.log"),
        {"Type": "processor_filter_regex_native", "ConditionExp": {
            "operator": "or", "operands": [{"key": "ip", "exp": "10\\..*"},
                                           {"operator": "not", "operands": [{"key": "a", "exp": "b"}]}]}},
    ),
    "a topic out of the path, in a pipeline": pipeline(
        files("/logs/*/app.log"),
        **{"global": {"TopicType": "filepath", "TopicFormat": r"/logs/(?<机器>[^/]+)/app\.log",
                      "EnableTimestampNanosecond": True}},
    ),
    "a topic of one's own, in a pipeline": pipeline(
        files("/logs/app.log"), **{"global": {"TopicType": "custom", "TopicFormat": "购物车"}},
    ),
    "the topic of the machine group, in a pipeline": pipeline(
        files("/logs/app.log"),
        **{"global": {"TopicType": "machine_group_topic", "TopicFormat": "hangzhou",
                      "UsingOldContentTag": True, "Priority": 1}},
    ),
    "one that is forced in the source, in a pipeline": pipeline(
        files("/logs/app.log", AllowingIncludedByMultiConfigs=True),
    ),
    "renamed and removed tags": pipeline(
        files("/logs/app.log", FileOffsetKey="offset",
              Tags={"FilePathTagKey": "路径", "FileInodeTagKey": "__default__"}),
        **{"global": {"PipelineMetaTagKey": {"HOST_NAME": "主机"}}},
    ),
    "extended processors": pipeline(
        files("/logs/app.log"),
        {"Type": "processor_regex", "SourceKey": "content", "Regex": r"(\S+) (.*)",
         "Keys": ["time", "msg"], "FullMatch": False, "KeepSourceIfParseError": True},
        {"Type": "processor_strptime", "SourceKey": "time", "Format": "%Y-%m-%dT%H:%M:%S",
         "AdjustUTCOffset": True, "UTCOffset": -18000},
        {"Type": "processor_dict_map", "SourceKey": "level", "MapDict": {"1": "错误"}, "Mode": "overwrite"},
        {"Type": "processor_fields_with_condition", "DropIfNotMatchCondition": True, "Switch": [
            {"Case": {"LogicalOperator": "or", "FieldConditions": {"a": "1"}},
             "Actions": [{"type": "processor_drop", "DropKeys": ["b"]}]}]},
    ),
    "spl": pipeline(
        files("/logs/app.log"),
        {"Type": "processor_spl", "TimeoutMilliSeconds": 2000, "MaxMemoryBytes": 104857600,
         "Script": "* | parse-json content | extend __time__=cast(to_unixtime(时间) as bigint)\n"
                   "| project-away content | where level != 'DEBUG'"},
    ),
    "an aggregator and a task": pipeline(
        files("/logs/app.log"),
        {"Type": "processor_rename", "SourceKeys": ["a"], "DestKeys": ["b"]},
        aggregators=[{"Type": "aggregator_content_value_group", "GroupKeys": ["host"],
                      "EnablePackID": True}],
        task={"Type": "task_file", "Cron": {"Every": "5m"}},
    ),
    "everything that a flusher may say": pipeline(
        files("/logs/app.log"),
    ) | {"flushers": [{
        "Type": "flusher_sls", "Logstore": "app", "Project": "web", "Aliuid": "1000000000000002",
        "Region": "cn-hangzhou", "Endpoint": "cn-hangzhou-intranet.log.aliyuncs.com",
        "TelemetryType": "logs", "CompressType": "zstd", "ShardHashKeys": ["__source__"],
        "MaxSendRate": 1048576, "Batch": {"MinCnt": 4096, "TimeoutSecs": 3},
        "ExtraHeaders": {"x-shop": "购物车"},
    }]},
}  # fmt: skip
