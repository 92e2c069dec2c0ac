"""A diagnosis as a job: found, asked, put right, looked at again; and causes when patience ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.crash.world import ALICE, APP, BOB, CONF, GROUP, WAITS, A, World
from tests.fake_agent import TWO
from tests.fake_hosts import FakeHost
from workflows.apps import Host, HostsFrom, Side
from workflows.diagnosis import DIAGNOSE, explain
from workflows.errors import ClaimLost, JobError, NotYet, Refused, StepFailed
from workflows.model import Event, EventKind, HostResult, JobState, RecordState
from workflows.ports import Command, Machine
from workflows.step import Context
from workflows.steps import repair, roster
from workflows.steps.examined import wanted_of

IDS, USER = f"{CONF}/user_defined_id", f"{CONF}/users/{A}"


class Ward(World):
    """Three hosts that a migration has prepared; an agent that does not run has no heartbeat."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.target.groups["app-b"] = dict(GROUP)
        for host in self.hosts.hosts.values():
            host.files |= {IDS: b"old-hosts\napp-b\n", USER: b""}
            host.agent.clock = self.clock.now
        self.second()

    def second(self) -> None:
        ill = {name for name, host in self.hosts.hosts.items() if not host.agent.processes}
        self.dead = ill | self.dead - self.hosts.hosts.keys()
        super().second()

    def stop(self, name: str) -> None:
        """End its agent, long enough ago that its last heartbeat is not fresh."""
        agent = self.hosts.hosts[name].agent
        agent.processes, agent.service = (), "ilogtail is stopped"
        self.pass_by()

    def spoil(self, name: str) -> None:
        self.hosts.hosts[name].files[IDS] = b"old-hosts\napp-b\r\n"
        self.pass_by()

    def pass_by(self) -> None:
        for _ in range(int(WAITS.fresh) + 1):
            self.second()

    def diagnose(self, *only: str) -> Ward:
        self.service.diagnose(APP.name, ALICE, "C1", only)
        return self

    def until_asked_or_over(self) -> Ward:
        engine = self.engine()
        for _ in range(300):
            for _job in self.store.due():
                self.look(engine, self.store)
            self.second()
            if self.asked() or self.job.state in {JobState.SUCCEEDED, JobState.STOPPED}:
                return self
        raise AssertionError(f"hangs: {self.job}")

    def agree(self) -> Ward:
        shown = self.job.record("fix?").shown
        self.service.approve(self.job.id, "fix?", shown, BOB)
        return self.until_asked_or_over()

    def event(self, kind: EventKind) -> Event:
        return next(event for event in self.store.told["J1"] if event.kind is kind)

    def context(self) -> Context:
        return Context(APP, WAITS, self.hosts, self.source, self.target, self.clock)


def test_a_fleet_that_is_well_is_told_so_and_nobody_is_asked() -> None:
    ward = Ward().diagnose().until_asked_or_over()
    found = ward.event(EventKind.DONE)

    assert ward.job.state is JobState.SUCCEEDED
    assert found.text == "3 of 3 hosts have a heartbeat, and nothing is wrong"
    assert [(result.host, result.ok) for result in found.hosts] == [
        ("h1", True), ("h2", True), ("h3", True),
    ]  # fmt: skip


def test_each_ill_host_is_told_first_with_cause_evidence_and_what_to_do() -> None:
    ward = Ward()
    ward.stop("h3")
    found = ward.diagnose().until_asked_or_over().event(EventKind.DONE)

    assert found.text == "1 of 3 hosts: agent stopped on h3"
    assert [result.host for result in found.hosts] == ["h3", "h1", "h2"]
    assert found.hosts[0].said.startswith("agent stopped: /etc/init.d/ilogtaild says")
    assert "Start it by its service script" in found.hosts[0].said


def test_the_card_says_what_will_be_done_on_each_host_and_the_click_does_it() -> None:
    ward = Ward()
    ward.stop("h2")
    ward.spoil("h3")
    ward.diagnose().until_asked_or_over()
    asked = ward.event(EventKind.ASKED)

    assert asked.lines == (
        "h2: restart the agent by its service script, or start it where it is stopped",
        f"h3: make {USER} and the line app-b in {IDS}, where absent; others' lines stay as they are",
    )
    ward.agree()
    assert ward.job.state is JobState.SUCCEEDED
    assert ward.hosts.hosts["h2"].agent.processes == TWO
    assert ward.hosts.hosts["h3"].files[IDS] == b"old-hosts\napp-b\r\napp-b\n"
    assert ward.job.record("fix").note == "2 of 2 hosts are well"


def test_whoever_asked_may_not_agree() -> None:
    ward = Ward()
    ward.stop("h2")
    ward.diagnose().until_asked_or_over()

    with pytest.raises(Refused):
        ward.service.approve("J1", "fix?", ward.job.record("fix?").shown, ALICE)


