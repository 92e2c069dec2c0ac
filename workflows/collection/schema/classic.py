"""Fields of `/configs`, with the defaults that the service fills in or its documentation names.

Sources: help page "Logtail configurations" (basic parameters, inputDetail, advanced, blacklist,
outputDetail); LoongCollector v1.8.8 core/config/UserLogConfigParser.cpp for the rest of `advanced`;
the service's own answer to a small create. A default that differs between agents (tail_size_kb is
1 MiB on Linux and 50 on Windows) is none here.
"""

from __future__ import annotations

from workflows.collection.schema.nodes import (
    LIST,
    NUMBER,
    READ_ONLY,
    TEXTS,
    Each,
    Field,
    Fields,
    Node,
    fields,
)
from workflows.collection.schema.plugins import NESTED

_BLACKLIST = Fields(
    fields(dir_blacklist=LIST, filename_blacklist=LIST, filepath_blacklist=LIST),
)
_K8S = Fields(
    fields(
        "K8sNamespaceRegex K8sPodRegex K8sContainerRegex",
        **dict.fromkeys(("IncludeEnv", "ExcludeEnv", "IncludeLabel", "ExcludeLabel"), TEXTS),
        **dict.fromkeys(("IncludeContainerLabel", "ExcludeContainerLabel"), TEXTS),
        **dict.fromkeys(("IncludeK8sLabel", "ExcludeK8sLabel"), TEXTS),
        **dict.fromkeys(("ExternalEnvTag", "ExternalK8sLabelTag"), TEXTS),
    )
)
ADVANCED = Fields(
    fields(
        "precise_timestamp_key precise_timestamp_unit filter_expression",
        force_multiconfig=False,
        exactly_once_concurrency=0,
        enable_log_position_meta=False,
        specified_year=NUMBER,
        raw_log_tag="__raw__",
        blacklist=_BLACKLIST,
        tail_size_kb=NUMBER,
        batch_send_interval=3,
        max_rotate_queue_size=20,
        close_unused_reader_interval=NUMBER,
        search_checkpoint_dir_depth=NUMBER,
        enable_root_path_collection=False,
        enable_timestamp_nanosecond=False,
        enable_precise_timestamp=False,
        adjust_apsara_micro_timezone=False,
        pass_tags_to_plugin=False,
        extract_partial_fields=False,
        collect_containers_flag=False,
        k8s=_K8S,
    )
)
_MASKED = Each(Fields(fields("key type regex_begin regex_content all const")))
_PLUGIN = Fields(
    fields(
        inputs=Each(NESTED),
        processors=Each(NESTED),
        aggregators=Each(NESTED),
        flushers=Each(NESTED),
        extensions=Each(NESTED),
        **{"global": TEXTS},
    )
)
_COMMON: dict[str, Node] = fields(
    adjustTimezone=False,
    advanced=ADVANCED,
    delayAlarmBytes=0,
    enableRawLog=False,
    enableTag=False,
    filterKey=LIST,
    filterRegex=LIST,
    localStorage=True,
    logTimezone="",
    maxSendRate=-1,
    mergeType="topic",
    plugin=_PLUGIN,
    priority=0,
    sendRateExpire=0,
    sensitive_keys=_MASKED,
    shardHashKey=LIST,
)
_FILE: dict[str, Node] = fields(
    "logType logPath filePattern timeKey regex separator acceptNoEnoughKeys autoExtend tag",
    customizedFields=TEXTS,
    delaySkipBytes=0,
    discardNonUtf8=False,
    discardUnmatch=True,
    dockerFile=False,
    dockerIncludeLabel=TEXTS,
    dockerExcludeLabel=TEXTS,
    dockerIncludeEnv=TEXTS,
    dockerExcludeEnv=TEXTS,
    fileEncoding="utf8",
    key=LIST,
    logBeginRegex="",
    maxDepth=1000,
    preserve=True,
    preserveDepth=0,
    quote="",
    tailExisted=False,
    timeFormat="",
    topicFormat="none",
)
_OUTPUT = Fields(
    fields(
        "logstoreName projectName endpoint region",
        compressType="",
        telemetryType=Field("", spelled={"logs": "", "None": ""}),
    )
)
CLASSIC = Fields(
    fields(
        "configName",
        logSample="",
        inputType=Field(spelled={"syslog": "streamlog"}),
        inputDetail=Fields(_COMMON | _FILE),
        outputType="LogService",
        outputDetail=_OUTPUT,
        createTime=READ_ONLY,
        lastModifyTime=READ_ONLY,
        modifyTime=READ_ONLY,
    )
)
