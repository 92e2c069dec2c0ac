"""Rules of what becomes of lines: cut, parsed, sent, refused."""

from __future__ import annotations

from sandbox.hosts.rule import FLUSHER, READER, SENDER, Rule

SHIP = "sandbox.hosts.shipment"
PROCESSOR = "core/plugin/processor"

LINES = (
    Rule(
        "whole-lines",
        "Only ended lines are sent.",
        f"{READER} RemoveLastIncompleteLog",
        "sandbox.hosts.reader.Reader.chunk",
        "test_agent_start.py::test_only_whole_lines_are_shipped",
    ),
    Rule(
        "long-line",
        "A line longer than one read of 512 KiB is sent in pieces.",
        f"{READER} ReadUTF8",
        "sandbox.hosts.reader.Reader.chunk",
        "test_agent_start.py::test_a_line_longer_than_one_read_is_shipped_in_pieces",
    ),
    Rule(
        "record-begin",
        "A record of several lines waits for the next line that begins one.",
        f"{READER} RemoveLastIncompleteLog",
        "sandbox.hosts.records",
        "test_agent_records.py::test_a_record_waits_for_the_next_beginning",
    ),
    Rule(
        "record-pattern",
        "A begin pattern is about the whole line before 3.0 and searched for since.",
        "core/file_server/MultilineOptions.cpp ParseRegex",
        "sandbox.hosts.records.line_pattern",
        "test_agent_records.py"
        "::test_a_pattern_was_about_the_whole_line_and_is_searched_for_since_3_0",
    ),
    Rule(
        "record-head",
        "Lines before the first beginning are kept singly, or dropped where the config says so.",
        f"{PROCESSOR}/inner/ProcessorSplitMultilineLogStringNative.cpp",
        "sandbox.hosts.records",
        "test_agent_records.py::test_lines_before_the_first_beginning_are_kept_singly_or_dropped",
    ),
    Rule(
        "whole-match",
        "A regex must match the whole line.",
        f"{PROCESSOR}/ProcessorParseRegexNative.cpp",
        "sandbox.hosts.parse.line_rule",
        "test_agent_parse.py::test_the_whole_line_must_match",
    ),
    Rule(
        "unmatched",
        "A line that does not match is dropped, or kept as __raw_log__ where the config says so.",
        f"{PROCESSOR}/CommonParserOptions.cpp",
        "sandbox.hosts.parse.line_rule",
        "test_agent_parse.py::test_an_unmatched_line_is_dropped_unless_the_config_keeps_it",
    ),
    Rule(
        "too-old",
        "A line older than twelve hours is dropped.",
        f"{PROCESSOR}/ProcessorParseTimestampNative.cpp ilogtail_discard_interval",
        "sandbox.hosts.logtime.TOO_OLD",
        "test_agent_parse.py"
        "::test_a_line_older_than_twelve_hours_is_dropped_and_one_not_older_is_kept",
    ),
    Rule(
        "unread-time",
        "A line whose time cannot be read carries the time of reading.",
        f"{PROCESSOR}/ProcessorParseTimestampNative.cpp",
        "sandbox.hosts.logtime.time_rule",
        "test_agent_parse.py::test_a_line_whose_time_cannot_be_read_carries_the_time_of_reading",
    ),
    Rule(
        "error-code",
        "The error code decides and not the status: a 401 SignatureNotMatch is no Unauthorized.",
        f"{SENDER} ConvertErrorCode; core/plugin/flusher/sls/SLSConstant.cpp",
        "sandbox.hosts.refused.sort_of",
        "test_agent_versions.py::test_an_error_code_decides_and_not_its_status",
    ),
    Rule(
        "five-tries",
        "404 and every unknown code: again at once, then later, lost after five tries.",
        f"{SENDER} DefaultOperation; {FLUSHER} unknow_error_try_max",
        f"{SHIP}.by_count",
        "test_agent_shipping.py::test_lines_refused_for_want_of_a_logstore_are_lost_within_seconds",
    ),
    Rule(
        "unauthorized-five",
        "401 Unauthorized: lost after five tries.",
        f"{SENDER} unauthorized_send_retrytimes",
        f"{SHIP}.unauthorized",
        "test_agent_shipping.py"
        "::test_loongcollector_keeps_lines_through_a_401_that_logtail_1_gives_up",
        "until 3.0.4",
    ),
    Rule(
        "unauthorized-key",
        "401 between 30 s and 60 s after the key was refreshed: lost at the first try.",
        f"{SENDER} unauthorized_allowed_delay_after_reset; "
        "core/config_manager/ConfigManager.cpp UpdateAccessKey",
        f"{SHIP}.unauthorized",
        "test_agent_versions.py"
        "::test_a_401_is_lost_at_its_first_try_if_the_key_was_refreshed_a_little_while_ago",
        "until 3.0.4; how the commercial agent gets keys is not public",
    ),
    Rule(
        "unauthorized-patient",
        "401 Unauthorized is tried for six hours.",
        f"{FLUSHER} OnSendDone, discard_send_fail_interval",
        f"{SHIP}.unauthorized",
        "test_agent_versions.py::test_since_3_0_5_the_age_of_the_key_does_not_matter",
        "since 3.0.5",
    ),
    Rule(
        "quota",
        "A used-up write quota is tried again for six hours, with SEND_QUOTA_EXCEED_ALARM.",
        f"{SENDER} OnFail; {FLUSHER} OnSendDone",
        f"{SHIP}.verdict",
        "test_agent_versions.py::test_a_used_up_quota_is_an_alarm_at_every_try_and_loses_nothing",
    ),
    Rule(
        "server-trouble",
        "5xx and network trouble are tried again for six hours.",
        f"{SENDER} OnFail; {FLUSHER} OnSendDone",
        f"{SHIP}.verdict",
        "test_agent_shipping.py"
        "::test_what_a_refusal_leads_to_depends_on_its_code_and_the_agents_age",
    ),
    Rule(
        "retry-pause",
        "Later means after three seconds.",
        "help: log collection process of Logtail",
        f"{SHIP}.RETRY_AFTER",
        "test_agent_shipping.py::test_a_refused_group_is_not_tried_again_before_three_seconds",
    ),
    Rule(
        "loss-alarm",
        "SEND_DATA_FAIL_ALARM says that lines are lost, never that they are tried again.",
        f"{SENDER} OnFail; {FLUSHER} OnSendDone",
        "sandbox.hosts.sender.Sender",
        "test_agent_versions.py"
        "::test_an_alarm_is_raised_when_lines_are_lost_and_not_while_they_are_tried",
    ),
)
