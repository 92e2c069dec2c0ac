"""The scripts run by the machine's own /bin/sh, without any SSH between."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fake_hosts import with_line, without_line
from workflows.apps import Host
from workflows.errors import StepFailed
from workflows.ports import Command
from workflows.steps.commands import AddIdentity, Delivered, HostFacts, Look, RemoveIdentity

ACCOUNT = "1234567890123456"
OURS = "app-b"


def sh(
    command: Command, *, shell: str = "/bin/sh", path: str = "", **how: object
) -> subprocess.CompletedProcess[bytes]:
    env = {"PATH": path or os.environ["PATH"]}
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        [shell, "-s"],
        input=command.script.encode(),
        capture_output=True,
        env=env,
        timeout=60,
        **how,
    )


def said(command: Command, **how: str) -> str:
    done = sh(command, **how)  # type: ignore[arg-type]
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def last_word(command: Command, **how: str) -> str:
    return said(command, **how).split()[-1]


def trouble(command: Command, **how: object) -> str:
    done = sh(command, **how)
    assert done.returncode != 0, done.stdout.decode()
    return done.stderr.decode().strip()


@pytest.fixture
def host(tmp_path: Path) -> Host:
    # Folders with all that a quoted value must survive.
    conf, agent = tmp_path / "etc $(x) 'il", tmp_path / 'agent "x"'
    conf.mkdir()
    agent.mkdir()
    return Host("h1", str(conf), str(agent))


@pytest.fixture
def id_file(host: Host) -> Path:
    return Path(host.conf_dir, "user_defined_id")


def facts(host: Host) -> HostFacts:
    return HostFacts.parse(said(Look(host, ACCOUNT, OURS)))


def undo(host: Host, before: HostFacts) -> RemoveIdentity:
    return RemoveIdentity(
        host,
        account_id="" if before.user_file else ACCOUNT,
        custom_id="" if before.listed else OURS,
        drop_file=not before.id_file,
        final_newline=before.ends_in_newline,
        drop_users_dir=not before.users_dir,
    )


def tree(host: Host) -> dict[str, bytes | None]:
    found = Path(host.conf_dir).rglob("*")
    return {str(path): path.read_bytes() if path.is_file() else None for path in found}


line = st.one_of(
    st.binary(max_size=12),
    st.sampled_from([OURS, f" {OURS}", f"{OURS} ", f"{OURS}-2", "app.b", ""]).map(str.encode),
)
content = st.builds(
    lambda lines, gap, end: gap.join(lines) + end,
    st.lists(line, max_size=5),
    st.sampled_from([b"\n", b"\r\n"]),
    st.sampled_from([b"", b"\n", b"\r\n", b"\r"]),
)
often = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@often
@given(held=st.one_of(st.none(), content))
def test_add_then_remove_leaves_every_byte_as_it_was(held: bytes | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        host = Host("h1", folder, folder)
        if held is not None:
            Path(folder, "user_defined_id").write_bytes(held)
        untouched, before = tree(host), facts(host)

        sh(AddIdentity(host, ACCOUNT, OURS))
        sh(undo(host, before))

        assert tree(host) == untouched


@often
@given(held=content.filter(lambda held: b"\0" not in held))
def test_any_list_of_ids_gains_our_line_and_keeps_its_own(held: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        host, path = Host("h1", folder, folder), Path(folder, "user_defined_id")
        path.write_bytes(held)

        word = last_word(AddIdentity(host, ACCOUNT, OURS))

        listed = OURS.encode() in held.split(b"\n")
        assert word == "changed"
        assert path.read_bytes() == (held if listed else with_line(held, OURS.encode()))
        assert facts(host).listed


@often
@given(held=content.filter(lambda held: b"\0" not in held), final_newline=st.booleans())
def test_removing_takes_the_last_line_that_is_ours_exactly(
    held: bytes, final_newline: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        host, path = Host("h1", folder, folder), Path(folder, "user_defined_id")
        path.write_bytes(held)

        word = last_word(RemoveIdentity(host, custom_id=OURS, final_newline=final_newline))

        listed = OURS.encode() in held.split(b"\n")
        kept = without_line(held, OURS.encode(), final_newline=final_newline) if listed else held
        assert (word, path.read_bytes()) == ("changed" if listed else "same", kept)


def shells() -> Iterator[object]:
    for name in ("dash", "bash", "busybox"):
        reason = f"{name} is not installed"
        lacking = shutil.which(name) is None
        yield pytest.param(name, marks=pytest.mark.skipif(lacking, reason=reason), id=name)


@pytest.mark.parametrize("name", list(shells()))
def test_each_shell_adds_once_and_takes_back(
    name: str, host: Host, id_file: Path, tmp_path: Path
) -> None:
    how = only_busybox(tmp_path) if name == "busybox" else {"shell": str(shutil.which(name))}
    id_file.write_bytes(b"other\nno newline \xff")
    untouched, before = tree(host), HostFacts.parse(said(Look(host, ACCOUNT, OURS), **how))
    steps = (AddIdentity(host, ACCOUNT, OURS),) * 2 + (undo(host, before),) * 2

    words = [last_word(step, **how) for step in steps]

    assert words == ["changed", "same", "changed", "same"]
    assert tree(host) == untouched


def only_busybox(tmp_path: Path) -> dict[str, str]:
    """A PATH with nothing but busybox's tools; Debian's has no flock, so mkdir locks there."""
    tools = tmp_path / "tools"
    tools.mkdir()
    subprocess.run(["busybox", "--install", "-s", str(tools)], check=True)
    return {"shell": str(tools / "sh"), "path": str(tools)}


def test_the_id_file_keeps_its_mode_and_owner(host: Host, id_file: Path) -> None:
    id_file.write_text("other\n")
    id_file.chmod(0o640)
    if os.getuid() == 0:
        os.chown(id_file, 65534, 65534)
    before = id_file.stat()

    said(AddIdentity(host, ACCOUNT, OURS))

    after = id_file.stat()
    assert (after.st_uid, after.st_gid, after.st_mode) == (
        before.st_uid,
        before.st_gid,
        before.st_mode,
    )


def test_files_we_make_can_be_read_by_the_agent(host: Host, id_file: Path) -> None:
    said(AddIdentity(host, ACCOUNT, OURS))

    user_file = Path(host.conf_dir, "users", ACCOUNT)
    assert stat.S_IMODE(id_file.stat().st_mode) == 0o644
    assert (stat.S_IMODE(user_file.stat().st_mode), user_file.read_bytes()) == (0o644, b"")


def test_a_user_file_that_is_there_is_not_touched(host: Host) -> None:
    user_file = Path(host.conf_dir, "users", ACCOUNT)
    user_file.parent.mkdir()
    user_file.write_text("theirs")
    os.utime(user_file, (1_000_000, 1_000_000))

    said(AddIdentity(host, ACCOUNT, OURS))

    assert (user_file.read_text(), user_file.stat().st_mtime) == ("theirs", 1_000_000)


def test_a_link_stays_a_link_and_its_target_gains_the_line(
    host: Host, id_file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "shared ids"
    target.write_text("other")
    id_file.symlink_to(target)
    before = facts(host)

    said(AddIdentity(host, ACCOUNT, OURS))
    linked = target.read_text()
    said(undo(host, before))

    assert id_file.is_symlink()
    assert (linked, target.read_text()) == (f"other\n{OURS}\n", "other")


def test_a_line_that_came_after_ours_stays(host: Host, id_file: Path) -> None:
    id_file.write_text("first")
    before = facts(host)
    said(AddIdentity(host, ACCOUNT, OURS))
    with id_file.open("a") as file:
        file.write("later\n")

    said(undo(host, before))

    assert id_file.read_text() == "first\nlater\n"


def test_a_file_we_made_stays_when_others_wrote_into_it(host: Host, id_file: Path) -> None:
    before = facts(host)
    said(AddIdentity(host, ACCOUNT, OURS))
    id_file.write_text(f"{OURS}\ntheirs\n")
    Path(host.conf_dir, "users", "99").touch()

    said(undo(host, before))

    assert id_file.read_text() == "theirs\n"
    assert [path.name for path in Path(host.conf_dir, "users").iterdir()] == ["99"]


def test_a_carriage_return_makes_another_id(host: Host, id_file: Path) -> None:
    id_file.write_bytes(f"{OURS}\r\n".encode())

    listed = facts(host).listed
    said(AddIdentity(host, ACCOUNT, OURS))

    assert not listed
    assert id_file.read_bytes() == f"{OURS}\r\n{OURS}\n".encode()


def test_a_file_with_nul_bytes_is_refused_before_anything_is_made(
    host: Host, id_file: Path
) -> None:
    id_file.write_bytes(b"a\0b\n")
    untouched = tree(host)

    word = trouble(AddIdentity(host, ACCOUNT, OURS))

    assert str(id_file) in word
    assert "NUL" in word
    assert tree(host) == untouched


def test_a_missing_agent_is_named_and_nothing_is_made(tmp_path: Path) -> None:
    host = Host("h1", str(tmp_path / "none"), str(tmp_path / "none"))

    words = {trouble(command) for command in (Look(host, ACCOUNT, OURS), Delivered(host))}

    assert {word.split(": ")[0] for word in words} == {f"looking at {host.conf_dir}"}
    assert list(tmp_path.iterdir()) == []


def test_taking_back_where_the_folder_has_gone_changes_nothing(tmp_path: Path) -> None:
    host = Host("h1", str(tmp_path / "none"), str(tmp_path))

    assert last_word(RemoveIdentity(host, ACCOUNT, OURS, drop_file=True)) == "same"


@pytest.fixture
def poor() -> dict[str, object]:
    """How a script runs with no right to pass over file modes, though the tests run as root."""
    return {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}


@pytest.fixture
def open_host() -> Iterator[Host]:
    """A host's folders where another user can get at them, as pytest's own are private."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        Path(folder, "user_defined_id").write_text("other\n")
        yield Host("h1", folder, folder)


