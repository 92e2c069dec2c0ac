"""What an agent does depends on its version, and on the error code rather than the status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.hosts.journal import What
from sandbox.hosts.refused import Refusal, sort_of
from sandbox.hosts.shipment import Verdict, unauthorized, verdict
from sandbox.hosts.versions import TABLE, traits
from sandbox.sls.door import Answer
from tests.unit.agent_kit import Bench, delivered

V1, V2, V3 = (1, 8, 8), (2, 0, 7), (3, 3, 5)


def test_each_version_finds_its_row_and_an_older_one_is_refused() -> None:
    found = [traits(release).since for release in (V1, V2, (3, 0, 4), (3, 0, 5), V3)]

    assert found == [row.since for row in (*TABLE, TABLE[-1])]
    with pytest.raises(ValueError, match=r"use 1\.8"):
        traits((0, 16))


def test_a_version_names_its_service_its_processes_and_its_log() -> None:
    old, new = traits(V1), traits(V3)

    assert (old.service, old.processes, old.log.rsplit("/", 1)[1]) == (
        "ilogtaild",
        ("ilogtail", "ilogtail"),
        "ilogtail.LOG",
    )
    assert (new.service, new.processes, new.log.rsplit("/", 1)[1]) == (
        "loongcollectord",
        ("loongcollector", "loongcollector"),
        "loongcollector.LOG",
    )


@pytest.mark.parametrize(
    ("code", "sort"),
    [
        ("Unauthorized", Refusal.UNAUTHORIZED),
        ("SignatureNotMatch", Refusal.OTHER),
        ("ProjectForbidden", Refusal.OTHER),
        ("LogStoreNotExist", Refusal.OTHER),
        ("WriteQuotaExceed", Refusal.QUOTA),
        ("ShardWriteQuotaExceed", Refusal.QUOTA),
        ("InternalServerError", Refusal.SERVER),
        ("ServerBusy", Refusal.SERVER),
        ("RequestTimeout", Refusal.SERVER),
        ("RequestTimeExpired", Refusal.EXPIRED),
    ],
)
def test_an_error_code_decides_and_not_its_status(code: str, sort: Refusal) -> None:
    assert sort_of(code) is sort


def test_a_403_that_is_no_quota_is_given_up_like_any_unknown_code() -> None:
    forbidden, quota = Answer.of(403, "ProjectForbidden"), Answer.of(403, "WriteQuotaExceed")

    assert verdict(forbidden, 6, 12, V3) is Verdict.DISCARD
    assert verdict(quota, 6, 12, V3) is Verdict.LATER


def test_a_401_signature_not_match_is_given_up_even_by_loongcollector() -> None:
    assert verdict(Answer.of(401, "SignatureNotMatch"), 6, 12, V3) is Verdict.DISCARD


@pytest.mark.parametrize("release", [V1, V2, (3, 0, 4)])
def test_a_401_is_lost_at_its_first_try_if_the_key_was_refreshed_a_little_while_ago(
    release: tuple[int, ...],
) -> None:
    by_age = [unauthorized(1, age, release) for age in (0, 29, 30, 59, 60)]
    later, lost = Verdict.LATER, Verdict.DISCARD

    assert by_age == [later, later, lost, lost, Verdict.AT_ONCE]


def test_since_3_0_5_the_age_of_the_key_does_not_matter() -> None:
    assert {unauthorized(tries, 45, (3, 0, 5)) for tries in (1, 6, 600)} == {Verdict.LATER}


def test_lines_refused_while_the_key_is_half_old_are_lost_at_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.door.status = 401
    bench.write("one\n")
    bench.deliver(delivered())
    for _ in range(13):
        bench.round(3)
    first = len(bench.agent.journal.of(What.DISCARDED))
    tries = bench.door.tries
    bench.write("two\n")
    bench.round(3)

    assert (first, tries) == (1, 6)
    assert len(bench.agent.journal.of(What.DISCARDED)) == 2
    assert bench.door.tries == 7


def test_an_alarm_is_raised_when_lines_are_lost_and_not_while_they_are_tried(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    bench.door.status = 503
    bench.write("one\n")
    bench.deliver(delivered())
    bench.round(60)

    assert not bench.agent.alarms.counts
    assert "[WARNING]" in bench.path("/usr/local/ilogtail/ilogtail.LOG").read_text()


def test_a_used_up_quota_is_an_alarm_at_every_try_and_loses_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.door.status = 403
    bench.write("one\n")
    bench.deliver(delivered())
    for _ in range(9):
        bench.round(3)
    counted = bench.agent.alarms.counts["SEND_QUOTA_EXCEED_ALARM", "##1.0##project-b$app-b"]
    bench.door.status = 200
    bench.round(3)

    assert counted == 10
    assert bench.door.lines() == ["one"]


def test_loongcollector_writes_its_log_under_its_own_name(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "3.3.5")
    bench.deliver(delivered(logType="apsara_log_of_old"))

    assert "USER_CONFIG_ALARM" in bench.path("/usr/local/ilogtail/loongcollector.LOG").read_text()


def test_from_2_0_on_each_delivered_config_is_a_file_that_goes_with_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "2.0.7")
    bench.deliver(delivered(), delivered("other"))
    folder = bench.path("/etc/ilogtail/config/enterprise")
    before = sorted(file.name for file in folder.iterdir())
    bench.deliver(delivered())
    [left] = folder.iterdir()

    assert before == ["##1.0##project-b$app-b.json", "##1.0##project-b$other.json"]
    assert left.name == before[0]
    assert json.loads(left.read_text())["project_name"] == "project-b"


def test_where_delivered_configs_lie_can_be_said_for_a_machine(tmp_path: Path) -> None:
    place = "usr/local/ilogtail/user_log_config.json"
    bench = Bench(tmp_path, "3.3.5", delivered_in=place)
    bench.deliver(delivered())

    assert "##1.0##project-b$app-b" in bench.path(f"/{place}").read_text()
