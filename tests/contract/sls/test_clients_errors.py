"""Every client: refusals, each with its status and code as the client tells them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.sls import Key, SlsServer
from tests.contract.sls.samples import INDEX, sample
from tests.contract.sls.speakers import PROJECT, Noun, Refused, Speaker
from tests.contract.sls.world import BOUND_KEY, SOURCE, SOURCE_KEY, TARGET_KEY

NOW = int(time.time())
NOUNS = pytest.mark.parametrize("noun", list(Noun), ids=lambda noun: noun.name.lower())
MISSING = {
    Noun.LOGSTORE: "LogStoreNotExist",
    Noun.CONFIG: "ConfigNotExist",
    Noun.PIPELINE: "ConfigNotExist",
    Noun.GROUP: "MachineGroupNotExist",
}
INVALID = {
    Noun.LOGSTORE: "LogStoreInfoInvalid",
    Noun.CONFIG: "InvalidParameter",
    Noun.PIPELINE: "InvalidParameter",
    Noun.GROUP: "InvalidParameter",
}
ELSEWHERE = {
    "index without one": (lambda s: s.index("app"), 400, "IndexConfigNotExist"),
    "delete index without one": (lambda s: s.delete_index("app"), 400, "ParameterInvalid"),
    "index of no logstore": (lambda s: s.index("none"), 404, "LogStoreNotExist"),
    "create index of no logstore": (lambda s: s.create_index("none", INDEX), 404, "LogStoreNotExist"),
    "apply no config": (lambda s: s.apply("none", "hosts"), 404, "ConfigNotExist"),
    "apply to no group": (lambda s: s.apply("nginx", "none"), 404, "MachineGroupNotExist"),
    "remove no config": (lambda s: s.remove("none", "hosts"), 404, "ConfigNotExist"),
    "remove from no group": (lambda s: s.remove("nginx", "none"), 404, "MachineGroupNotExist"),
    "configs of no group": (lambda s: s.configs_of("none"), 404, "MachineGroupNotExist"),
    "groups of no config": (lambda s: s.groups_of("none"), 404, "ConfigNotExist"),
    "machines of no group": (lambda s: s.machines("none"), 404, "MachineGroupNotExist"),
    "put to no logstore": (lambda s: s.put("none", NOW, ["one"]), 404, "LogStoreNotExist"),
    "search in no logstore": (lambda s: s.search("none", NOW - 9, NOW, "*"), 404, "LogStoreNotExist"),
    "count in no logstore": (lambda s: s.count("none", NOW - 9, NOW, "*"), 404, "LogStoreNotExist"),
    "count backwards": (lambda s: s.count("app", NOW, NOW - 9, "*"), 400, "ParameterInvalid"),
    "project name taken": (lambda s: s.create_project("web", ""), 400, "ProjectAlreadyExist"),
    "project name invalid": (lambda s: s.create_project("W", ""), 400, "ParameterInvalid"),
    "get no project": (lambda s: s.project("none"), 404, "ProjectNotExist"),
    "delete no project": (lambda s: s.delete_project("none"), 404, "ProjectNotExist"),
}  # fmt: skip


def refused(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.status, caught.value.code


@NOUNS
def test_what_is_not_there_is_404_with_its_own_code(speaker: Speaker, noun: Noun) -> None:
    assert refused(lambda: speaker.get(noun, "none")) == (404, MISSING[noun])
    assert refused(lambda: speaker.delete(noun, "none")) == (404, MISSING[noun])


@NOUNS
def test_a_name_that_is_taken_is_400_with_its_own_code(speaker: Speaker, noun: Noun) -> None:
    speaker.create(Noun.LOGSTORE, sample(Noun.LOGSTORE, "app"))
    speaker.create(noun, sample(noun, "other"))

    code = MISSING[noun].replace("NotExist", "AlreadyExist")
    assert refused(lambda: speaker.create(noun, sample(noun, "other"))) == (400, code)


@NOUNS
def test_a_name_that_is_not_allowed_is_400(speaker: Speaker, noun: Noun) -> None:
    speaker.create(Noun.LOGSTORE, sample(Noun.LOGSTORE, "app"))

    assert refused(lambda: speaker.create(noun, sample(noun, "no_"))) == (400, INVALID[noun])


@pytest.mark.parametrize(("call", "status", "code"), ELSEWHERE.values(), ids=list(ELSEWHERE))
def test_every_call_tells_what_is_missing_or_wrong(
    speaker: Speaker, call: Callable[[Speaker], object], status: int, code: str
) -> None:
    for noun, name in ((Noun.LOGSTORE, "app"), (Noun.CONFIG, "nginx"), (Noun.GROUP, "hosts")):
        speaker.create(noun, sample(noun, name))

    assert refused(lambda: call(speaker)) == (status, code)


def test_a_second_index_is_refused(speaker: Speaker) -> None:
    speaker.create(Noun.LOGSTORE, sample(Noun.LOGSTORE, "app"))
    speaker.create_index("app", INDEX)

    assert refused(lambda: speaker.create_index("app", INDEX)) == (400, "IndexAlreadyExist")


# Who calls


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (Key(SOURCE_KEY.id, "wrong"), "SignatureNotMatch"),
        (Key("nobody", "secret"), "Unauthorized"),
        (TARGET_KEY, "Unauthorized"),
    ],
    ids=["wrong secret", "unknown key", "foreign project"],
)
def test_who_may_not_is_401(
    name: str, speaker: Speaker, meet: Callable[..., Any], key: Key, code: str
) -> None:
    other: Speaker = meet(name, key)

    for call in (lambda: other.page(Noun.CONFIG), lambda: other.delete_project(PROJECT)):
        assert refused(call) == (401, code)
    assert speaker.project(PROJECT)["owner"] == SOURCE.id


def test_an_action_that_ram_denies_is_401_and_names_the_action(
    name: str, speaker: Speaker, meet: Callable[..., Any]
) -> None:
    speaker.create(Noun.LOGSTORE, sample(Noun.LOGSTORE, "app"))
    speaker.create(Noun.CONFIG, sample(Noun.CONFIG, "nginx"))
    with pytest.raises(Refused) as caught:
        meet(name, BOUND_KEY).delete(Noun.CONFIG, "nginx")

    assert (caught.value.status, caught.value.code) == (401, "Unauthorized")
    assert "action: log:DeleteConfig" in caught.value.text


def test_a_denied_project_is_named_whether_or_not_the_host_names_it(
    name: str, meet: Callable[..., Any], spoken_to: SlsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = Key("no-projects", "secret", frozenset({"log:CreateProject"}))
    monkeypatch.setitem(spoken_to.state.keys, key.id, (SOURCE, key))
    with pytest.raises(Refused) as caught:
        meet(name, key).create_project("web", "")

    assert caught.value.text.endswith(f"{SOURCE.id}:project/web")
    assert spoken_to.state.projects == {}


@pytest.mark.parametrize("name", ["sdk-v4", "tea-v4", "http-v4"])
def test_a_signature_for_another_region_is_refused(
    name: str, speaker: Speaker, meet: Callable[..., Any]
) -> None:
    elsewhere: Speaker = meet(name, region="cn-beijing")

    assert refused(lambda: elsewhere.project("web")) == (400, "ParameterInvalid")
    assert refused(elsewhere.projects) == (400, "ParameterInvalid")


def test_a_refusal_takes_no_effect(speaker: Speaker, spoken_to: SlsServer) -> None:
    speaker.create(Noun.GROUP, sample(Noun.GROUP, "hosts"))
    for body in (sample(Noun.GROUP, "hosts"), sample(Noun.GROUP, "h")):
        refused(lambda body=body: speaker.create(Noun.GROUP, body))  # type: ignore[misc]

    assert list(spoken_to.state.projects["web"].groups) == ["hosts"]
    assert [entry.wrote for entry in spoken_to.journal.since(-2)] == [False, False]