def test_a_read_only_folder_is_named_and_nothing_is_changed(
    open_host: Host, poor: dict[str, object]
) -> None:
    Path(open_host.conf_dir).chmod(0o555)
    untouched = tree(open_host)

    word = trouble(AddIdentity(open_host, ACCOUNT, OURS), **poor)

    assert open_host.conf_dir in word
    assert word.endswith("permission denied")
    assert tree(open_host) == untouched


def test_an_unreadable_file_is_named_and_not_taken_for_an_absent_one(
    open_host: Host, poor: dict[str, object]
) -> None:
    path = Path(open_host.conf_dir, "user_defined_id")
    path.chmod(0)

    words = [
        trouble(Look(open_host, ACCOUNT, OURS), **poor),
        trouble(AddIdentity(open_host, ACCOUNT, OURS), **poor),
    ]

    assert words == [f"reading {path}: permission denied"] * 2


def test_a_folder_that_cannot_be_entered_is_not_taken_for_an_empty_one(
    open_host: Host, poor: dict[str, object]
) -> None:
    users = Path(open_host.conf_dir, "users")
    users.mkdir()
    (users / ACCOUNT).touch()
    users.chmod(0)

    word = trouble(Look(open_host, ACCOUNT, OURS), **poor)

    users.chmod(0o755)
    assert word == f"looking at {users}/{ACCOUNT}: permission denied"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file to another user")
