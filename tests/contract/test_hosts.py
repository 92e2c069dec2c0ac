"""What the steps rely on, held by the fake, by OpenSSH's sshd and by the sandbox's server alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.host_worlds import SERVERS, MakeWorld, World
from tests.fake_hosts import with_line
from workflows.steps.commands import AddIdentity, Delivered, HostFacts, Look, RemoveIdentity

ACCOUNT = "1234567890123456"
OURS = "app-b"


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


def undo(world: World, before: HostFacts) -> RemoveIdentity:
    return RemoveIdentity(
        world.host,
        account_id="" if before.user_file else ACCOUNT,
        custom_id="" if before.listed else OURS,
        drop_file=not before.id_file,
        final_newline=before.ends_in_newline,
        drop_users_dir=not before.users_dir,
    )


def id_file(world: World) -> str:
    return f"{world.host.conf_dir}/user_defined_id"


def user_file(world: World) -> str:
    return f"{world.host.conf_dir}/users/{ACCOUNT}"


def test_a_bare_host_is_changed_once_and_taken_back_once(world: World) -> None:
    info = b'{"ip": "10.0.0.11", "UUID": "U-1", "logtail_version": "1.8.8"}'
    world.put(f"{world.host.agent_dir}/app_info.json", info)
    add = AddIdentity(world.host, ACCOUNT, OURS)

    before, words = facts(world), [world.run(add), world.run(add)]
    between, held = facts(world), world.files()
    words += [world.run(undo(world, before)), world.run(undo(world, before))]

    assert (before.user_file, before.listed, before.id_file) == (False, False, False)
    assert (between.user_file, between.listed, between.ids) == (True, True, (OURS,))
    assert (between.ip, between.unique_id, between.version) == ("10.0.0.11", "U-1", "1.8.8")
    assert held == {user_file(world): b"", id_file(world): f"{OURS}\n".encode()}
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
    added = world.run(AddIdentity(world.host, ACCOUNT, OURS))
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
    added = world.run(AddIdentity(world.host, ACCOUNT, OURS))
    taken = world.run(undo(world, before))

    assert before.ids == (OURS, OURS, "other")
    assert (added.said.strip(), taken.said.strip()) == ("same", "same")
    assert world.files() == held


def test_of_equal_lines_only_the_last_is_taken(world: World) -> None:
    world.put(id_file(world), f"{OURS}\nother\n{OURS}\nlater".encode())

    world.run(RemoveIdentity(world.host, custom_id=OURS))

    assert world.files() == {id_file(world): f"{OURS}\nother\nlater".encode()}


def test_a_link_is_followed(world: World) -> None:
    target = f"{world.host.conf_dir}/shared"
    world.put(target, b"other")
    world.link(id_file(world), target)

    before = facts(world)
    world.run(AddIdentity(world.host, ACCOUNT, OURS))
    between = world.files()[target]
    world.run(undo(world, before))

    assert between == f"other\n{OURS}\n".encode()
    assert world.files() == {target: b"other"}


def test_a_read_only_folder_is_named_and_nothing_is_changed(world: World) -> None:
    world.put(id_file(world), b"other\n")
    world.make_read_only(world.host.conf_dir)

    result = world.run_without_rights(AddIdentity(world.host, ACCOUNT, OURS))

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