def test_a_host_that_healed_before_the_click_is_left_alone() -> None:
    ward = Ward()
    ward.stop("h2")
    ward.diagnose().until_asked_or_over()
    agent = ward.hosts.hosts["h2"].agent
    agent.processes, agent.service = TWO, "ilogtail is running"
    ward.second()
    ward.agree()

    assert ward.job.state is JobState.SUCCEEDED
    assert agent.restarts == 0
    assert ward.job.record("fix").note == "nothing is left to put right"


def test_what_no_fix_is_for_is_said_to_be_left() -> None:
    ward = Ward()
    ward.stop("h2")
    agent = ward.hosts.hosts["h2"].agent
    agent.clock = lambda: ward.clock.now() - 5000
    ward.diagnose().until_asked_or_over().agree()

    assert ward.job.state is JobState.SUCCEEDED
    assert ward.job.record("fix").note == "0 of 1 hosts are well; left: clock wrong on h2"


def test_a_host_that_stays_silent_stops_the_job_with_its_cause() -> None:
    ward = Ward()
    ward.stop("h2")
    ward.diagnose().until_asked_or_over()
    agent = ward.hosts.hosts["h2"].agent
    agent.restart = lambda: None  # type: ignore[method-assign]
    ward.agree()

    assert ward.job.state is JobState.STOPPED
    assert "agent stopped on h2" in ward.job.reason


def test_nobody_is_asked_where_nothing_may_safely_be_put_right() -> None:
    ward = Ward()
    ward.hosts.refuse("h2")
    ward.diagnose().until_asked_or_over()

    assert ward.job.state is JobState.SUCCEEDED
    assert ward.job.record("fix?").state is RecordState.ALREADY
    assert ward.event(EventKind.DONE).text == "1 of 3 hosts: unreachable on h2"


def test_ids_are_not_put_on_hosts_whose_group_went_away_after_the_question() -> None:
    ward = Ward()
    ward.spoil("h3")
    ward.diagnose().until_asked_or_over()
    del ward.target.groups["app-b"]
    held = ward.hosts.hosts["h3"].files[IDS]
    ward.agree()

    assert ward.hosts.hosts["h3"].files[IDS] == held
    assert ward.event(EventKind.VOID).text.startswith("machine group app-b is gone")


def test_only_the_hosts_that_were_named_are_examined() -> None:
    ward = Ward()
    ward.stop("h3")
    found = ward.diagnose("h1", "h2").until_asked_or_over().event(EventKind.DONE)

    assert [result.host for result in found.hosts] == ["h1", "h2"]


def test_doing_it_twice_is_as_good_as_once() -> None:
    ward = Ward()
    ward.stop("h2")
    ward.spoil("h3")
    context = replace(ward.context(), known={"examine": repair.look(ward.context())})
    before = repair.still_needed(context)
    repair.fix(context, before)
    repair.fix(context, before)

    assert ward.hosts.hosts["h3"].files[IDS].count(b"app-b\n") == 1
    assert ward.hosts.hosts["h2"].agent.processes == TWO


def agreed_for(ward: Ward) -> Context:
    """As the steps after the question see it."""
    return replace(ward.context(), known={"examine": repair.look(ward.context())})


def test_what_nobody_agreed_to_is_not_done_though_it_is_needed_by_now() -> None:
    ward = Ward()
    ward.stop("h2")
    context = agreed_for(ward)
    ward.spoil("h2")
    ward.stop("h3")
    repair.fix(context, repair.still_needed(context))

    assert ward.hosts.hosts["h2"].agent.processes == TWO
    assert ward.hosts.hosts["h2"].files[IDS] == b"old-hosts\napp-b\r\n"
    assert ward.hosts.hosts["h3"].agent.processes == ()


def test_a_worker_that_lost_the_job_puts_nothing_right() -> None:
    def lost() -> None:
        raise ClaimLost("the job went on without this worker")

    ward = Ward()
    ward.stop("h2")
    context = replace(agreed_for(ward), ours=lost)

    with pytest.raises(ClaimLost):
        repair.fix(context, repair.still_needed(context))
    assert ward.hosts.hosts["h2"].agent.restarts == 0


def test_a_heartbeat_of_long_ago_proves_nothing() -> None:
    ward = Ward()
    heard = {one.ip for one in wanted_of(ward.context()).beats}
    ward.stop("h2")

    assert heard - {one.ip for one in wanted_of(ward.context()).beats} == {"10.0.0.12"}


def test_a_host_that_refuses_the_fix_does_not_keep_it_from_the_others() -> None:
    ward = Ward()
    ward.stop("h2")
    ward.stop("h3")
    context = replace(ward.context(), known={"examine": repair.look(ward.context())})
    before = repair.still_needed(context)
    ward.hosts.refuse("h2")

    with pytest.raises(StepFailed, match="1 hosts could not be put right: h2: connecting"):
        repair.fix(context, before)
    assert ward.hosts.hosts["h3"].agent.processes == TWO


