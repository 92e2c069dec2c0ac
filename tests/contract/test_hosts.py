"""What the steps rely on, held by the fake, by OpenSSH's sshd and by the sandbox's server alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.host_worlds import SERVERS, MakeWorld, World
from tests.fake_hosts import with_line
from workflows.model import HostResult
from workflows.steps.on_host.commands import (
    AddIdentity,
    Delivered,
    HostFacts,
    Look,
    Removed,
    RemoveIdentity,
    take_back,
)

ACCOUNT = "1234567890123456"
OURS = "app-b"  # the custom id
APP = "b"
OTHER = "c"  # another app
LEDGER = f"""\
was - newline
made custom {OURS}
made users
made account {ACCOUNT}
use {APP} account {ACCOUNT}
use {APP} custom {OURS}
"""


@pytest.fixture(scope="module", params=SERVERS)
def make_world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MakeWorld]:
    with SERVERS[request.param](tmp_path_factory.mktemp("server")) as make:
        yield make


@pytest.fixture
def world(make_world: MakeWorld, tmp_path: Path) -> World:
    return make_world(tmp_path)


def facts(world: World) -> HostFacts:
    result = world.run(Look(world.host, ACCOUNT, OURS))
    assert result.ok, result.said
    return HostFacts.parse(result.said)


def add(world: World, app: str = APP) -> HostResult:
    return world.run(AddIdentity(world.host, app, ACCOUNT, OURS))


def undo(world: World, before: HostFacts, app: str = APP) -> RemoveIdentity:
    command = take_back(world.host, app, ACCOUNT, OURS, before.before(app))
    return command or RemoveIdentity(world.host, app)


def ledger(world: World) -> str:
    return f"{world.host.conf_dir}/.logmigrate"


def id_file(world: World) -> str:
    return f"{world.host.conf_dir}/user_defined_id"


def user_file(world: World) -> str:
    return f"{world.host.conf_dir}/users/{ACCOUNT}"


def test_a_bare_host_is_changed_once_and_taken_back_once(world: World) -> None:
    info = b'{"ip": "10.0.0.11", "UUID": "U-1", "logtail_version": "1.8.8"}'
    world.put(f"{world.host.agent_dir}/app_info.json", info)

    before, words = facts(world), [add(world), add(world)]
    between, held = facts(world), world.files()
    words += [world.run(undo(world, before)), world.run(undo(world, before))]

    assert (before.user_file, before.listed, before.id_file) == (False, False, False)
    assert (between.user_file, between.listed, between.ids) == (True, True, (OURS,))
    assert (between.ip, between.unique_id, between.version) == ("10.0.0.11", "U-1", "1.8.8")
    assert held == {
        user_file(world): b"",
        id_file(world): f"{OURS}\n".encode(),
        ledger(world): LEDGER.encode(),
    }
    assert [(result.ok, result.changed) for result in words] == [
        (True, True),
        (True, False),
        (True, True),
        (True, False),
    ]
    assert (world.files(), facts(world)) == ({}, before)


@pytest.mark.parametrize(
    "held",
    [
        b"",
        b"\n",
        b"other\n",
        b"other",
        b"one\r\ntwo\r\n",
        b"one\r\ntwo",
        b"one\n\n\ntwo\n\n",
        b"same\nsame\n",
        b'it\'s a "test" $(x) `y` \\n *\n',
        "日志 ümlaut\n".encode(),
        b"\xff\xfe\n",
        b"app-b \n app-b\napp-b\r\napp-b2\n",
    ],
)
def test_whatever_ids_are_there_stay_byte_for_byte(world: World, held: bytes) -> None:
    world.put(id_file(world), held)

    before = facts(world)
    added = add(world)
    between = world.files()[id_file(world)]
    taken = world.run(undo(world, before))

    assert (added.changed, taken.changed) == (True, True)
    assert before.ends_in_newline is (held == b"" or held.endswith(b"\n"))
    assert between == with_line(held, OURS.encode())
    assert world.files() == {id_file(world): held}


def test_an_identity_that_was_there_is_not_ours_to_take(world: World) -> None:
    held = {id_file(world): f"{OURS}\n{OURS}\nother".encode(), user_file(world): b""}
    for path, content in held.items():
        world.put(path, content)

    before = facts(world)
    added = add(world)
    taken = world.run(undo(world, before))

    assert before.ids == (OURS, OURS, "other")
    assert (added.changed, taken.changed) == (False, False)
    assert world.files() == held


def test_what_two_apps_share_goes_with_the_last_of_them(world: World) -> None:
    world.put(id_file(world), b"other")
    first = facts(world)
    add(world)
    second = facts(world)
    added = add(world, OTHER)

    left = world.run(undo(world, first))
    between = world.files()
    taken = world.run(undo(world, second, OTHER))

    assert second.lacks(OTHER) == (
        f"account id not signed for by {OTHER}",
        f"custom id not signed for by {OTHER}",
    )
    assert (added.changed, left.changed, taken.changed) == (True, True, True)
    assert Removed.parse(left.said) == Removed(
        left=(f"the custom id, still used by {OTHER}", f"the account id, still used by {OTHER}"),
        exact=True,
    )
    assert between[id_file(world)] == f"other\n{OURS}\n".encode()
    assert Removed.parse(taken.said) == Removed(("the custom id", "the account id"), (), exact=True)
    assert world.files() == {id_file(world): b"other"}


def test_what_others_wrote_meanwhile_stays_and_is_told(world: World) -> None:
    world.put(id_file(world), b"other\n")
    before = facts(world)
    add(world)
    world.put(id_file(world), f"other\n{OURS}\ntheirs\n".encode())
    world.put(user_file(world), b"theirs")

    taken = Removed.parse(world.run(undo(world, before)).said)

    assert taken.exact is False
    assert taken.left == ("the account id, since somebody wrote into its file",)
    assert world.files() == {id_file(world): b"other\ntheirs\n", user_file(world): b"theirs"}


def test_an_account_that_is_to_stay_is_given_up_and_left(world: World) -> None:
    before = facts(world)
    add(world)

    command = replace(undo(world, before), keep_account=True)
    taken = Removed.parse(world.run(command).said)

    assert taken == Removed(("the custom id",), (), exact=True)
    assert world.files() == {user_file(world): b""}


def test_a_host_without_a_ledger_is_undone_by_what_was_seen_before(world: World) -> None:
    world.put(id_file(world), b"other")
    before = facts(world)
    world.put(id_file(world), f"other\n{OURS}\n".encode())
    world.put(user_file(world), b"")

    taken = Removed.parse(world.run(undo(world, before)).said)

    assert taken == Removed(("the custom id", "the account id"), (), exact=True)
    assert world.files() == {id_file(world): b"other"}


def test_of_equal_lines_only_the_last_is_taken(world: World) -> None:
    world.put(id_file(world), f"{OURS}\nother\n{OURS}\nlater".encode())

    world.run(RemoveIdentity(world.host, APP, custom_id=OURS))

    assert world.files() == {id_file(world): f"{OURS}\nother\nlater".encode()}


def test_a_link_is_followed(world: World) -> None:
    target = f"{world.host.conf_dir}/shared"
    world.put(target, b"other")
    world.link(id_file(world), target)

    before = facts(world)
    add(world)
    between = world.files()[target]
    world.run(undo(world, before))

    assert between == f"other\n{OURS}\n".encode()
    assert world.files() == {target: b"other"}


def test_a_read_only_folder_is_named_and_nothing_is_changed(world: World) -> None:
    world.put(id_file(world), b"other\n")
    world.make_read_only(world.host.conf_dir)

    result = world.run_without_rights(AddIdentity(world.host, APP, ACCOUNT, OURS))

    assert not result.ok
    assert world.host.conf_dir in result.said
    assert "permission denied (h1, exit status 1)" in result.said
    assert world.files() == {id_file(world): b"other\n"}


def test_delivered_configs_are_listed_by_their_keys(world: World) -> None:
    agent = world.host.agent_dir
    nothing = Delivered.parse(world.run(Delivered(world.host)).said)
    world.put(f"{agent}/user_log_config.json", b'{"metrics": {"##1.0##p-b$app-b": {}}}')
    world.put(f"{agent}/config/a.json", b'{"name": "##1.0##p-a$app-b"}')

    result = world.run(Delivered(world.host))

    assert nothing == frozenset()
    assert Delivered.parse(result.said) == {"##1.0##p-b$app-b", "##1.0##p-a$app-b"}


def test_an_unknown_host_spoils_nothing_for_the_others(world: World) -> None:
    look = Look(world.host, ACCOUNT, OURS)

    results = world.hosts.run({"h9": look, "h1": look})

    assert [(result.host, result.ok) for result in results] == [("h9", False), ("h1", True)]
    assert results[0].said == "looking for h9: no such host; add it under [hosts]"
