"""Two apps on one host, and people who write there too: who takes what away, and what is said."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fake_hosts import FakeHost
from tests.unit.shell_kit import (
    ACCOUNT,
    APP,
    OTHER,
    OURS,
    add,
    book,
    facts,
    last_word,
    removed,
    said,
    sh,
    tree,
    undo,
)
from workflows.apps import Host
from workflows.steps.on_host.commands import AddIdentity, HostFacts, Removed, RemoveIdentity


@pytest.mark.parametrize("held", [None, b"", b"first", b"first\n", b"first\r\n\r\nsecond"])
@pytest.mark.parametrize("order", [(APP, OTHER), (OTHER, APP)])
def test_two_lines_of_ours_go_in_any_order_and_leave_the_file_as_it_was(
    host: Host, id_file: Path, held: bytes | None, order: tuple[str, str]
) -> None:
    if held is not None:
        id_file.write_bytes(held)
    untouched, before = tree(host), {}
    for app in (APP, OTHER):
        before[app] = facts(host, f"id-{app}")
        said(add(host, app, f"id-{app}"))

    words = [removed(undo(host, before[app], app, f"id-{app}")) for app in order]

    assert [word.exact for word in words] == [True, True]
    assert tree(host) == untouched


def test_a_second_undo_of_the_first_app_takes_nothing_from_the_second(host: Host) -> None:
    before = facts(host)
    said(add(host))
    said(add(host, OTHER))

    words = [removed(undo(host, before)) for _ in range(2)]

    assert words[0] == words[1]
    assert words[0].text == (
        f"left the custom id, still used by {OTHER}; left the account id, still used by {OTHER}"
    )
    assert facts(host).lacks(OTHER) == ()


def test_what_others_made_is_signed_for_by_nobody(host: Host, id_file: Path) -> None:
    id_file.write_text(f"{OURS}\n")
    Path(host.conf_dir, "users").mkdir()
    Path(host.conf_dir, "users", ACCOUNT).touch()
    untouched = tree(host)

    word = last_word(add(host))
    seen = facts(host)

    assert (word, seen.lacks(APP), tree(host)) == ("same", (), untouched)
    assert (seen.before(APP)["user_file"], seen.before(APP)["listed"]) == (True, True)


def test_what_an_earlier_job_of_the_app_made_is_not_a_later_ones_to_take(host: Host) -> None:
    said(add(host))

    later = facts(host).before(APP)

    assert (later["user_file"], later["listed"]) == (True, True)


def test_a_line_that_another_app_of_ours_made_is_not_taken_for_somebody_elses(host: Host) -> None:
    said(add(host))

    later = facts(host).before(OTHER)

    assert (later["user_file"], later["listed"]) == (False, False)


def test_a_death_after_the_ledger_was_written_leaves_nothing_that_is_not_taken_back(
    host: Host,
) -> None:
    untouched, before = tree(host), facts(host)
    command = add(host)
    dying = command.script.replace('try "replacing $file" mv', "kill -9 $$; mv")

    sh(Plain(dying))
    between = book(host)
    again = last_word(command)
    gone = removed(undo(host, before))

    assert f"use {APP} custom {OURS}" in between
    assert (again, gone.exact) == ("changed", True)
    assert tree(host) == untouched


class Plain:
    def __init__(self, script: str) -> None:
        self.script = script


def test_a_newline_that_came_with_a_strangers_line_stays(host: Host, id_file: Path) -> None:
    id_file.write_text("first")
    before = facts(host)
    said(add(host))
    id_file.write_text(f"first\ntheirs\n{OURS}\n")

    word = removed(undo(host, before))

    assert (word.exact, id_file.read_text()) == (False, "first\ntheirs\n")
    assert "somebody else wrote" in word.text


def test_a_ledger_that_somebody_cut_is_used_as_far_as_it_goes(host: Host) -> None:
    untouched, before = tree(host), facts(host)
    said(add(host))
    Path(host.conf_dir, ".logmigrate").write_text(f"made custom {OURS}\nuse {APP} custom {OURS}\n")

    word = removed(undo(host, before))

    assert (word.taken, word.exact) == (("the custom id", "the account id"), True)
    assert tree(host) == untouched


deed = st.sampled_from(
    [
        *((verb, app, custom) for verb in ("add", "undo") for app in "bc" for custom in ("x", "y")),
        *(("foreign", edit, "") for edit in ("append", "prepend", "drop", "cut", "user")),
    ]
)


@settings(max_examples=12, deadline=None)  # each runs up to a dozen shells
@given(
    held=st.sampled_from([None, b"", b"a", b"a\n", b"x", b"a\r\nx\n"]),
    deeds=st.lists(deed, max_size=7),
)
def test_whatever_apps_and_people_do_the_host_ends_as_the_fake_says(
    held: bytes | None, deeds: list[tuple[str, str, str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        host, fake = Host("h1", folder, f"{folder}.agent"), FakeHost()
        if held is not None:
            write(fake, f"{folder}/user_defined_id", held)
        before: dict[tuple[str, str], HostFacts] = {}
        for verb, who, custom in deeds:
            if verb == "foreign":
                foreign(fake, folder, who)
            else:
                both(host, fake, command(host, verb, who, custom, before))

            assert on_disk(folder) == fake.files


def command(
    host: Host, verb: str, app: str, custom: str, before: dict[tuple[str, str], HostFacts]
) -> AddIdentity | RemoveIdentity:
    """As a job gives it: what was there is looked at before its first change, and kept."""
    seen = before.setdefault((app, custom), facts(host, custom))
    was = seen.before(app)
    if verb == "add":
        return add(host, app, custom)
    del before[app, custom]
    return RemoveIdentity(
        host,
        app,
        "" if was["user_file"] else ACCOUNT,
        "" if was["listed"] else custom,
        drop_file=not was["id_file"],
        final_newline=was["final_newline"],
        drop_users_dir=not was["users_dir"],
        sha256=was["sha256"],
    )


def both(host: Host, fake: FakeHost, command: AddIdentity | RemoveIdentity) -> None:
    real, model = said(command), fake.run(command)
    if isinstance(command, RemoveIdentity):
        assert Removed.parse(real) == Removed.parse(model)
    assert real.split()[-1] == model.split()[-1]


def foreign(fake: FakeHost, folder: str, edit: str) -> None:
    path, held = f"{folder}/user_defined_id", fake.files.get(f"{folder}/user_defined_id")
    match edit:
        case "append":
            write(fake, path, (held or b"") + b"theirs\n")
        case "prepend":
            write(fake, path, b"theirs\n" + (held or b""))
        case "cut" if held:
            write(fake, path, held[:-1])
        case "drop" if held is not None:
            del fake.files[path]
            Path(path).unlink()
        case "user":
            write(fake, f"{folder}/users/99", b"")


def write(fake: FakeHost, path: str, content: bytes) -> None:
    fake.files[path] = content
    if not Path(path).parent.exists():
        fake.folders.add(str(Path(path).parent))
    Path(path).parent.mkdir(exist_ok=True)
    Path(path).write_bytes(content)


def on_disk(folder: str) -> dict[str, bytes]:
    found = Path(folder).rglob("*")
    return {str(path): path.read_bytes() for path in found if path.is_file()}