def test_hosts_that_the_source_s_group_names_are_examined_too() -> None:
    ward = Ward()
    ward.source.beats["old-hosts"] += (Machine("10.0.9.9", "U-9", ward.clock.now()),)
    app = replace(APP, hosts=(), hosts_from=HostsFrom.GROUP)
    found = repair.look(replace(ward.context(), app=app))["found"]
    named = repair.look(replace(ward.context(), app=app, only=frozenset({"10.0.7.7"})))["found"]

    assert "10.0.9.9" in [host["name"] for host, _ in found]
    assert [host["ip"] for host, _ in named] == ["10.0.7.7"]


@pytest.mark.parametrize(("listed", "offered"), [(False, ""), (True, "restart the agent")])
def test_only_on_addresses_that_a_list_once_named_anything_is_offered(
    listed: bool, offered: str
) -> None:
    ward, ip = Ward(), "10.0.7.7"
    ward.hosts.hosts[ip] = FakeHost({USER: b"", **ward.hosts.hosts["h1"].files})
    ward.hosts.hosts[ip].agent.processes, ward.hosts.hosts[ip].agent.service = (), "stopped"
    if listed:
        ward.source.beats["old-hosts"] += (Machine(ip, "U-7", ward.clock.now() - 86_400),)
    app = replace(APP, hosts=(), hosts_from=HostsFrom.GROUP)
    context = replace(ward.context(), app=app, only=frozenset({ip}))
    ((_, [(name, _, fix), *_]),) = repair.look(context)["found"]

    assert (name, fix) == ("agent stopped", offered)


def test_a_host_of_the_group_is_examined_as_the_app_s_settings_say() -> None:
    ward, ip = Ward(), "10.0.9.9"
    ward.source.beats["old-hosts"] += (Machine(ip, "U-9", ward.clock.now()),)
    others = Host("", agent_dir="/opt/agent", service="/opt/agent/service")
    app = replace(APP, hosts=(), hosts_from=HostsFrom.GROUP, others=others)
    found = repair.look(replace(ward.context(), app=app))["found"]
    host = next(host for host, _ in found if host["name"] == ip)

    assert (host["agent_dir"], host["service"]) == ("/opt/agent", "/opt/agent/service")


def test_a_host_that_the_app_does_not_have_is_refused_by_name() -> None:
    with pytest.raises(JobError, match="app-b has no host h9"):
        repair.look(replace(Ward().context(), only=frozenset({"h9"})))


SILENT = (HostResult("h1", ok=True, said="heartbeat"), HostResult("h2", ok=False, said="none"))


def test_when_patience_ends_the_silent_hosts_carry_their_causes() -> None:
    ward = Ward()
    ward.stop("h2")
    told = explain(ward.context(), StepFailed("1 of 2 hosts have a heartbeat", "Look.", SILENT))

    assert isinstance(told, StepFailed)
    assert str(told) == "1 of 2 hosts have a heartbeat; agent stopped on h2"
    assert told.hosts[0] is SILENT[0]
    assert told.hosts[1].said.startswith("agent stopped: ")
    assert "/logmigrate diagnose app-b looks anew and offers to put it right" in told.hint


def test_only_the_silent_hosts_are_asked_why() -> None:
    ward = Ward()
    asked: list[str] = []
    run = ward.hosts.run

    def noted(commands: Mapping[str, Command], errand: str = "") -> tuple[HostResult, ...]:
        asked.extend(commands)
        return run(commands, errand)

    ward.hosts.run = noted  # type: ignore[method-assign]
    explain(ward.context(), StepFailed("…", "", SILENT))

    assert asked == ["h2"]


def test_a_service_that_is_away_leaves_the_error_as_it_was() -> None:
    ward = Ward()

    def away() -> None:
        raise NotYet("the service is away")

    ward.target.project = away  # type: ignore[method-assign, assignment]
    told = explain(ward.context(), StepFailed("silent", "Look.", SILENT))

    assert (str(told), told.hosts) == ("silent", SILENT)
    assert told.hint == "Look. Their causes could not be looked for: the service is away."


def test_an_error_without_hosts_is_not_explained() -> None:
    error = StepFailed("machine group app-b is not there yet")

    assert explain(Ward().context(), error) is error


def test_the_rows_have_names_of_their_own() -> None:
    assert [row.name for row in DIAGNOSE] == ["examine", "fix?", "fix"]


def test_a_diagnosis_needs_no_config_of_the_source_by_name_and_none_that_is_still_there() -> None:
    ward = Ward()
    ward.app = replace(APP, source=Side("shop-b", "old-logs"))
    ward.target.config_bodies["moved"] = {"configName": "moved"}
    ward.target.bound.add(("moved", "app-b"))
    ward.source.config_bodies.clear()
    context = Context(ward.app, WAITS, ward.hosts, ward.source, ward.target, ward.clock)

    assert wanted_of(context).keys == ("##1.0##shop-a$moved",)
    assert roster.source_groups(context) == ()
