"""Faults on demand: every kind, as the official SDK and plain HTTP meet it."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from sandbox.sls import Fault, Kind
from tests.contract.sls.world import ENDPOINT, SOURCE, SOURCE_KEY, TARGET, World, add_group, refusal

GROUPS = "/machinegroups"


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


def create(world: World) -> tuple[int, dict[str, str], Any]:
    body = b'{"groupName": "hosts", "machineIdentifyType": "ip", "machineList": ["10.0.0.1"]}'
    return world.send("POST", GROUPS, body)


def names(world: World) -> list[str]:
    return list(world.server.state.projects["web"].groups)


# Which call goes wrong


def test_a_rule_fires_once_unless_told_otherwise_and_is_counted(world: World) -> None:
    rule = Fault(Kind.META_QPS, "GET", "/configs")
    world.server.faults.add(rule)
    statuses = [world.send("GET", "/configs")[0] for _ in range(3)]

    assert statuses == [403, 200, 200]
    assert world.server.faults.counts == {rule: 1}


def test_the_nth_call_is_the_first_of_as_many_as_asked_for(world: World) -> None:
    world.server.faults.add(Fault(Kind.META_QPS, "GET", "/configs", nth=2, times=2))
    statuses = [world.send("GET", "/configs")[0] for _ in range(5)]

    assert statuses == [200, 403, 403, 200, 200]


def test_only_calls_of_the_method_path_account_and_key_fit(world: World) -> None:
    rules = (
        Fault(Kind.META_QPS, "PUT", "/configs/{config}"),
        Fault(Kind.META_QPS, path="/configs/nginx"),
        Fault(Kind.META_QPS, account=TARGET.id),
        Fault(Kind.META_QPS, key="bound-key"),
    )
    for rule in rules:
        world.server.faults.add(rule)
    status, _, _ = world.send("GET", "/configs/other")
    named, _, _ = world.send("GET", "/configs/nginx")

    assert (status, named) == (404, 403)
    assert list(world.server.faults.counts.values()) == [0, 1, 0, 0]


def test_the_account_and_the_key_of_the_caller_fit(world: World) -> None:
    world.server.faults.add(Fault(Kind.META_QPS, account=SOURCE.id))
    world.server.faults.add(Fault(Kind.WRITE_QUOTA, key=SOURCE_KEY.id, nth=2))
    codes = [world.send("GET", "/configs")[2].get("errorCode") for _ in range(3)]

    assert codes == ["MetaOperationQpsLimitExceeded", "WriteQuotaExceed", None]


def test_the_type_of_a_call_can_be_a_part_of_the_path(world: World) -> None:
    world.logstore()
    world.server.faults.add(Fault(Kind.META_QPS, "GET", "/logstores/{logstore}?type=histogram"))
    world.source.get_logstore("web", "app")

    assert refusal(lambda: world.histogram(0, 10))[0] == 403


def test_the_same_seed_lets_the_same_calls_go_wrong(world: World) -> None:
    runs = []
    for seed in (7, 7, 8):
        world.server.faults.clear()
        world.server.faults.add(Fault(Kind.META_QPS, times=None, chance=0.5, seed=seed))
        runs.append([world.send("GET", "/configs")[0] for _ in range(20)])

    assert runs[0] == runs[1] != runs[2]
    assert set(runs[0]) == {200, 403}


def test_cleared_rules_do_nothing_and_a_reset_clears_them(world: World) -> None:
    world.server.faults.add(Fault(Kind.META_QPS, times=None))
    world.server.faults.clear()
    status = world.send("GET", "/configs")[0]
    world.server.faults.add(Fault(Kind.META_QPS))
    world.server.reset()

    assert (status, world.server.faults.counts) == (200, {})


def test_a_call_with_a_wrong_signature_meets_no_fault(world: World) -> None:
    rule = Fault(Kind.META_QPS)
    world.server.faults.add(rule)
    code = refusal(lambda: world.client(SOURCE_KEY, secret="wrong").get_project("web"))[1]

    assert (code, world.server.faults.counts[rule]) == ("SignatureNotMatch", 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": "/nothing"},
        {"method": "PATCH"},
        {"path": "/logstores/{logstore}?type=topic"},
        {"nth": 0},
        {"times": 0},
        {"chance": 0.0},
        {"status": 404},
        {"kind": Kind.SLOW},
        {"kind": Kind.SILENT, "seconds": 10_000.0},
        {"kind": Kind.SKEW},
    ],
)
def test_a_rule_that_could_do_nothing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"a fault of kind .*: "):
        Fault(**({"kind": Kind.RESET} | wrong))


# What goes wrong


@pytest.mark.parametrize(("status", "code"), [(500, "InternalServerError"), (503, "ServerBusy")])
def test_an_error_before_the_effect_changes_nothing(world: World, status: int, code: str) -> None:
    world.server.faults.add(Fault(Kind.ERROR_BEFORE, "POST", GROUPS, status=status))
    answer = create(world)

    assert (answer[0], answer[2]["errorCode"]) == (status, code)
    assert names(world) == []


def test_an_error_after_the_effect_hides_that_it_happened(world: World) -> None:
    world.server.faults.add(Fault(Kind.ERROR_AFTER, "POST", GROUPS))
    status, _, answer = create(world)
    (entry,) = world.server.journal.since(-1)

    assert (status, answer["errorCode"]) == (500, "InternalServerError")
    assert names(world) == ["hosts"]
    assert (entry.wrote, entry.fault, entry.status) == (True, Kind.ERROR_AFTER, 500)


def test_the_sdk_repeats_a_lost_create_and_learns_that_it_is_there(world: World) -> None:
    world.server.faults.add(Fault(Kind.ERROR_AFTER, "POST", GROUPS))

    assert refusal(lambda: add_group(world))[1] == "MachineGroupAlreadyExist"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (Kind.WRITE_QUOTA, "WriteQuotaExceed"),
        (Kind.META_QPS, "MetaOperationQpsLimitExceeded"),
    ],
)
def test_a_quota_is_a_403_without_effect(world: World, kind: Kind, code: str) -> None:
    world.server.faults.add(Fault(kind, "POST", GROUPS))
    told = refusal(lambda: add_group(world))

    assert told[:2] == (403, code)
    assert names(world) == []


def test_a_slow_answer_comes_whole_and_late(world: World) -> None:
    world.server.faults.add(Fault(Kind.SLOW, "GET", GROUPS, seconds=0.5))
    begin = time.monotonic()
    status, _, answer = world.send("GET", GROUPS)

    assert (status, answer["total"]) == (200, 0)
    assert time.monotonic() - begin >= 0.5


def test_no_answer_lasts_until_the_client_gives_up_and_the_server_can_stop() -> None:
    with World() as world:
        world.server.faults.add(Fault(Kind.SILENT, "GET", GROUPS, times=None, seconds=60))
        with pytest.raises(requests.Timeout):
            impatient(world.client(SOURCE_KEY))
        others = world.send("GET", "/configs")[0]
        begin = time.monotonic()

    assert others == 200
    assert time.monotonic() - begin < 5


def impatient(client: Any) -> None:
    """One call that gives up soon; the SDK itself would repeat it ten times."""
    headers = {"x-log-bodyrawsize": "0", "x-log-apiversion": "0.6.0", "Content-Length": "0"}
    client._auth.sign_request("GET", GROUPS, {}, headers, None)
    headers["Host"] = f"web.{ENDPOINT}"
    client._session.get(f"http://web.{ENDPOINT}{GROUPS}", headers=headers, timeout=0.3)


def test_no_answer_ends_in_a_reset_when_its_time_is_over(world: World) -> None:
    world.server.faults.add(Fault(Kind.SILENT, "GET", GROUPS, seconds=0.2))

    with pytest.raises(ConnectionResetError):
        world.send("GET", GROUPS)
    assert world.server.journal.since(-1)[0].status == 0


def test_a_reset_comes_before_the_answer_and_after_the_effect(world: World) -> None:
    world.server.faults.add(Fault(Kind.RESET, "POST", GROUPS))

    with pytest.raises(ConnectionResetError):
        create(world)
    (entry,) = world.server.journal.since(-1)
    assert names(world) == ["hosts"]
    assert (entry.status, entry.wrote, entry.fault) == (0, True, Kind.RESET)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_body_is_cut_off_in_the_middle_even_where_it_is_empty(world: World, method: str) -> None:
    world.server.faults.add(Fault(Kind.CUT, method, GROUPS))

    with pytest.raises((ConnectionResetError, http.client.IncompleteRead)):
        create(world) if method == "POST" else world.send("GET", GROUPS)
    assert world.server.journal.since(-1)[0].status == 200


@pytest.mark.parametrize("kind", [Kind.RESET, Kind.CUT])
def test_the_sdk_without_a_proxy_calls_a_broken_connection_a_request_error(
    world: World, kind: Kind
) -> None:
    client = world.client(SOURCE_KEY, f"127.0.0.1:{world.server.port}")
    client._session.proxies, client._isRowIp = {}, True
    world.server.faults.add(Fault(kind, "GET", GROUPS))

    assert refusal(lambda: client.list_machine_group("web"))[1] == "LogRequestError"


def test_the_sdk_repeats_a_reset_by_a_proxy(world: World) -> None:
    rule = Fault(Kind.RESET, "GET", GROUPS)
    world.server.faults.add(rule)
    found = world.source.list_machine_group("web")

    assert found.get_machine_group_total() == 0
    assert world.server.faults.counts == {rule: 1}


def test_the_sdk_calls_wrong_json_a_bad_response(world: World) -> None:
    world.server.faults.add(Fault(Kind.WRONG_JSON, "GET", "/"))

    assert refusal(lambda: world.source.get_project("web"))[:2] == (200, "BadResponse")
    assert world.source.get_project("web").get_owner() == SOURCE.id


def test_wrong_json_can_be_any_body(world: World) -> None:
    world.server.faults.add(Fault(Kind.WRONG_JSON, "GET", GROUPS, body=b"[]"))

    assert world.send("GET", GROUPS)[2] == []


@pytest.mark.parametrize("seconds", [1000.0, -1000.0])
def test_a_clock_that_is_off_by_more_than_15_minutes_refuses_and_says_its_time(
    world: World, seconds: float
) -> None:
    world.server.faults.add(Fault(Kind.SKEW, seconds=seconds))
    status, headers, answer = world.send("GET", GROUPS)
    said = (int(headers["x-log-time"]), parsedate_to_datetime(headers["date"]).timestamp())

    assert (status, answer["errorCode"]) == (400, "RequestTimeExpired")
    assert [abs(time.time() + seconds - told) < 5 for told in said] == [True, True]
    assert world.send("GET", GROUPS)[0] == 200


def test_a_clock_that_is_off_a_little_only_shows_and_other_faults_come_on_top(world: World) -> None:
    world.server.faults.add(Fault(Kind.SKEW, times=None, seconds=600))
    world.server.faults.add(Fault(Kind.META_QPS))
    first, second = world.send("GET", GROUPS), world.send("GET", GROUPS)
    entries = world.server.journal.since(-2)

    assert (first[0], second[0]) == (403, 200)
    assert int(second[1]["x-log-time"]) > time.time() + 500
    assert [entry.fault for entry in entries] == [Kind.META_QPS, Kind.SKEW]
