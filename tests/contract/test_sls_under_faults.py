"""The bot's SLS adapter where the service errs: what is said, and what is true afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from bot.credentials import fixed
from bot.sls import SlsProject, sls_client
from sandbox.sls import Account, Delays, Fault, Key, Kind, SlsServer
from workflows.collection.forms import Form
from workflows.errors import StepFailed, Unavailable
from workflows.ports import Line, Lines

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
    "pipeline": lambda sls: sls.config("app-b", Form.PIPELINE),
    "configs": lambda sls: sls.configs("app-b"),
    "machine_groups": lambda sls: sls.machine_groups(),
    "logstores": lambda sls: sls.logstores(),
    "shards": lambda sls: sls.shards("app-b"),
    "dashboards": lambda sls: sls.readers("app-b", "dashboard"),
    "alerts": lambda sls: sls.readers("app-b", "alert"),
    "searches": lambda sls: sls.readers("app-b", "saved search"),
    "pull": lambda sls: list(sls.pull("app-b", 0, 10)),
    "scan": lambda sls: list(sls.scan("app-b", 0, 10)),
}


@pytest.fixture
def server() -> Iterator[SlsServer]:
    account = Account("1234567890123456", "cn-hangzhou", (KEY,))
    with SlsServer((account,), delays=Delays(logstore_ready=0)) as running:
        yield running


@pytest.fixture
def sls(server: SlsServer) -> Iterator[SlsProject]:
    client = sls_client(ENDPOINT, fixed(KEY.id, KEY.secret), server.proxy)
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
    client = sls_client(f"http://127.0.0.1:{server.port}", fixed(KEY.id, KEY.secret))
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


LISTS = ("configs", "machine_groups", "logstores", "shards", "dashboards", "alerts", "searches")


@pytest.mark.parametrize("read", LISTS)
def test_an_empty_answer_is_no_empty_list(server: SlsServer, sls: SlsProject, read: str) -> None:
    server.faults.add(Fault(Kind.WRONG_JSON, "GET", body=b"{}"))
    sls.create_logstore({"logstoreName": "app-b", "ttl": 30, "shardCount": 1})

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


PUT = "/logstores/app-b/shards/lb"
PULL = "/logstores/app-b/shards/0?type=log"


@pytest.fixture
def logstore(sls: SlsProject) -> SlsProject:
    sls.create_logstore({"logstoreName": "app-b", "ttl": 30, "shardCount": 1})
    return sls


def a_line(text: str = "x") -> Lines:
    return Lines((Line(int(time.time()), (("content", text),)),))


def held(sls: SlsProject) -> list[str]:
    now = int(time.time())
    pulled = sls.pull("app-b", now - 60, now + 60)
    return [line.fields[0][1] for lines in pulled for line in lines.lines]


@pytest.mark.parametrize(
    ("kind", "there"), [(Kind.ERROR_BEFORE, 0), (Kind.ERROR_AFTER, 1), (Kind.RESET, 1)]
)
def test_lines_are_put_once_whatever_the_service_says(
    server: SlsServer, logstore: SlsProject, kind: Kind, there: int
) -> None:
    server.faults.add(Fault(kind, "POST", PUT, times=3))

    with pytest.raises(Unavailable, match="target: writing lines into logstore app-b in project"):
        logstore.put("app-b", a_line())
    assert len([e for e in server.journal.since() if e.path == PUT]) == 1
    assert held(logstore) == ["x"] * there


def test_a_page_that_is_cut_is_unavailable_and_gives_no_half_of_it(
    server: SlsServer, logstore: SlsProject
) -> None:
    logstore.put("app-b", a_line())
    server.faults.add(Fault(Kind.WRONG_JSON, "GET", PULL))

    with pytest.raises(Unavailable, match=r"reading lines of logstore app-b.*cannot be read$"):
        held(logstore)
    assert held(logstore) == ["x"]


def test_a_page_that_met_an_error_is_asked_for_again(
    server: SlsServer, logstore: SlsProject
) -> None:
    logstore.put("app-b", a_line())
    server.faults.add(Fault(Kind.ERROR_BEFORE, "GET", PULL))

    assert held(logstore) == ["x"]


def test_a_refusal_of_the_request_is_not_taken_for_a_config_that_is_not_there(
    server: SlsServer, sls: SlsProject
) -> None:
    server.faults.add(Fault(Kind.SKEW, seconds=1000))

    with pytest.raises(StepFailed, match=r"reading config app-b in project.*RequestTimeExpired"):
        sls.config("app-b")
