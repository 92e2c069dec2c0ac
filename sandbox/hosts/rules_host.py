"""Rules of identity, start, heartbeat, delivery and service."""

from __future__ import annotations

from sandbox.hosts.rule import FILES, HEARTBEAT, IDENTITY, LINUX, MANAGER, MONITOR, Rule

WHO = "sandbox.hosts.identity"
AGENT = "sandbox.hosts.agent"

HOST = (
    Rule(
        "account-file",
        "A file of users/ names an account by its name; its contents do not matter.",
        f"{IDENTITY}; {MANAGER} ReadAliuidsFile",
        f"{WHO}.account_files",
        "test_agent_identity.py"
        "::test_an_account_is_the_name_of_a_file_and_its_contents_do_not_matter",
    ),
    Rule(
        "account-name",
        "No folder, no suffix, digits only, at most 16 of them.",
        "core/plugin/flusher/sls/DiskBufferWriter.cpp; " + IDENTITY,
        f"{WHO}.ACCOUNT_ID",
        "test_agent_identity.py::test_a_name_that_is_no_account_number_names_no_account",
    ),
    Rule(
        "own-account",
        "The account that owns the ECS needs no file.",
        "help: select-a-network-type",
        f"{WHO}.read_identity",
        "test_agent_identity.py::test_the_hosts_own_account_needs_no_file",
    ),
    Rule(
        "custom-ids",
        "Each line of user_defined_id is an id; all of them are in every heartbeat.",
        f"{MANAGER} ReloadLogtailSysConf; help: create a custom identifier-based machine group",
        f"{WHO}.custom_ids",
        "test_agent_identity.py"
        "::test_each_line_of_user_defined_id_is_an_id_and_the_last_needs_no_newline",
    ),
    Rule(
        "spoiled-id",
        "A carriage return or a blank stays part of the id (1.8.8 itself trims blanks, not CR).",
        f"{HEARTBEAT}; {MANAGER} SetUserDefinedIdSet",
        f"{WHO}.custom_ids",
        "test_agent_identity.py::test_a_carriage_return_or_blank_stays_in_the_id_and_spoils_it",
    ),
    Rule(
        "identity-reload",
        "A changed identity counts within a minute, without a restart.",
        IDENTITY,
        f"{AGENT}.IDENTITY",
        "test_agent_identity.py::test_a_new_identity_counts_within_a_minute_and_not_at_once",
    ),
    Rule(
        "id-file-removed",
        "Without its id file a host is known by its ip alone (1.8.8's open code keeps the last ids "
        "until a restart; the page is followed).",
        f"help: create a custom identifier-based machine group; {MANAGER} ReloadLogtailSysConf",
        f"{WHO}.custom_ids",
        "test_agent_identity_env.py"
        "::test_a_removed_id_file_leaves_the_host_with_its_ip_within_a_minute",
    ),
    Rule(
        "env-ids-add",
        "Ids of the environment come after those of the file.",
        f"{MANAGER} ReloadLogtailSysConf",
        f"{WHO}.joined_ids",
        "test_agent_identity_env.py"
        "::test_logtail_adds_the_ids_of_the_environment_to_those_of_the_file",
        "1.8; 2.0 taken to be the same",
    ),
    Rule(
        "env-ids-replace",
        "Ids of the environment take the place of the file's.",
        "help: the vendor's agent skill (priority of ids), not in public code",
        f"{WHO}.joined_ids",
        "test_agent_identity_env.py"
        "::test_loongcollector_takes_the_environments_ids_in_place_of_the_files",
        "3.0 on, uncertain: a row of versions.TABLE",
    ),
    Rule(
        "env-name",
        "LOONG_USER_DEFINED_ID is tried before ALIYUN_LOGTAIL_USER_DEFINED_ID.",
        "core/app_config/AppConfig.cpp CheckPurageContainerMode",
        f"{WHO}.env_ids",
        "test_agent_identity_env.py"
        "::test_loongcollector_tries_its_own_name_first_and_logtail_does_not_know_it",
        "3.0 on",
    ),
    Rule(
        "env-account",
        "ALIYUN_LOGTAIL_USER_ID adds one account; more than one is none.",
        f"{MANAGER} ReloadLogtailSysConf; {FILES}",
        f"{WHO}.env_accounts",
        "test_agent_identity_env.py::test_the_environment_names_one_account_and_no_more",
    ),
    Rule(
        "start-file",
        "ilogtail_config.json is read at the start; an edit needs a restart.",
        FILES,
        "sandbox.hosts.startup.read_startup",
        "test_agent_startup.py::test_an_edited_config_server_counts_from_the_next_start_on",
    ),
    Rule(
        "start-file-broken",
        "An agent does not start on a file that is no JSON; on an empty one it does.",
        f"core/logtail.cpp main; {FILES}",
        "sandbox.hosts.startup.CannotStart",
        "test_agent_startup.py::test_an_agent_does_not_start_on_a_file_that_is_no_json",
        "all by the page; 3.x's open code goes on without",
    ),
    Rule(
        "config-server",
        "Heartbeats go to the regions of the config servers; elsewhere nobody hears of the host.",
        HEARTBEAT,
        "sandbox.hosts.startup.config_regions",
        "test_agent_startup.py"
        "::test_without_a_config_server_there_is_no_heartbeat_and_nothing_is_collected",
    ),
    Rule(
        "config-server-field",
        "config_server_address before 3.0, config_servers since; one is not read for the other.",
        f"{HEARTBEAT}; {LINUX}",
        "sandbox.hosts.startup.config_regions",
        "test_agent_startup.py::test_one_age_does_not_read_the_other_ages_fields",
    ),
    Rule(
        "app-info",
        "app_info.json is written at every start and never read; 3.x names its version otherwise.",
        "core/application/Application.cpp Init; " + HEARTBEAT,
        "sandbox.hosts.root.app_info",
        "test_agent_startup.py::test_app_info_is_written_at_every_start_and_never_read",
    ),
    Rule(
        "no-ip",
        "An agent without an ip cannot work.",
        HEARTBEAT,
        f"{AGENT}.Agent",
        "test_agent_startup.py::test_a_host_without_an_ip_shows_none_and_sends_no_heartbeat",
    ),
    Rule(
        "ip-of-host",
        "The ip is working_ip, else what /etc/hosts binds the name to, else the first card's.",
        "core/logtail.cpp; core/common/MachineInfoUtil.cpp GetHostIp; " + HEARTBEAT,
        "sandbox.hosts.address.agent_ip",
        "test_agent_startup.py"
        "::test_the_ip_is_what_etc_hosts_binds_the_name_to_unless_that_is_loopback",
    ),
    Rule(
        "ip-changed",
        "An agent whose host gets another ip restarts itself.",
        f"{MONITOR} IsHostIpChanged",
        f"{AGENT}.Agent",
        "test_agent_startup.py::test_an_agent_whose_hosts_ip_changes_restarts_under_the_new_one",
    ),
    Rule(
        "heartbeat-match",
        "Each project of the region compares a heartbeat for itself: account, then custom id or ip.",
        "help: heartbeat errors of machine groups",
        "sandbox.sls.door.Door.beat",
        "test_agent_delivery.py::test_every_project_compares_a_heartbeat_for_itself",
    ),
    Rule(
        "delivery-time",
        "A new config is on the host within three minutes.",
        "help: full regex mode of text logs",
        f"{AGENT}.FETCH",
        "test_agent_delivery.py"
        "::test_a_new_config_arrives_within_three_minutes_and_not_always_after_the_same_time",
    ),
    Rule(
        "delivery-list",
        "Delivered configs are listed as ##1.0##<project>$<config> in user_log_config.json.",
        "help: import historical logs (71414)",
        "sandbox.hosts.delivered.Delivery",
        "test_agent_delivery.py::test_a_delivered_config_is_listed_on_the_host_by_its_full_name",
        "1.8",
    ),
    Rule(
        "delivery-folder",
        "Delivered configs are files of a folder of their provider.",
        "core/config/provider/ConfigProvider.cpp Init",
        "sandbox.hosts.delivered.Delivery",
        "test_agent_versions.py"
        "::test_from_2_0_on_each_delivered_config_is_a_file_that_goes_with_it",
        "2.0 on; place uncertain: Machine.delivered_in",
    ),
    Rule(
        "service-words",
        "The service script answers `ilogtail is running` or `loongcollector is running`.",
        f"{HEARTBEAT}; {LINUX}",
        "sandbox.hosts.service_script.script_of",
        "test_agent_service.py::test_status_says_the_documented_words",
    ),
    Rule(
        "graceful-stop",
        "stop saves the places, force-stop does not.",
        "help: query the local collection status (58910); core/application/Application.cpp Exit",
        "sandbox.hosts.service.Service",
        "test_agent_service.py::test_a_forced_stop_saves_no_places",
    ),
    Rule(
        "several-agents",
        "Each agent on a host collects for itself, so lines double; each beats.",
        HEARTBEAT,
        "sandbox.hosts.fleet.Fleet",
        "test_agent_several.py::test_two_agents_on_a_host_double_its_lines_and_both_beat",
    ),
)
