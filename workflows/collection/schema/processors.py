"""Options of the documented processors and aggregators, by type, with defaults of the native ones.

Source: LoongCollector docs/cn/plugins.
"""

from __future__ import annotations

from workflows.collection.schema.nodes import ANY, LIST, TEXTS, Field, Node, fields

_KEPT = fields(
    "RenamedSourceKey",
    KeepingSourceWhenParseFail=False,
    KeepingSourceWhenParseSucceed=False,
    CopingRawLog=False,
)
_NATIVE: dict[str, dict[str, Node]] = {
    "processor_parse_regex_native": fields("SourceKey Regex Keys") | _KEPT,
    "processor_parse_json_native": fields("SourceKey") | _KEPT,
    "processor_parse_delimiter_native": fields(
        "SourceKey Separator Keys",
        Quote='"',
        AllowingShortenedFields=True,
        OverflowedFieldsTreatment="extend",
    )
    | _KEPT,
    "processor_parse_apsara_native": fields("SourceKey", Timezone="") | _KEPT,
    "processor_parse_timestamp_native": fields(
        "SourceKey SourceFormat", SourceTimezone="", SourceYear=-1
    ),
    "processor_filter_regex_native": fields(
        "ConditionExp", FilterKey=LIST, FilterRegex=LIST, Include=TEXTS, DiscardingNonUTF8=False
    ),
    "processor_desensitize_native": fields(
        "SourceKey Method ReplacingString ContentPatternBeforeReplacedString ReplacedContentPattern",
        ReplacingAll=True,
    ),
    "processor_timestamp_filter_native": fields(
        "SourceKey TimestampPrecision UpperBound LowerBound"
    ),
    "processor_spl": fields(
        "Script", TimeoutMilliSeconds=1000, MaxMemoryBytes=Field(50 * 1024 * 1024)
    ),
}
# Their defaults differ between the two forms and between versions, so none is told here.
_EXTENDED = {
    "processor_add_fields": "Fields IgnoreIfExist",
    "processor_anchor": "SourceKey Anchors NoAnchorError NoKeyError KeepSource",
    "processor_appender": "Key Value SortLabels",
    "processor_cloud_meta": "Metadata Platform JSONPath RenameMetadata ReadOnce Mode",
    "processor_default": "",
    "processor_desensitize": "SourceKey Method Match ReplaceString RegexBegin RegexContent",
    "processor_dict_map": (
        "DictFilePath MapDict SourceKey DestKey HandleMissing Missing Mode MaxDictSize"
    ),
    "processor_drop": "DropKeys",
    "processor_encrypt": "SourceKeys EncryptionParameters KeepSourceValueIfError",
    "processor_fields_with_condition": "DropIfNotMatchCondition Switch",
    "processor_filter_key_regex": "Include Exclude",
    "processor_filter_regex": "Include Exclude",
    "processor_geoip": (
        "SourceKey DBPath NoKeyError NoMatchError KeepSource Language NoProvince NoCity "
        "NoCountryCode NoCoordinate"
    ),
    "processor_gotime": (
        "SourceKey SourceFormat SourceLocation DestKey DestFormat DestLocation SetTime KeepSource "
        "NoKeyError AlarmIfFail"
    ),
    "processor_grok": (
        "CustomPatternDir CustomPatterns SourceKey Match TimeoutMilliSeconds IgnoreParseFailure "
        "KeepSource NoKeyError NoMatchError TimeoutError"
    ),
    "processor_json": (
        "SourceKey NoKeyError ExpandDepth ExpandConnector Prefix KeepSource UseSourceKeyAsPrefix "
        "KeepSourceIfParseError IgnoreFirstConnector ExpandArray"
    ),
    "processor_log_to_sls_metric": (
        "MetricTimeKey MetricLabelKeys MetricValues CustomMetricLabels IgnoreError"
    ),
    "processor_md5": "SourceKey MD5Key NoKeyError",
    "processor_packjson": "SourceKeys DestKey KeepSource AlarmIfIncomplete",
    "processor_pick_key": "Include Exclude",
    "processor_rate_limit": "Fields Limit",
    "processor_regex": (
        "SourceKey Regex Keys NoKeyError NoMatchError KeepSource FullMatch KeepSourceIfParseError"
    ),
    "processor_rename": "NoKeyError SourceKeys DestKeys",
    "processor_split_char": (
        "SourceKey SplitSep SplitKeys QuoteFlag Quote PreserveOthers ExpandOthers NoKeyError "
        "NoMatchError KeepSource"
    ),
    "processor_split_key_value": (
        "SourceKey Delimiter Separator KeepSource ErrIfKeyIsEmpty EmptyKeyPrefix "
        "DiscardWhenSeparatorNotFound NoSeparatorKeyPrefix ErrIfSourceKeyNotFound "
        "ErrIfSeparatorNotFound Quote"
    ),
    "processor_split_log_regex": "SplitKey SplitRegex PreserveOthers NoKeyError",
    "processor_split_log_string": "SplitKey SplitSep PreserveOthers NoKeyError",
    "processor_split_string": (
        "SourceKey SplitSep SplitKeys PreserveOthers ExpandOthers ExpandKeyPrefix NoKeyError "
        "NoMatchError KeepSource"
    ),
    "processor_string_replace": "SourceKey Method Match ReplaceString DestKey",
    "processor_strptime": (
        "SourceKey Format AdjustUTCOffset UTCOffset AlarmIfFail KeepSource EnablePreciseTimestamp "
        "PreciseTimestampKey PreciseTimestampUnit"
    ),
}
_AGGREGATORS = {
    "aggregator_base": "MaxLogGroupCount MaxLogCount PackFlag Topic",
    "aggregator_content_value_group": "GroupKeys EnablePackID Topic ErrIfKeyNotFound",
    "aggregator_context": "MaxLogGroupCount MaxLogCount PackFlag Topic",
    "aggregator_default": "",
    "aggregator_metadata_group": (
        "GroupMetadataKeys GroupMaxEventLength GroupMaxByteLength DropOversizeEvent"
    ),
}
PROCESSORS: dict[str, dict[str, Node]] = _NATIVE | {
    kind: dict.fromkeys(names.split(), ANY) for kind, names in _EXTENDED.items()
}
AGGREGATORS: dict[str, dict[str, Node]] = {
    kind: dict.fromkeys(names.split(), ANY) for kind, names in _AGGREGATORS.items()
}
