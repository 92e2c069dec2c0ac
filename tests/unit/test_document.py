"""A plan's file: every operation with the app's own names and bodies, and no secret in it."""

from __future__ import annotations

from workflows.logmigrate import LOGMIGRATE
from workflows.model import Facts, Job, JobKind, Record
from workflows.operations.document import UNKNOWN, document
from workflows.operations.table import OPERATIONS

NAMES = {
    "custom_id": "app-b",
    "source.project": "shop-b",
    "source.logstore": "old-logs",
    "source.config": "",
    "source.machine_group": "",
    "target.project": "shop-a",
    "target.logstore": "app-b",
    "target.config": "{config}",
    "target.machine_group": "app-b",
}
SOURCE: Facts = {
    "collections": [
        {"source": "access", "target": "access", "form": "classic", "groups": ["old-hosts"]},
        {"source": "audit", "target": "audit", "form": "pipeline", "groups": ["old-hosts"]},
    ],
    "found": {"region": "cn-hangzhou", "logstore": {"logstoreName": "old-logs", "ttl": 30}},
    "wanted": {
        "logstore": {"logstoreName": "app-b", "ttl": 30},
        "configs": {"access": {"configName": "access", "inputDetail": {"key": ["ip", "路径"]}}},
    },
    "findings": [{"level": "warning", "thing": "config access", "path": "regex", "text": "slow"}],
}
HOSTS: Facts = {"roster": [{"name": "h1"}, {"name": "h2"}], "account": "1234567890123456"}


def a_plan(**before: Facts) -> Job:
    records = tuple(Record(row.name, before=before.get(row.name, {})) for row in LOGMIGRATE.steps)
    return Job(
        id="7Q2", app="app-b", requested_by="UALICE", channel="C1", created=0.0,
        records=records, kind=JobKind.PLAN, names=NAMES,
    )  # fmt: skip


def text_of(**before: Facts) -> str:
    return document(a_plan(**before), ("Look: found\nmore", "Create: create app-b"), "1a2b3c")


def test_every_operation_stands_in_it_with_the_names_of_the_app() -> None:
    text = text_of(source=SOURCE, hosts=HOSTS)

    assert [one for one in OPERATIONS if f"\n### {one.number} {one.title}\n" not in text] == []
    assert "- on: configs access, audit of project shop-b, logstore old-logs" in text
    assert "- on: users/1234567890123456 on h1, h2" in text
    assert "- on: access, audit from old-hosts" in text
    assert UNKNOWN not in text


def test_bodies_stand_in_it_as_json_that_people_can_read() -> None:
    text = text_of(source=SOURCE, hosts=HOSTS)

    assert '```json\n{\n  "logstoreName": "app-b",\n  "ttl": 30\n}\n```' in text
    assert '"路径"' in text


def test_rows_and_what_they_say_in_more_lines_stand_at_the_head() -> None:
    text = text_of()

    assert text.startswith("# Plan `1a2b3c` for app-b, job 7Q2\n")
    assert "1. Look: found\n   - more\n2. Create: create app-b" in text


def test_what_was_not_found_out_is_told_as_that() -> None:
    text = text_of()

    assert f"- on: machine groups {UNKNOWN}, hosts {UNKNOWN}" in text
    assert "```json" not in text


def test_a_fleet_is_not_listed_host_by_host() -> None:
    roster = [{"name": f"h{n}"} for n in range(1000)]

    assert "h19 and 980 more" in text_of(hosts={**HOSTS, "roster": roster})


def test_no_secret_of_a_body_stands_in_it() -> None:
    detail = {"Password": "hunter2", "Address": "mysql://reader:hunter2@db/shop", "Port": 3306}
    wanted = {"configs": {"access": {"configName": "access", "inputDetail": detail}}}
    text = text_of(source={**SOURCE, "wanted": wanted}, hosts=HOSTS)

    assert "mysql://***@db/shop" in text
    assert '"Port": 3306' in text
    assert "hunter2" not in text
