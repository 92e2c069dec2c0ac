"""Rules of limits, clocks, disks and ages."""

from __future__ import annotations

from sandbox.hosts.rule import CHECKPOINTS, HEARTBEAT, LINUX, MONITOR, Rule

AGENT = "sandbox.hosts.agent"

LIMITS = (
    Rule(
        "cpu-limit",
        "Above cpu_usage_limit (0.4 core) at eleven looks in a row, 30 s apart: a restart.",
        f"{MONITOR} CheckCpuLimit, CheckSoftCpuLimit; {LINUX}",
        "sandbox.hosts.strain.CpuLimit",
        "test_agent_strain.py::test_the_eleventh_look_in_a_row_above_the_limit_is_the_last",
    ),
    Rule(
        "cpu-hard-limit",
        "Ten times the limit is too much at once.",
        f"{MONITOR} CheckHardCpuLimit",
        "sandbox.hosts.strain.CpuLimit",
        "test_agent_strain.py::test_only_2_0_restarts_at_once_at_ten_times_the_limit",
        "2.0",
    ),
    Rule(
        "cpu-twice",
        "Each config that collects a file costs for itself (what a byte costs is a model).",
        LINUX,
        "sandbox.hosts.strain.Cost",
        "test_agent_strain.py"
        "::test_collecting_twice_pushes_a_busy_host_over_the_limit_that_once_does_not",
    ),
    Rule(
        "overload-restart",
        "The restart asks for a clean end, cut off after 60 s (overload_kills); then lines of up "
        "to 15 minutes are sent again. The agent is back after 10 s.",
        f"{MONITOR} Suicide; core/logtail.cpp fork_interval",
        f"{AGENT}.Agent",
        "test_agent_strain.py::test_an_overload_restart_doubles_lines_only_where_it_is_cut_off",
    ),
    Rule(
        "memory-limit",
        "Above mem_usage_limit (2048 MB) at eleven looks in a row, 30 s apart: a restart.",
        f"{MONITOR} CheckMemLimit, CheckSoftMemLimit; core/common/LogtailCommonFlags.cpp",
        "sandbox.hosts.strain.MemoryLimit",
        "test_agent_strain.py::test_too_much_memory_is_borne_for_eleven_looks",
    ),
    Rule(
        "memory-hard-limit",
        "Ten times the limit is too much at once, from 3.0 on five times.",
        f"{MONITOR} CheckHardMemLimit",
        "sandbox.hosts.strain.MemoryLimit",
        "test_agent_strain.py::test_far_too_much_memory_is_not_borne_at_all_since_2_0",
        "2.0 on",
    ),
    Rule(
        "overload-words",
        "Before such a restart the log says what was used.",
        f"{MONITOR} Monitor; core/logger/Logger.h DEFAULT_PATTERN",
        "sandbox.hosts.agent.Agent",
        "test_agent_strain.py::test_the_log_says_what_was_used_in_the_words_of_the_version",
    ),
    Rule(
        "disk-refuses",
        "An agent whose disk is full or read-only goes on, and is heard.",
        f"{CHECKPOINTS} DumpCheckPointToLocal; core/application/Application.cpp",
        "sandbox.hosts.ailing_disk.AilingDisk",
        "test_agent_ills.py::test_an_agent_whose_disk_refuses_goes_on_and_writes_nothing",
    ),
    Rule(
        "clock-skew",
        "More than 15 minutes off, requests are refused as RequestTimeExpired; lines are lost.",
        f"{HEARTBEAT}; {MONITOR.replace('monitor/Monitor', 'sender/Sender')} OnFail",
        "sandbox.sls.door.Door.put",
        "test_agent_strain.py"
        "::test_a_clock_more_than_a_quarter_of_an_hour_off_loses_lines_within_seconds",
    ),
    Rule(
        "clock-adjust",
        "With enable_log_time_auto_adjust (off by default) it sends again with the service's time.",
        "core/sdk/CurlAsynInstance.cpp; core/plugin/flusher/sls/SLSResponse.cpp",
        "sandbox.hosts.sender.Sender",
        "test_agent_strain.py::test_an_agent_told_to_adjust_its_time_sends_again_with_the_services",
    ),
    Rule(
        "force-flag-since",
        "A version before 1.1.0 knows no force flag, so that such a config collects nothing beside.",
        "core/config/UserLogConfigParser.cpp",
        "sandbox.hosts.classic.FORCED_SINCE",
        "test_agent_ills.py::test_an_old_agent_says_so_and_does_not_know_a_forced_config",
        "before 1.1",
    ),
)
