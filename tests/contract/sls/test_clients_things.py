"""Every client: projects, and the things in them that are made, read, listed and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.sls import SlsServer
from tests.contract.sls.samples import INDEX, sample
from tests.contract.sls.speakers import Noun, Page, Refused, Speaker, all_but
from tests.contract.sls.world import SOURCE, beat

NOUNS = pytest.mark.parametrize("noun", list(Noun), ids=lambda noun: noun.name.lower())


def holds(whole: Any, part: Any) -> bool:
    """Whether all of `part` is in `whole`, which may have more keys, as a server's defaults."""
    if isinstance(part, Mapping):
        return all(key in whole and holds(whole[key], part[key]) for key in part)
    return bool(whole == part)


# Projects


def test_a_project_tells_its_owner_and_its_region(speaker: Speaker) -> None:
    got = speaker.project("web")

    expected = {"projectName": "web", "description": "shop", "owner": SOURCE.id}
    assert holds(got, expected | {"region": "cn-hangzhou", "status": "Normal"})


def test_projects_are_listed_in_pages_and_by_a_part_of_their_name(speaker: Speaker) -> None:
    for name in ("shop-a", "shop-b"):
        speaker.create_project(name, "")

    assert speaker.projects() == Page(("shop-a", "shop-b", "web"), 3, 3)
    assert speaker.projects(offset=1, size=1) == Page(("shop-b",), 1, 3)
    assert speaker.projects(part="shop") == Page(("shop-a", "shop-b"), 2, 2)


def test_a_deleted_project_is_gone(speaker: Speaker) -> None:
    speaker.delete_project("web")

    assert speaker.projects() == Page((), 0, 0)
    with pytest.raises(Refused) as caught:
        speaker.project("web")
    assert (caught.value.status, caught.value.code) == (404, "ProjectNotExist")


# What is in them


@NOUNS
def test_what_was_made_is_read_as_it_was_sent(speaker: Speaker, noun: Noun) -> None:
    speaker.create(Noun.LOGSTORE, sample(Noun.LOGSTORE, "app"))
    sent = sample(noun, "other")
    speaker.create(noun, sent)

    assert holds(speaker.get(noun, "other"), sent)


@NOUNS
def test_what_is_there_is_listed_and_what_was_deleted_is_not(speaker: Speaker, noun: Noun) -> None:
    speaker.create(Noun.LOGSTORE, sample(Noun.LOGSTORE, "app"))
    for name in ("one-a", "one-b", "two-a"):
        speaker.create(noun, sample(noun, name))
    speaker.delete(noun, "one-a")

    assert [n for n in speaker.page(noun).names if n != "app"] == ["one-b", "two-a"]


@NOUNS
def test_an_empty_list_says_zero(speaker: Speaker, noun: Noun) -> None:
    assert speaker.page(noun) == Page((), 0, 0)


def test_an_index_is_made_read_and_deleted(speaker: Speaker) -> None:
    speaker.create(Noun.LOGSTORE, sample(Noun.LOGSTORE, "app"))
    speaker.create_index("app", INDEX)
    got = speaker.index("app")
    speaker.delete_index("app")

    assert holds(got, INDEX)
    with pytest.raises(Refused) as caught:
        speaker.index("app")
    assert (caught.value.status, caught.value.code) == (400, "IndexConfigNotExist")


# Pages


@NOUNS
def test_a_page_has_100_names_unless_told_otherwise_and_500_at_most(
    speaker: Speaker, spoken_to: SlsServer, noun: Noun
) -> None:
    speaker.create(Noun.LOGSTORE, sample(Noun.LOGSTORE, "app"))
    speaker.create(noun, sample(noun, "n-000"))
    copy(spoken_to, noun, 105)
    if noun is Noun.LOGSTORE:
        speaker.delete(noun, "app")
    first, rest = speaker.page(noun), speaker.page(noun, offset=100)
    whole = speaker.page(noun, offset=0, size=500)

    names = tuple(f"n-{number:03}" for number in range(105))
    assert first == Page(names[:100], 100, 105)
    assert rest == Page(names[100:], 5, 105)
    assert whole == Page(names, 105, 105)


def copy(server: SlsServer, noun: Noun, count: int) -> None:
    """Fill up with copies of `n-000`, behind the clients' backs: by HTTP it takes too long."""
    project = server.state.projects["web"]
    places: dict[Noun, Any] = {
        Noun.LOGSTORE: project.logstores,
        Noun.CONFIG: project.configs,
        Noun.PIPELINE: project.configs,
        Noun.GROUP: project.groups,
    }
    things = places[noun]
    things |= {f"n-{number:03}": things["n-000"] for number in range(count)}


@all_but("sdk", "it cuts a page of more than 500 into several itself", pytest.fail.Exception)
@NOUNS
def test_a_page_of_more_than_500_is_refused(speaker: Speaker, noun: Noun) -> None:
    with pytest.raises(Refused) as caught:
        speaker.page(noun, size=501)

    assert (caught.value.status, caught.value.code) == (400, "ParameterInvalid")


@pytest.mark.parametrize("noun", [Noun.LOGSTORE, Noun.CONFIG, Noun.PIPELINE])
def test_a_list_is_filtered_by_a_part_of_the_name(speaker: Speaker, noun: Noun) -> None:
    filtered(speaker, noun)


@all_but("sdk", "it lists machine groups without a filter", TypeError)
def test_machine_groups_are_filtered_by_a_part_of_the_name(speaker: Speaker) -> None:
    filtered(speaker, Noun.GROUP)


def filtered(speaker: Speaker, noun: Noun) -> None:
    speaker.create(Noun.LOGSTORE, sample(Noun.LOGSTORE, "app"))
    for name in ("shop-web", "shop-db", "mail"):
        speaker.create(noun, sample(noun, name))

    assert speaker.page(noun, part="shop") == Page(("shop-db", "shop-web"), 2, 2)
    assert speaker.page(noun, part="shop", offset=1, size=1) == Page(("shop-web",), 1, 2)
    assert speaker.page(noun, part="nothing") == Page((), 0, 0)


# Bindings and machines


@pytest.mark.parametrize("noun", [Noun.CONFIG, Noun.PIPELINE])
def test_a_config_is_applied_and_removed_and_both_sides_tell(speaker: Speaker, noun: Noun) -> None:
    speaker.create(Noun.LOGSTORE, sample(Noun.LOGSTORE, "app"))
    speaker.create(noun, sample(noun, "nginx"))
    for group in ("h-1", "h-2"):
        speaker.create(Noun.GROUP, sample(Noun.GROUP, group))
        for _ in range(2):
            speaker.apply("nginx", group)
    applied = speaker.configs_of("h-1"), speaker.groups_of("nginx")
    for _ in range(2):
        speaker.remove("nginx", "h-1")

    assert applied == (["nginx"], ["h-1", "h-2"])
    assert (speaker.configs_of("h-1"), speaker.groups_of("nginx")) == ([], ["h-2"])


def test_only_machines_that_were_heard_of_are_listed(
    speaker: Speaker, spoken_to: SlsServer
) -> None:
    speaker.create(Noun.GROUP, sample(Noun.GROUP, "hosts"))
    before = speaker.machines("hosts")
    spoken_to.door.beat(beat())
    spoken_to.door.beat(beat("10.0.0.12", ids=("another",)))
    (machine,) = speaker.machines("hosts")

    assert before == []
    assert (machine["ip"], machine["userdefined-id"]) == ("10.0.0.11", "app-b")
    assert machine["machine-uniqueid"] == "uid-10.0.0.11"
    assert isinstance(machine["lastHeartbeatTime"], int)
