"""Rules of who collects a file, where reading begins, and what becomes of a place."""

from __future__ import annotations

from sandbox.hosts.rule import CHECKPOINTS, CHOOSER, DISPATCHER, HANDLER, READER, Rule

CHOICE = "sandbox.hosts.matching"
COLLECTOR = "sandbox.hosts.collector.Collector"
PLACE = "sandbox.hosts.reader.Reader"
DISCOVERY = "core/file_server/FileDiscoveryOptions.cpp"

FILES = (
    Rule(
        "forced-beside",
        "A config with the force flag collects beside the one winner, and nobody complains.",
        f"{CHOOSER} FindMatchWithForceFlag",
        f"{CHOICE}.choose",
        "test_agent_matching.py"
        "::test_a_forced_config_collects_beside_the_other_and_nobody_complains",
    ),
    Rule(
        "oldest-wins",
        "Of equally near configs without the flag the oldest collects alone.",
        f"{CHOOSER} FindBestMatch",
        f"{CHOICE}.in_order",
        "test_agent_matching.py::test_of_two_equal_configs_the_older_collects_alone",
    ),
    Rule(
        "longest-path",
        "The longest base path wins, in characters.",
        f"{CHOOSER} FindBestMatch",
        f"{CHOICE}.rank",
        "test_agent_matching.py"
        "::test_a_paths_length_decided_until_3_1_4_and_its_depth_decides_since_3_2_6",
        "until 3.1.4",
    ),
    Rule(
        "deepest-path",
        "The deepest base path wins, in folders.",
        f"{CHOOSER} FindBestMatch",
        f"{CHOICE}.rank",
        "test_agent_matching.py"
        "::test_a_paths_length_decided_until_3_1_4_and_its_depth_decides_since_3_2_6",
        "since 3.2.6",
    ),
    Rule(
        "rivals-alarm",
        "Several configs without the flag ring MULTI_CONFIG_MATCH_ALARM once in ten minutes.",
        f"{CHOOSER} multi_config_alarm_interval",
        f"{CHOICE}.choose",
        "test_agent_matching.py::test_rivals_are_complained_of_once_in_ten_minutes",
    ),
    Rule(
        "accept-multi-config",
        "With accept_multi_config of ilogtail_config.json all configs collect, up to twenty.",
        f"core/app_config/AppConfig.cpp; {CHOOSER} FindAllMatch",
        f"{CHOICE}.Acceptance",
        "test_agent_paths.py"
        "::test_an_agent_that_accepts_several_configs_takes_them_all_after_its_start",
    ),
    Rule(
        "wildcard-path",
        "A wildcard of a path stands for one folder; the search begins above the first.",
        f"{DISCOVERY} ParseWildcardPath",
        "sandbox.hosts.paths.FilePath",
        "test_agent_paths.py"
        "::test_a_wildcard_path_is_looked_for_from_the_folder_above_its_first_wildcard",
    ),
    Rule(
        "blacklist",
        "A blacklist leaves out names, files, and folders with what is below them.",
        f"{DISCOVERY} IsDirectoryInBlacklist",
        "sandbox.hosts.paths",
        "test_agent_paths.py"
        "::test_a_blacklist_leaves_out_names_files_and_folders_with_what_is_below",
    ),
    Rule(
        "max-depth",
        "A config reaches maxDepth folders below its base path, and no folder that begins alike.",
        f"{DISCOVERY} IsMatch",
        f"{CHOICE}.matches",
        "test_agent_matching.py::test_a_config_reaches_as_deep_as_max_depth_says",
    ),
    Rule(
        "start-at-tail",
        "A config new to a file begins 1,024 KiB before its end (Linux).",
        f"{READER} SetFilePosBackwardToFixedPos; core/file_server/reader/FileReaderOptions.cpp",
        "sandbox.hosts.reader.tail_offset",
        "test_agent_start.py::test_a_new_config_begins_one_mebibyte_before_the_end",
    ),
    Rule(
        "start-size",
        "tail_size_kb of the config says how much before the end.",
        "core/file_server/reader/FileReaderOptions.cpp",
        f"{PLACE}.start_at_tail",
        "test_agent_start.py::test_tail_size_kb_of_the_config_is_obeyed",
    ),
    Rule(
        "start-at-line",
        "Reading begins at a line start; the line it lands in is given up.",
        f"{READER} FixLastFilePos",
        "sandbox.hosts.reader.line_start",
        "test_agent_start.py"
        "::test_reading_begins_at_a_line_start_and_gives_up_the_line_it_lands_in",
    ),
    Rule(
        "idle-file",
        "A file not written for 120 s when its config comes waits for its next write.",
        f"{DISPATCHER} existed_file_active_timeout",
        COLLECTOR,
        "test_agent_start.py::test_a_file_not_written_for_two_minutes_waits_for_its_next_write",
    ),
    Rule(
        "tail-existed",
        "With tailExisted old files are begun at once, and the checkpoint does not count.",
        f"{READER} InitReader",
        COLLECTOR,
        "test_agent_paths.py::test_wanting_all_existing_files_means_the_checkpoint_does_not_count",
    ),
    Rule(
        "place-key",
        "Each config has its own place in each file: device, inode, name of the config.",
        "core/file_server/checkpoint/CheckPointManager.h CheckPointKey",
        "sandbox.hosts.checkpoint.Place",
        "test_agent_places.py::test_each_config_has_its_own_place_in_a_file",
    ),
    Rule(
        "place-forgotten",
        "A config that leaves, or no longer matches, loses its places at once.",
        f"{DISPATCHER} validateCheckpoint; core/file_server/FileServer.cpp Pause, Resume",
        f"{COLLECTOR}.adopt",
        "test_agent_places.py::test_a_place_is_forgotten_when_its_config_leaves",
    ),
    Rule(
        "place-dump",
        "Places are saved every 900 s.",
        f"{CHECKPOINTS} check_point_dump_interval",
        "sandbox.hosts.agent.CHECKPOINT",
        "test_agent_places.py::test_places_are_dumped_every_fifteen_minutes",
    ),
    Rule(
        "clean-end",
        "A clean end saves every place, so nothing is read twice.",
        "core/controller/EventDispatcherBase.cpp ExitProcess",
        "sandbox.hosts.agent.Agent.stop",
        "test_agent_places.py::test_after_a_clean_restart_nothing_is_read_twice",
    ),
    Rule(
        "kill",
        "After a kill the lines since the last dump are sent again.",
        CHECKPOINTS,
        "sandbox.hosts.agent.Agent.kill",
        "test_agent_places.py::test_after_a_kill_lines_since_the_last_dump_are_read_again"
        "_and_the_journal_knows_which",
    ),
    Rule(
        "rotation",
        "A renamed file is read to its end, then the new one from its beginning.",
        f"{HANDLER} CreateLogFileReaderPtr",
        COLLECTOR,
        "test_agent_rotation.py"
        "::test_a_renamed_file_is_read_to_its_end_and_then_the_new_one_from_its_beginning",
    ),
    Rule(
        "rotation-late",
        "A renamed file is read on for ten minutes after its last write, if its new name matches.",
        f"{HANDLER} CreateModifyHandler::Handle, logreader_filerotate_remove_interval",
        "sandbox.hosts.collector.ROTATED_FOR",
        "test_agent_rotation.py::test_a_line_written_late_into_the_renamed_file_still_arrives",
    ),
    Rule(
        "file-made",
        "A file that is made in a watched folder is read from its beginning, whatever the tail size.",
        f"{HANDLER} ModifyHandler::Handle (IsCreate); {READER} SetReadFromBeginning",
        "sandbox.hosts.files.Look.saw_no",
        "test_agent_start.py::test_a_file_that_is_made_later_is_read_from_its_beginning",
    ),
    Rule(
        "left-behind",
        "What was read for a config that left is still sent, or tried as long as any other.",
        "core/collection_pipeline/queue/SenderQueueManager.cpp ClearUnusedQueues",
        "sandbox.hosts.sender.Sender.leave",
        "test_agent_leaving.py::test_lines_that_were_read_for_a_config_that_left_are_still_sent",
    ),
    Rule(
        "truncation",
        "A shrunk file with another beginning is read from byte 0.",
        f"{READER} CheckFileSignatureAndOffset",
        f"{PLACE}.meet_truncation",
        "test_agent_places.py::test_a_file_truncated_and_begun_anew_is_read_from_its_beginning",
    ),
    Rule(
        "cut-back",
        "A shrunk file with the same beginning goes on at its new end.",
        f"{READER} CheckFileSignatureAndOffset",
        f"{PLACE}.meet_truncation",
        "test_agent_places.py::test_a_file_cut_back_with_the_same_beginning_goes_on_at_its_end",
    ),
    Rule(
        "inode-reused",
        "Another file under a known inode, be it of the same size, does not inherit the place: its"
        " first KiB tells.",
        f"{READER} CheckFileSignatureAndOffset",
        f"{PLACE}.sample_fits",
        "test_agent_places.py::test_an_inode_used_again_by_another_file_does_not_inherit_the_place",
    ),
)
