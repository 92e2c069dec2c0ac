"""What is wrong with a host shows in its heartbeats, exactly where it would in reality."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.hosts.illness import Illness
from sandbox.hosts.journal import What
from sandbox.hosts.root import AGENT_CONFIG, AGENT_HOME, APP_INFO, CONF, CUSTOM_IDS, INIT, USERS
from sandbox.hosts.understand import read_config
from tests.unit.agent_kit import delivered
from tests.unit.ill_kit import GUEST, Ward, wait_for

SILENCING = (
    Illness.AGENT_ABSENT,
    Illness.AGENT_STOPPED,
    Illness.ACCOUNT_FILE_MISSING,
    Illness.ACCOUNT_FILE_MISNAMED,
    Illness.CUSTOM_ID_MISSING,
    Illness.CUSTOM_ID_CRLF,
    Illness.CUSTOM_ID_BLANK,
    Illness.REGION_MISMATCH,
    Illness.NETWORK_SILENT,
    Illness.NETWORK_REFUSED,
    Illness.DNS,
    Illness.CLOCK_SKEW,
)
BEARABLE = tuple(
    illness for illness in Illness if illness not in (*SILENCING, Illness.ENV_OVERRIDE)
)


def names(ills: tuple[Illness, ...]) -> list[str]:
    return [ill.name.lower().replace("_", "-") for ill in ills]


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    with Ward(tmp_path) as ward:
        wait_for(lambda: ward.heard("h1") and ward.heard("h2"), "the first heartbeats")
        yield ward


def test_what_silences_a_real_agent_silences_this_one_and_nothing_else_does(
    tmp_path: Path,
) -> None:
    ills = dict(zip(names(tuple(Illness)), Illness, strict=True))
    with Ward(tmp_path, tuple(ills), version="3.3.5") as ward:
        wait_for(lambda: all(map(ward.heard, ills)), "the first heartbeat of each")
        for name, illness in ills.items():
            ward.fleet.afflict(name, illness)
        # An identity counts within a minute, and a heartbeat comes each minute.
        settled = time.time() + ward.fleet.clock.real(120.0) + 1.0
        loud = names(BEARABLE)
        wait_for(lambda: all(ward.heard_since(name, settled) for name in loud), "the others")
        silent = [name for name in ills if not ward.heard_since(name, settled)]

        assert set(silent) == {*names(SILENCING), "env-override"}
        ward.fleet.reset()
        healed = time.time()
        wait_for(lambda: all(ward.heard_since(name, healed) for name in ills), "all, when healed")


def test_logtail_adds_the_environments_ids_and_is_heard_all_the_same(ward: Ward) -> None:
    ward.fleet.afflict("h1", Illness.ENV_OVERRIDE)
    since = time.time()

    wait_for(lambda: ward.heard_since("h1", since), "a heartbeat")
    assert "someone-else" in ward.group.beats[ward.fleet.machines["h1"].unique_id][0].ids


def test_an_absent_agent_leaves_no_folder_and_comes_back_as_it_was(ward: Ward) -> None:
    root = ward.fleet.root("h1")
    before = (root / CUSTOM_IDS).read_bytes()
    ward.fleet.afflict("h1", Illness.AGENT_ABSENT)
    gone = [(root / part).exists() for part in (CONF, AGENT_HOME, INIT)]
    ward.fleet.heal("h1")

    assert gone == [False] * 3
    assert (root / CUSTOM_IDS).read_bytes() == before
    assert (root / USERS / GUEST.account).exists()


@pytest.mark.parametrize(
    ("illness", "users", "last"),
    [
        (Illness.ACCOUNT_FILE_MISSING, [], b"app-b"),
        (Illness.ACCOUNT_FILE_MISNAMED, [f"{GUEST.account}.txt"], b"app-b"),
        (Illness.CUSTOM_ID_MISSING, [GUEST.account], b"app-b-hosts"),
        (Illness.CUSTOM_ID_CRLF, [GUEST.account], b"app-b\r"),
        (Illness.CUSTOM_ID_BLANK, [GUEST.account], b"app-b "),
    ],
)
def test_an_identity_is_spoiled_for_the_guest_alone(
    ward: Ward, illness: Illness, users: list[str], last: bytes
) -> None:
    root = ward.fleet.root("h1")
    ward.fleet.afflict("h1", illness)
    lines = [line for line in (root / CUSTOM_IDS).read_bytes().split(b"\n") if line]
    found = [file.name for file in (root / USERS).iterdir()]

    assert (found, lines[0], lines[-1]) == (users, b"app-b-hosts", last)
    ward.fleet.heal("h1", illness)
    assert (root / CUSTOM_IDS).read_bytes().endswith(b"\napp-b\n")
    assert [file.name for file in (root / USERS).iterdir()] == [GUEST.account]


@pytest.mark.parametrize(
    ("version", "field"), [("1.8.8", "config_server_address"), ("3.3.5", "config_servers")]
)
def test_another_region_stands_in_the_field_of_the_agents_age(
    tmp_path: Path, version: str, field: str
) -> None:
    with Ward(tmp_path, version=version) as ward:
        file = ward.fleet.root("h1") / AGENT_CONFIG
        before = file.read_bytes()
        ward.fleet.afflict("h1", Illness.REGION_MISMATCH)
        named = json.loads(file.read_text())[field]
        ward.fleet.heal("h1")

        assert "cn-shanghai" in str(named)
        assert file.read_bytes() == before


def test_an_old_agent_says_so_and_does_not_know_a_forced_config(ward: Ward) -> None:
    ward.fleet.afflict("h1", Illness.AGENT_OLD)
    info = json.loads((ward.fleet.root("h1") / APP_INFO).read_text())
    forced = delivered(advanced={"force_multiconfig": True})
    understood = [read_config(forced, release) for release in ((1, 0, 34), (1, 1))]

    assert info["logtail_version"] == "1.0.34"
    assert [config.forced for config in understood] == [False, True]


def test_a_withheld_config_never_comes_though_the_host_is_heard(ward: Ward) -> None:
    key = delivered("app-b", project="project-a").key
    ward.fleet.afflict("h1", Illness.CONFIG_WITHHELD)
    body = delivered().body | {"createTime": 1}
    ward.project.configs["app-b"] = body
    ward.group.configs.append("app-b")
    listed = {
        name: ward.fleet.root(name) / AGENT_HOME / "user_log_config.json" for name in ("h1", "h2")
    }

    wait_for(lambda: key in listed["h2"].read_text(), "the other host's config")
    since = time.time()
    wait_for(lambda: ward.heard_since("h1", since), "a heartbeat")
    assert key not in listed["h1"].read_text()
    ward.fleet.heal("h1")
    wait_for(lambda: key in listed["h1"].read_text(), "the config, when healed")


@pytest.mark.parametrize("illness", [Illness.CPU_BREAKER, Illness.MEMORY_BREAKER])
def test_a_breaker_restarts_the_agent_and_its_log_says_so_in_the_agents_own_words(
    tmp_path: Path, illness: Illness
) -> None:
    with Ward(tmp_path, speed=1000.0) as ward:
        ward.fleet.afflict("h1", illness)
        log = ward.fleet.root("h1") / AGENT_HOME / "ilogtail.LOG"
        wait_for(lambda: log.exists() and "exceeds upper limit" in log.read_text(), "the restart")
        line = next(line for line in log.read_text().splitlines() if "exceeds" in line)
        restarted = ward.fleet.agents["h1"].journal.of(What.OVERLOADED)

        assert "\t[error]\t" in line
        assert "Resource used by program exceeds upper limit:prepare restart Logtail\t" in line
        assert ("mem_rss:3000" in line) is (illness is Illness.MEMORY_BREAKER)
        assert restarted


def test_a_second_agent_is_there_until_it_is_healed(ward: Ward) -> None:
    ward.fleet.afflict("h1", Illness.AGENTS_DUPLICATED)
    others = list(ward.fleet.others)
    ward.fleet.heal("h1")

    assert (others, list(ward.fleet.others)) == (["h1-2"], [])


@pytest.mark.parametrize("illness", [Illness.DISK_FULL, Illness.DISK_READ_ONLY])
def test_an_agent_whose_disk_refuses_goes_on_and_writes_nothing(
    ward: Ward, illness: Illness
) -> None:
    ward.fleet.afflict("h1", illness)
    info = ward.fleet.root("h1") / APP_INFO
    before = info.read_bytes()
    code, said, _ = ward.run("h1", "etc/init.d/ilogtaild restart")
    since = time.time()

    wait_for(lambda: ward.heard_since("h1", since), "a heartbeat")
    assert (code, said) == (0, "ilogtail is running\n")
    assert info.read_bytes() == before


def test_several_ills_are_healed_one_by_one(ward: Ward) -> None:
    ward.fleet.afflict("h1", Illness.DNS)
    ward.fleet.afflict("h1", Illness.AGENT_STOPPED)
    ward.fleet.heal("h1", Illness.DNS)
    stopped = not ward.fleet.agents["h1"].running
    ward.fleet.heal("h1", Illness.AGENT_STOPPED)

    assert stopped
    assert ward.fleet.agents["h1"].running


def test_a_stopped_agent_is_really_started_by_its_service_script(ward: Ward) -> None:
    ward.fleet.afflict("h1", Illness.AGENT_STOPPED)
    stopped = ward.run("h1", "etc/init.d/ilogtaild status")
    started = ward.run("h1", "etc/init.d/ilogtaild start")
    since = time.time()

    assert stopped[:2] == (3, "ilogtail is stopped\n")
    assert started[:2] == (0, "ilogtail is running\n")
    wait_for(lambda: ward.heard_since("h1", since), "a heartbeat")


def test_a_host_that_is_ill_from_the_start_does_not_begin_healthy(tmp_path: Path) -> None:
    ward = Ward(tmp_path)
    ward.fleet.afflict("h1", Illness.AGENT_STOPPED)
    ward.fleet.afflict("h2", Illness.REFUSED)
    with ward:
        running = ward.fleet.agents["h1"].running

        assert not running
        with pytest.raises(OSError, match="Unable to connect"):
            ward.run("h2", "true")


def test_an_unknown_host_cannot_be_ill(ward: Ward) -> None:
    with pytest.raises(KeyError, match="h1, h2"):
        ward.fleet.afflict("h9", Illness.DNS)