def test_the_owner_is_never_changed_silently(open_host: Host, poor: dict[str, object]) -> None:
    Path(open_host.conf_dir).chmod(0o777)

    word = trouble(AddIdentity(open_host, ACCOUNT, OURS), **poor)

    assert "keeping the owner" in word
    assert "sudo = true" in word


@pytest.mark.parametrize("name", ["bash", "busybox"])
def test_two_moves_at_once_add_two_lines(
    name: str, host: Host, id_file: Path, tmp_path: Path
) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    how = only_busybox(tmp_path) if name == "busybox" else {"shell": str(shutil.which(name))}
    env = {"PATH": how.get("path", os.environ["PATH"])}
    ids = [f"app-{n}" for n in range(3)]

    moves = [subprocess.Popen([how["shell"], "-s"], env=env, **PIPES) for _ in ids]
    for move, custom_id in zip(moves, ids, strict=True):
        assert move.stdin
        with move.stdin:
            move.stdin.write(AddIdentity(host, ACCOUNT, custom_id).script)
    ends = [(move.wait(40), read(move)) for move in moves]

    assert ends == [(0, "")] * len(ids)
    assert sorted(id_file.read_text().split()) == ids
    assert sorted(path.name for path in Path(host.conf_dir).iterdir()) == [
        "user_defined_id",
        "users",
    ]


