"""The bot's SLS adapter where the service errs: what is said, and what is true afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bot.sls import SlsProject, sls_client
from sandbox.sls import Account, Fault, Key, Kind, SlsServer
from workflows.errors import StepFailed, Unavailable

KEY = Key("LTAI5tFaults", "faults-secret")
ENDPOINT = "http://cn-hangzhou.log.aliyuncs.com"
GROUP = {
    "groupName": "app-b",
    "groupType": "",
    "machineIdentifyType": "userdefined",
    "machineList": ["app-b"],
    "groupAttribute": {"groupTopic": "", "externalName": ""},
}
GROUPS = "/machinegroups"
READS: dict[str, Callable[[SlsProject], object]] = {
    "project": lambda sls: sls.project(),
    "logstore": lambda sls: sls.logstore("app-b"),
    "config": lambda sls: sls.config("app-b"),
    "machine_group": lambda sls: sls.machine_group("app-b"),
    "machines": lambda sls: sls.machines("app-b"),
    "groups_of": lambda sls: sls.groups_of("app-b"),
    "configs_of": lambda sls: sls.configs_of("app-b"),
    "holds_lines": lambda sls: sls.holds_lines("app-b"),
    "count": lambda sls: sls.count("app-b", 0, 10),
}


@pytest.fixture
def server() -> Iterator[SlsServer]:
    with SlsServer((Account("1234567890123456", "cn-hangzhou", (KEY,)),)) as running:
        yield running


@pytest.fixture
def sls(server: SlsServer) -> Iterator[SlsProject]:
    client = sls_client(ENDPOINT, KEY.id, KEY.secret, proxy=server.proxy)
    client.create_project("shop-a", "")
    yield SlsProject(client, "shop-a", "target")
    client._session.close()


def wrote(server: SlsServer) -> list[tuple[str, str]]:
    return [(e.method, e.fault) for e in server.journal.writes() if e.path.startswith(GROUPS)]


def test_a_create_whose_answer_was_lost_reads_as_created(
    server: SlsServer, sls: SlsProject
) -> None:
    server.faults.add(Fault(Kind.ERROR_AFTER, "POST", GROUPS))
    sls.create_machine_group(GROUP)
    found = sls.machine_group("app-b")

    assert found is not None
    assert found["machineList"] == ["app-b"]
    assert wrote(server) == [("POST", Kind.ERROR_AFTER)]


def test_an_error_before_the_effect_is_made_good_by_the_repetition(
    server: SlsServer, sls: SlsProject
) -> None:
    server.faults.add(Fault(Kind.ERROR_BEFORE, "POST", GROUPS, status=503))
    sls.create_machine_group(GROUP)

    assert wrote(server) == [("POST", "")]


def test_a_delete_whose_answer_was_lost_is_no_failure(server: SlsServer, sls: SlsProject) -> None:
    sls.create_machine_group(GROUP)
    server.faults.add(Fault(Kind.ERROR_AFTER, "DELETE"))
    sls.delete_machine_group("app-b")

    assert sls.machine_group("app-b") is None


@pytest.fixture
def direct(server: SlsServer, sls: SlsProject) -> Iterator[SlsProject]:
    """As against the real service: the SDK repeats a reset only where it comes from a proxy."""
    client = sls_client(f"http://127.0.0.1:{server.port}", KEY.id, KEY.secret)
    client._isRowIp = True
    yield SlsProject(client, sls.name, sls.side)
    client._session.close()


@pytest.mark.parametrize("kind", [Kind.RESET, Kind.CUT, Kind.WRONG_JSON])
def test_a_create_that_went_wrong_on_its_way_back_is_unavailable_and_there_at_the_next_try(
    server: SlsServer, direct: SlsProject, kind: Kind
) -> None:
    server.faults.add(Fault(kind, "POST", GROUPS))

    with pytest.raises(Unavailable, match="target: creating machine group app-b in project shop-a"):
        direct.create_machine_group(GROUP)
    direct.create_machine_group(GROUP)
    assert direct.machine_group("app-b") is not None
    assert wrote(server) == [("POST", kind)]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (Kind.WRITE_QUOTA, "WriteQuotaExceed"),
        (Kind.META_QPS, "MetaOperationQpsLimitExceeded"),
    ],
)
def test_a_quota_is_unavailable_and_named(
    server: SlsServer, sls: SlsProject, kind: Kind, code: str
) -> None:
    server.faults.add(Fault(kind, "POST", GROUPS))

    with pytest.raises(Unavailable, match=code):
        sls.create_machine_group(GROUP)
    assert wrote(server) == []


@pytest.mark.parametrize("kind", [Kind.RESET, Kind.CUT])
def test_a_broken_connection_is_unavailable_and_says_no_address(
    server: SlsServer, direct: SlsProject, kind: Kind
) -> None:
    server.faults.add(Fault(kind, "GET", "/"))

    with pytest.raises(Unavailable) as said:
        direct.project()
    assert str(said.value) == "target: reading project shop-a: no connection"


@pytest.mark.parametrize("body", [b"<html>busy</html>", b"[]", b"7", b'"x"', b"{", b"null", b""])
@pytest.mark.parametrize("read", READS)
def test_an_answer_that_is_not_what_was_asked_for_is_unavailable(
    server: SlsServer, sls: SlsProject, read: str, body: bytes
) -> None:
    sls.create_machine_group(GROUP)
    server.faults.add(Fault(Kind.WRONG_JSON, "GET", body=body))

    with pytest.raises(Unavailable, match=r": an answer that cannot be read$"):
        READS[read](sls)


def test_an_answer_that_does_not_come_in_time_is_asked_for_again(
    server: SlsServer, sls: SlsProject
) -> None:
    sls.client.timeout = 0.3
    rule = Fault(Kind.SILENT, "GET", "/", seconds=30)
    server.faults.add(rule)

    assert sls.project().region == "cn-hangzhou"
    assert server.faults.counts == {rule: 1}


def test_a_server_whose_clock_is_off_is_told_as_such(server: SlsServer, sls: SlsProject) -> None:
    server.faults.add(Fault(Kind.SKEW, seconds=1000))

    with pytest.raises(StepFailed, match=r"RequestTimeExpired.*set the clock"):
        sls.project()
