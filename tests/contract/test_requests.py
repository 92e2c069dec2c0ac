"""The request ids of calls that write: those that the service gave, of writes and of nothing else."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest

from bot.sls import SlsProject
from bot.sls_calls import listening
from sandbox.sls import SlsServer
from tests.contract.sls_worlds import CONFIG, GROUP, LOGSTORE, a_client, a_server, made
from workflows.errors import NotYet, StepFailed
from workflows.ports import Line, Lines

REQUEST = re.compile(r"[0-9A-F]{24}")


@pytest.fixture
def server() -> Iterator[SlsServer]:
    with a_server() as running:
        yield running


class Heard(list[tuple[str, str]]):
    def __call__(self, call: str, request: str) -> None:
        self.append((call, request))

    @property
    def calls(self) -> list[str]:
        return [call for call, _ in self]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def sls(server: SlsServer, heard: Heard) -> SlsProject:
    a_client(server).create_project("shop-a", "")
    return SlsProject(listening(a_client(server), "target", heard), "shop-a", "target")


def until(true: Callable[[], bool]) -> None:
    """What it needs may not be there yet, as nothing is at once."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            if true():
                return
        except NotYet:
            pass
    pytest.fail("not in time")


def test_each_call_that_writes_is_told_with_the_services_id(sls: SlsProject, heard: Heard) -> None:
    sls.create_logstore(LOGSTORE)
    sls.create_machine_group(GROUP)
    sls.delete_machine_group("app-b")

    assert heard.calls == [
        "target POST /logstores",
        "target POST /machinegroups",
        "target DELETE /machinegroups/app-b",
    ]
    assert all(REQUEST.fullmatch(request) for _, request in heard)
    assert len({request for _, request in heard}) == 3


def test_a_config_is_applied_and_removed_by_calls_that_are_told(
    sls: SlsProject, heard: Heard
) -> None:
    sls.create_logstore(LOGSTORE)
    sls.create_machine_group(GROUP)
    until(made(lambda: sls.create_config(CONFIG)))
    heard.clear()
    until(made(lambda: sls.apply("app-b", "app-b")))
    sls.remove("app-b", "app-b")

    done = [call.split()[1] for call in heard.calls if not call.endswith(")")]

    assert done == ["PUT", "DELETE"]


def test_reading_is_not_told(sls: SlsProject, heard: Heard) -> None:
    sls.project()
    sls.logstores()
    sls.logstore("app-b")
    sls.machine_group("app-b")

    assert heard == []


def test_a_refusal_is_told_with_its_code(sls: SlsProject, heard: Heard) -> None:
    sls.create_logstore(LOGSTORE)
    sls.create_logstore(LOGSTORE)
    with pytest.raises(StepFailed):
        sls.create_logstore({**LOGSTORE, "logstoreName": "B"})

    assert heard.calls[0] == "target POST /logstores"
    assert heard.calls[1] == "target POST /logstores (LogStoreAlreadyExist)"
    assert heard.calls[2].startswith("target POST /logstores (")


def test_lines_that_are_put_once_are_told_once(
    server: SlsServer, sls: SlsProject, heard: Heard
) -> None:
    sls.create_logstore(LOGSTORE)
    until(made(lambda: sls.shards("app-b")))
    heard.clear()
    sls.put("app-b", Lines((Line(int(server.state.clock.now()), (("a", "b"),)),)))

    assert heard.calls == ["target POST /logstores/app-b/shards/lb"]
