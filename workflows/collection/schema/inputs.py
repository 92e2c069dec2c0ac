"""Options of the documented inputs and flushers, by type. Source: LoongCollector docs/cn/plugins.

The service gives a pipeline back as it was sent, so a default stands here only where every version
of the agent has the same one.
"""

from __future__ import annotations

from workflows.collection.schema.nodes import (
    LIST,
    NUMBER,
    TEXTS,
    Field,
    Fields,
    Node,
    fields,
)

_MULTILINE = Fields(
    fields(
        "StartPattern ContinuePattern EndPattern FileWriteMode MaxWholeFileBytes",
        Mode="custom",
        UnmatchedContentTreatment="single_line",
        IgnoringUnmatchWarning=False,
    )
)
_LABELS = dict.fromkeys(
    (
        "IncludeEnv",
        "ExcludeEnv",
        "IncludeContainerLabel",
        "ExcludeContainerLabel",
        "IncludeK8sLabel",
        "ExcludeK8sLabel",
    ),
    TEXTS,
)
_PODS = "K8sNamespaceRegex K8sPodRegex K8sContainerRegex"
_TAGS = {"ExternalK8sLabelTag": TEXTS, "ExternalEnvTag": TEXTS}
_CONTAINERS = Fields(fields(_PODS, **_LABELS))
_FILES = fields(
    "FilePaths",
    MaxDirSearchDepth=0,
    ExcludeFilePaths=LIST,
    ExcludeFiles=LIST,
    ExcludeDirs=LIST,
    FileEncoding="utf8",
    Multiline=_MULTILINE,
    AppendingLogPositionMeta=False,
    Tags=TEXTS,
)
_STDOUT = fields(
    f"{_PODS} MaxLogSize BeginLineRegex",
    Stdout=Field(True),  # noqa: FBT003 - the option's default
    Stderr=Field(True),  # noqa: FBT003
    StartLogMaxOffset=NUMBER,
    BeginLineCheckLength=NUMBER,
    BeginLineTimeoutMs=NUMBER,
    CollectContainersFlag=False,
    CloseUnChangedSec=NUMBER,
    FlushIntervalMs=NUMBER,
    IncludeLabel=TEXTS,
    ExcludeLabel=TEXTS,
    **_LABELS,
    **_TAGS,
)
INPUTS: dict[str, dict[str, Node]] = {
    "input_file": _FILES
    | _TAGS
    | fields(
        "FileOffsetKey RotatorQueueSize PreservedDirDepth ReadDelayAlertThresholdBytes "
        "ReadDelaySkipThresholdBytes",
        MaxCheckpointDirSearchDepth=0,
        TailSizeKB=NUMBER,
        TailingAllMatchedFiles=False,
        FlushTimeoutSecs=NUMBER,
        CloseUnusedReaderIntervalSec=NUMBER,
        EnableExactlyOnce=0,
        EnableContainerDiscovery=False,
        ContainerFilters=_CONTAINERS,
        CollectingContainersMeta=False,
        AllowingCollectingFilesInRootDir=False,
        AllowingIncludedByMultiConfigs=False,
    ),
    "input_static_file_onetime": _FILES | fields("ExcutionTimeout", ForceRerunWhenUpdate=False),
    "input_container_stdio": fields(
        IgnoringStdout=False,
        IgnoringStderr=False,
        IgnoreParseWarning=False,
        KeepingSourceWhenParseFail=True,
        TailSizeKB=NUMBER,
        FlushTimeoutSecs=NUMBER,
        Multiline=_MULTILINE,
        ContainerFilters=_CONTAINERS,
        CollectingContainersMeta=False,
        AllowingIncludedByMultiConfigs=False,
        Tags=TEXTS,
        **_TAGS,
    ),
    **dict.fromkeys(("service_docker_stdout", "input_docker_stdout"), _STDOUT),
    "metric_docker_file": fields("LogPath FilePattern MaxDepth", **_LABELS),
    "service_syslog": fields(
        "Address MaxConnections TimeoutSeconds MaxMessageSize KeepAliveSeconds ParseProtocol "
        "IgnoreParseFailure AddHostname AutoConfigRsyslog RsyslogFilters"
    ),
    "service_journal": fields(
        "JournalPaths SeekPosition Kernel Units ParseSyslogFacility ParsePriority "
        "UseJournalEventTime CursorFlushPeriodMs CursorSeekFallback Identifiers MatchPatterns"
    ),
    "service_canal": fields(
        "Host Port User Password ServerID IncludeTables ExcludeTables StartBinName StartBinlogPos "
        "EnableGTID EnableInsert EnableUpdate EnableDelete EnableDDL Charset TextToString "
        "PackValues EnableEventMeta UseDecimal HeartBeatPeriod ReadTimeout"
    ),
    **dict.fromkeys(
        ("service_mysql", "service_mssql", "service_pgsql"),
        fields(
            "Address Host Port User Password DataBase Database DialTimeOutMs ReadTimeOutMs "
            "StateMent Statement StateMentPath Limit PageSize MaxSyncSize CheckPoint "
            "CheckPointColumn CheckPointColumnType CheckPointStart CheckPointSavePerPage IntervalMs"
        ),
    ),
    "service_kafka": fields(
        "Format Version Brokers ConsumerGroup Topics ClientID Offset MaxMessageLen SASLUsername "
        "SASLPassword Assignor DisableUncompress FieldsExtend"
    ),
    "service_http_server": fields(
        "Format Address Path ReadTimeoutSec ShutdownTimeoutSec MaxBodySize UnlinkUnixSock "
        "FieldsExtend QueryParams QueryParamPrefix HeaderParams HeaderParamPrefix "
        "DisableUncompress Tags DumpData DumpDataKeepFiles AllowUnsafeMode"
    ),
    "service_otlp": fields("Protocals Protocols"),
    "service_snmp": fields(
        "Targets Port Community UserName AuthenticationProtocol AuthenticationPassphrase "
        "PrivacyProtocol PrivacyPassphrase Timeout Version Transport MaxRepetitions Oids Fields "
        "Tables"
    ),
    "input_command": fields(
        "ScriptType User ScriptContent ContentEncoding LineSplitSep CmdPath TimeoutMilliSeconds "
        "IntervalMs Environments IgnoreError"
    ),
    "input_forward": fields("Protocol Endpoint"),
    "input_host_monitor": fields(
        "Interval EnableCPU EnableSystem EnableMemory EnableDisk EnableProcess EnableNet EnableGPU"
    ),
    "input_prometheus": fields("ScrapeConfig"),
    "input_network_observer": fields("ProbeConfig"),
    "metric_http": fields(
        "IntervalMs Addresses Method Body Headers PerAddressSleepMs ResponseTimeoutMs "
        "IncludeBody FollowRedirects InsecureSkipVerify ResponseStringMatch"
    ),
    "metric_system_v2": fields("CPU Mem Disk Net Protocol TCP OpenFd CPUPercent Labels IntervalMs"),
    "service_wineventlog": fields(
        "Name EventSource IgnoreOlder Level EventID Provider WaitInterval"
    ),
}
FLUSHERS: dict[str, dict[str, Node]] = {
    "flusher_sls": fields(
        "Logstore Project Region Endpoint Aliuid EndpointMode Workspace Batch MaxSendRate Match "
        "FlowControlExpireTime",
        TelemetryType=Field("logs", spelled={"": "logs"}),
        CompressType="lz4",
        ShardHashKeys=LIST,
        ExtraHeaders=TEXTS,
    ),
}
