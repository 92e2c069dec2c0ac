"""Each cause of silence is told from the others, by what a host says and the service knows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fake_agent import AGENT, REACHED, TWO
from tests.unit.diagnosis_kit import (
    ACCOUNT,
    APP_INFO,
    BEIJING,
    CLOSED,
    CONFIG,
    CONFIG_SERVERS,
    FULL,
    HEARD,
    IDS,
    ILL,
    IP,
    KEY,
    NOW,
    RESTARTED,
    UNKNOWN,
    USERS,
    Ill,
    app_info,
    log_of,
    without,
)
from workflows.steps.silence.causes import BY_NAME, TABLE, Fix
from workflows.steps.silence.reach import cause_of

BARE = {**without(USERS, IDS), "/etc/ilogtail/other": b""}
DOCS = Path(__file__).parents[2] / "docs" / "diagnosis.md"


def names(ill: Ill) -> list[str]:
    return [cause.name for cause in ill.causes]


@pytest.mark.parametrize("name", ILL)
def test_each_cause_is_found_and_no_other(name: str) -> None:
    assert names(ILL[name]) == [name]


def test_every_row_of_the_table_has_its_ill_host() -> None:
    assert [rule.name for rule in TABLE] == list(ILL)


def test_a_host_with_a_heartbeat_and_its_config_is_well() -> None:
    assert Ill(wanted={"beats": HEARD, "keys": (KEY,)}).causes == ()


def doc_row(name: str) -> str:
    rule, cause = BY_NAME[name], ILL[name].causes[0]
    evidence = cause.evidence.replace("|", "\\|")
    return f"| {name} | {rule.looks} | {evidence} | {rule.remedy} | {rule.fix or '–'} |"


def test_the_documented_table_is_the_one_that_is_used() -> None:
    written = DOCS.read_text(encoding="utf-8").splitlines()
    rows = [line for line in written if line.startswith("| ") and line.split(" | ")[0][2:] in ILL]

    assert rows == [doc_row(name) for name in ILL]


def test_several_causes_are_named_in_their_order() -> None:
    ill = Ill(
        files=BARE,
        agent={"processes": (), "service": "ilogtail is stopped"},
    )

    assert names(ill) == ["agent stopped", "account file missing", "custom id missing"]


def test_an_absent_agent_hides_what_follows_from_it() -> None:
    ill = Ill(files=without("/"), agent={"processes": (), "service": ""})

    assert names(ill) == ["agent absent"]


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("resolving db7 for h1: name or service not known", "unreachable"),
        ("connecting to h1 (10.0.0.11:22): no answer within 10 s", "unreachable"),
        ("waiting for the SSH banner of h1 (10.0.0.11:22): none within 10 s", "unreachable"),
        ("agreeing on keys with h1 (10.0.0.11:22): no end within 20 s", "unreachable"),
        ("reaching h1 (10.0.0.11:22) through bastion: no answer within 10 s", "unreachable"),
        ("reaching h1 (10.0.0.11:22) through bastion: it does not connect: …", "unreachable"),
        ("reaching h1 (…:22) through bastion: logging in to bastion (…): refused", "login refused"),
        ("reaching h1 (…) through b: connecting to b (…): its host key is unknown", "host key"),
        ("reading the known host keys in /x/known_hosts: no such file", "host key"),
        ("reading the key /x/id for h1: its mode 0644 lets others in", "login refused"),
        ("sudo: a password is required (h1, exit status 1)", "sudo refused"),
        ("looking at /etc/ilogtail: permission denied (h1, exit status 1)", "not permitted"),
        ("running a command on h1 (…): no end within 60 s; it may …", "host hangs"),
        ("running a command on h1 (…): the connection broke before it ended", "no usable shell"),
    ],
)
def test_what_keeps_the_bot_from_a_host_is_told_from_its_sentence(said: str, cause: str) -> None:
    assert cause_of(said) == cause


@pytest.mark.parametrize(
    "line", [b"app-b\r\n", b" app-b\n", b"app-b \n", b"\xef\xbb\xbfapp-b\n", b"app-b\xc2\xa0\n"]
)
def test_a_line_that_only_looks_right_is_garbled(line: bytes) -> None:
    assert names(Ill(files={IDS: line})) == ["custom id garbled"]


def test_a_garbled_line_beside_the_right_one_is_no_trouble() -> None:
    assert names(Ill(files={IDS: b"app-b\r\napp-b\n"})) == ["nothing found"]


def test_a_longer_id_is_another_id() -> None:
    assert names(Ill(files={IDS: b"app-b-2\n"})) == ["custom id missing"]


def test_what_the_environment_gives_need_not_stand_in_files() -> None:
    env = (f"ALIYUN_LOGTAIL_USER_ID={ACCOUNT}", "ALIYUN_LOGTAIL_USER_DEFINED_ID=other, app-b")

    assert names(Ill(files=BARE, agent={"env": env})) == ["nothing found"]


def test_the_environment_may_name_several_accounts() -> None:
    env = (f"ALIYUN_LOGTAIL_USER_ID=999,{ACCOUNT}",)

    assert names(Ill(files=without(USERS), agent={"env": env})) == ["nothing found"]


def test_one_process_is_all_there_is_in_a_container() -> None:
    one = {"processes": (f"101 1 {AGENT}",), "env": (f"ALIYUN_LOGTAIL_USER_ID={ACCOUNT}",)}

    assert names(Ill(agent=one)) == ["nothing found"]


def test_three_processes_are_more_than_one_agent_has() -> None:
    (cause,) = Ill(agent={"processes": (*TWO, f"201 1 {AGENT}")}).causes

    assert cause.name == "agents doubled"
    assert cause.evidence == "3 processes where one agent has two; daemons: 101, 201"


def test_an_agent_that_runs_is_not_stopped_whatever_its_script_says() -> None:
    assert names(Ill(agent={"service": "ilogtail is stopped"})) == ["nothing found"]


def test_an_agent_that_runs_from_elsewhere_is_named_where_its_folder_is_absent() -> None:
    (cause,) = Ill(files=without("/usr")).causes

    assert cause.evidence == f"no /usr/local/ilogtail, though {AGENT} runs"


def test_an_agent_that_never_wrote_who_it_is_has_no_address() -> None:
    (cause,) = Ill(files=without(APP_INFO)).causes

    assert cause.evidence == f"no {APP_INFO}, which an agent writes when it starts"


def test_a_heartbeat_proves_region_network_and_group_by_ip() -> None:
    group = {"machineIdentifyType": "ip", "machineList": [IP]}
    proven = {"beats": HEARD, "group": group}
    agent = {"reach": CLOSED, "resolve": (2, ""), "newer": (CONFIG,)}

    assert names(Ill(files={CONFIG: CONFIG_SERVERS}, agent=agent, wanted=proven)) == []


def test_no_settings_of_its_own_means_no_server() -> None:
    ill = Ill(said=lambda said: re.sub("fact config .*", "fact config absent", said))
    (cause,) = ill.causes

    assert cause.evidence == f"no {CONFIG}, so the agent knows no server"


def test_a_config_is_not_awaited_where_there_is_no_heartbeat() -> None:
    undelivered = ILL["config not delivered"]

    assert names(replace(undelivered, wanted={"keys": (KEY,)})) == ["nothing found"]


def beside(more: str) -> Callable[[str], str]:
    """The answer with one fact more; the texts between /…/ are sent as hex."""
    line = re.sub("/([^/]*)/", lambda text: f"={text[1].encode().hex()}", more)
    return lambda said: said.replace("fact date", f"fact {line}\nfact date")


def test_one_server_of_several_that_answers_is_enough() -> None:
    dead = beside("reach curl 28 /other/ /curl: (28) Connection timed out/")
    lost = beside("resolve getent 2 /other/ //")

    assert names(Ill(said=dead)) == ["nothing found"]
    assert names(Ill(said=lambda said: lost(dead(said)))) == ["nothing found"]


def test_a_name_that_resolves_beside_one_that_does_not_leaves_it_to_the_network() -> None:
    timed_out = beside("reach curl 28 /other/ /curl: (28) Connection timed out/")
    resolved = beside("resolve getent 0 /other/ /100.100.80.23 other/")
    ill = Ill(
        agent={"reach": UNKNOWN, "resolve": (2, "")}, said=lambda said: resolved(timed_out(said))
    )

    assert names(ill) == ["endpoint not reached"]


def test_what_may_not_be_read_is_not_said_to_be_missing() -> None:
    ill = Ill(said=lambda said: re.sub("fact (users|ids) .*", r"fact \1 denied", said))
    (cause,) = ill.causes

    assert cause.name == "not permitted"
    assert cause.evidence == f"reading {IDS}, {USERS}: permission denied"


def test_a_restart_for_a_limit_that_was_raised_since_is_still_told() -> None:
    (cause,) = Ill(agent=log_of(f"{RESTARTED}\tcpu_usage:0.1\tmem_rss:120")).causes

    assert cause.name == "memory limit"


@pytest.mark.parametrize("rooms", ["conf", "agent"])
def test_either_folder_s_disk_may_be_full_or_read_only(rooms: str) -> None:
    def spoilt(field: str, value: str) -> Ill:
        line = f"(fact room {rooms} yes) =(\\w+) =(\\w+) =(\\w+)"
        parts = {"blocks": 2, "mount": 4}
        order = [f"={value.encode().hex()}" if n == parts[field] else f"=\\{n}" for n in (2, 3, 4)]
        return Ill(said=lambda said: re.sub(line, " ".join((r"\1", *order)), said))

    assert names(spoilt("blocks", FULL)) == ["disk full"]
    assert names(spoilt("mount", "/dev/vda1 / ext4 ro,relatime 0 0")) == ["disk read-only"]


def test_an_environment_of_others_is_no_cause_while_there_is_a_heartbeat() -> None:
    env = ("ALIYUN_LOGTAIL_USER_DEFINED_ID=other",)

    assert names(Ill(agent={"env": env}, wanted={"beats": HEARD})) == []


def test_the_account_of_the_environment_is_named_where_it_is_another() -> None:
    (cause,) = Ill(agent={"env": ("ALIYUN_LOGTAIL_USER_ID=999",)}).causes

    assert cause.name == "environment overrides"
    assert "ALIYUN_LOGTAIL_USER_ID=999" in cause.evidence


def test_settings_for_the_other_age_of_the_agent_name_no_server() -> None:
    old = json.dumps({"config_server_address": BEIJING.replace("beijing", "hangzhou")}).encode()
    new = app_info(logtail_version="", loongcollector_version="3.0.12")
    (cause,) = Ill(files={CONFIG: old, APP_INFO: new}).causes

    assert cause.name == "other region"
    assert cause.evidence.endswith(
        "has no config_servers but config_server_address, which agent 3.0.12 does not read"
    )


def test_a_region_is_not_taken_for_another_that_begins_alike() -> None:
    finance = b'{"config_server_address": "http://logtail.cn-hangzhou-finance.log.aliyuncs.com"}'

    assert names(Ill(files={CONFIG: finance})) == ["other region"]


def test_one_server_in_the_region_of_several_is_enough() -> None:
    both = {"config_servers": [BEIJING, BEIJING.replace("beijing", "hangzhou")]}
    files = {
        CONFIG: json.dumps(both).encode(),
        APP_INFO: app_info(loongcollector_version="3.3.5"),
    }

    assert names(Ill(files=files)) == ["nothing found"]


def test_an_address_of_another_shape_is_not_judged() -> None:
    assert names(Ill(files={CONFIG: b'{"config_server_address": "http://proxy:8080"}'})) == [
        "nothing found"
    ]


@pytest.mark.parametrize(
    ("reach", "cause"),
    [
        (("curl", 7, "curl: (7) Failed to connect"), "endpoint not reached"),
        (("curl", 124, ""), "endpoint not reached"),
        (("curl", 0, "<html>Sign in to the proxy</html>"), "endpoint not reached"),
        (("wget", 8, ""), "nothing found"),
        (("wget", 1, "wget: server returned error: HTTP/1.1 405 Not Allowed"), "nothing found"),
        (("wget", 1, "wget: bad address 'logtail.cn-hangzhou'"), "name not resolved"),
        (("curl", 28, "curl: (28) Resolving timed out after 3000 ms"), "name not resolved"),
        (("curl", 0, REACHED), "nothing found"),
    ],
)
def test_only_the_service_s_own_refusal_is_reaching_it(
    reach: tuple[str, int, str], cause: str
) -> None:
    assert names(Ill(agent={"reach": reach})) == [cause]


@pytest.mark.parametrize(
    ("date", "found"),
    [
        (NOW - 901, ["clock wrong"]),
        (NOW + 5 + 901, ["clock wrong"]),
        (NOW - 899, ["nothing found"]),
        (NOW + 5 + 899, ["nothing found"]),
    ],
)
def test_a_clock_is_wrong_beyond_fifteen_minutes_either_way(date: float, found: list[str]) -> None:
    assert names(Ill(agent={"clock": lambda: date})) == found


def test_the_seconds_of_a_wrong_clock_are_said() -> None:
    (cause,) = ILL["clock wrong"].causes

    assert "3600 s behind" in cause.evidence


def test_a_restart_of_long_ago_is_no_cause() -> None:
    old = log_of(f"{RESTARTED}\tcpu_usage:0.62\tmem_rss:120") | {"last": "[2026-11-22 11:00:00] x"}

    assert names(Ill(agent=old)) == ["nothing found"]


def test_limits_of_the_agent_s_own_settings_count() -> None:
    own = b'{"config_server_address": "http://proxy", "cpu_usage_limit": 2, "mem_usage_limit": 100}'
    ill = Ill(files={CONFIG: own}, agent=log_of(f"{RESTARTED}\tcpu_usage:1.0\tmem_rss:120"))

    assert names(ill) == ["memory limit"]


def test_a_daemon_alone_after_a_restart_for_its_limits_is_not_called_halved() -> None:
    log = log_of(f"{RESTARTED}\tcpu_usage:0.62\tmem_rss:120")

    assert names(Ill(agent={**log, "processes": (f"101 1 {AGENT}",)})) == ["CPU limit"]


def test_inodes_fill_up_too() -> None:
    (cause,) = Ill(agent={"inodes": "/dev/vda1 2621440 2621440 0 100% /"}).causes

    assert cause.name == "disk full"
    assert "inodes" in cause.evidence


def test_a_folder_that_a_user_may_not_write_is_not_a_read_only_disk() -> None:
    assert names(Ill(agent={"writable": False, "user": 1000})) == ["nothing found"]
    assert names(Ill(agent={"writable": False})) == ["disk read-only"]


def test_processes_that_may_not_be_seen_are_not_called_stopped() -> None:
    assert names(Ill(agent={"processes": ()})) == ["nothing found"]


def test_without_ps_and_service_script_nothing_is_guessed() -> None:
    (cause,) = Ill(agent={"processes": None, "service": "", "lacks": ("ps",)}).causes

    assert cause.name == "nothing found"
    assert cause.evidence.endswith("not looked at: processes (no ps, or it shows none of others)")


def test_what_was_not_looked_at_is_not_said_to_look_right() -> None:
    own = b'{"config_server_address": "http://[::1]"}'
    asked_nobody = Ill(
        files={CONFIG: own}, said=lambda s: re.sub("fact (reach|resolve) .*\n", "", s)
    )
    (cause,) = Ill(agent={"lacks": ("df", "log", "curl")}).causes
    (unasked,) = asked_nobody.causes

    assert cause.evidence.startswith("agent, ids, group, region and clock look right; not looked")
    assert unasked.evidence.startswith(
        "agent, ids, group, region, clock, load and disks look right"
    )
    assert "network (no server in the agent's settings that could be asked)" in unasked.evidence


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("/dev/vda1 9999999999 9979999999 20000000 100% /", ["nothing found"]),
        ("/dev/vda1 9999999999 9999999999 512 100% /", ["disk full"]),
        ("/dev/vda1 41152736 41152736 0 100% /", ["disk full"]),
    ],
)
def test_gigabytes_that_df_rounds_away_are_room(line: str, found: list[str]) -> None:
    assert names(Ill(agent={"blocks": line})) == found


def test_ids_are_only_put_right_where_the_migration_made_its_group() -> None:
    ill = ILL["custom id missing"]
    before_any_start = replace(ill, wanted={"group": None})

    assert ill.causes[0].fix is Fix.IDENTITY
    assert [cause.fix for cause in before_any_start.causes] == [Fix.NONE, Fix.NONE]


def test_an_agent_without_a_service_script_is_not_offered_a_restart() -> None:
    (cause,) = Ill(agent={"processes": (), "service": ""}).causes

    assert cause.name == "agent stopped"
    assert cause.fix is Fix.NONE


def test_what_a_host_says_cannot_pass_for_a_mention() -> None:
    (cause,) = Ill(agent={"processes": (), "service": "<@U123> stopped"}).causes

    assert "<" not in cause.evidence