PIPES: dict[str, object] = {
    "stdin": subprocess.PIPE,
    "stderr": subprocess.PIPE,
    "stdout": subprocess.DEVNULL,
    "text": True,
}


def read(move: subprocess.Popen[str]) -> str:
    assert move.stderr
    with move.stderr:
        return move.stderr.read()


def test_a_script_that_arrives_cut_off_changes_nothing(host: Host) -> None:
    script = AddIdentity(host, ACCOUNT, OURS).script
    for length in range(0, len(script) - len("main </dev/null\n"), 97):
        subprocess.run(["/bin/sh", "-s"], input=script[:length].encode(), capture_output=True)

    assert tree(host) == {}


def test_the_agent_introduces_itself(host: Host) -> None:
    info = '{"ip": "10.0.0.11", "UUID": "U-1", "loongcollector_version": "3.0.5", "x": 1}'
    Path(host.agent_dir, "app_info.json").write_text(info)

    seen = facts(host)

    assert (seen.ip, seen.unique_id, seen.version) == ("10.0.0.11", "U-1", "3.0.5")


@pytest.mark.parametrize("info", ["", "{", "[]", '{"ip": 5}'])
def test_an_agent_file_that_is_broken_introduces_nobody(host: Host, info: str) -> None:
    Path(host.agent_dir, "app_info.json").write_text(info)

    seen = facts(host)

    assert (seen.ip, seen.unique_id, seen.version) == ("", "", "")


def test_what_a_login_shell_prints_is_no_fact(host: Host) -> None:
    greeting = "Welcome!\nfacts are here"

    seen = HostFacts.parse(greeting + said(Look(host, ACCOUNT, OURS)))

    assert seen.listed is False


@pytest.mark.parametrize("answer", ["", "fact end", "fact ids =!!\nfact app -\nfact end"])
def test_an_answer_that_is_cut_is_not_taken_for_facts(answer: str) -> None:
    with pytest.raises(StepFailed, match="not complete"):
        HostFacts.parse(answer)


def test_delivered_configs_are_found_in_old_and_new_places(host: Host) -> None:
    agent = Path(host.agent_dir)
    (agent / "user_log_config.json").write_text('{"metrics": {"##1.0##p-1$app_b": {}}}')
    (agent / "config" / "remote").mkdir(parents=True)
    (agent / "config" / "remote" / "1.json").write_text('"##1.0##p-2$in-a-file"')
    (agent / "config" / "##1.0##p-3$in-a-name.json").touch()

    keys = Delivered.parse(said(Delivered(host)))

    assert keys == {"##1.0##p-1$app_b", "##1.0##p-2$in-a-file", "##1.0##p-3$in-a-name"}


def test_an_agent_without_configs_was_given_none(host: Host) -> None:
    assert Delivered.parse(said(Delivered(host))) == frozenset()


def test_a_cut_list_of_configs_is_not_taken_for_an_empty_one() -> None:
    with pytest.raises(StepFailed, match="not complete"):
        Delivered.parse("##1.0##p$c")


@pytest.mark.parametrize("account", ["", "../../etc/passwd", "12 3", "１２"])
def test_only_digits_name_an_account(host: Host, account: str) -> None:
    with pytest.raises(ValueError, match="no account id"):
        AddIdentity(host, account, OURS)


@pytest.mark.parametrize("custom", ["", "two words", "two\nlines", "bell\a"])
def test_a_custom_id_is_one_printable_word(host: Host, custom: str) -> None:
    with pytest.raises(ValueError, match="custom id"):
        AddIdentity(host, ACCOUNT, custom)


@pytest.mark.parametrize("custom", ["it's", '"$(touch${IFS}x)"', "-e", "日志", "a.b*[c]\\", "`id`"])
def test_no_custom_id_is_read_as_shell_or_pattern(host: Host, id_file: Path, custom: str) -> None:
    id_file.write_text("a-b*[c]\\\n")

    words = [last_word(AddIdentity(host, ACCOUNT, custom)) for _ in range(2)]

    assert words == ["changed", "same"]
    assert id_file.read_text() == f"a-b*[c]\\\n{custom}\n"
