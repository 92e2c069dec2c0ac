"""The embedded Valkey keeps its data, is shared, and is never started twice on one folder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from bot.embedded import embedded
from bot.redis_server import connect
from bot.store import RedisStore
from bot.wire import Cipher
from tests.contract.redis_servers import KEY, until
from workflows.errors import StoreAway

USER = """
import sys
from pathlib import Path
from bot.embedded import embedded
with embedded(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_user(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that uses the folder until its standard input ends."""
    line = [sys.executable, "-c", USER, str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(line, stdin=pipe, stdout=pipe, text=True) as user:
        assert user.stdout is not None
        yield user, user.stdout.readline().strip()


def pid_at(url: str) -> int:
    return int(connect(url).info("server")["process_id"])


def gone(url: str) -> bool:
    try:
        connect(url, retries=0).ping()
    except redis.ConnectionError:
        return True
    return False


def test_what_was_written_is_there_after_a_restart_on_the_same_address(tmp_path: Path) -> None:
    with embedded(tmp_path) as url:
        connect(url).set("kept", "yes")
    stopped = gone(url)

    with embedded(tmp_path) as again:
        kept = connect(again).get("kept")

    assert stopped
    assert again == url
    assert kept == b"yes"


def test_it_passes_the_check_of_the_store(tmp_path: Path) -> None:
    with embedded(tmp_path) as url:
        store = RedisStore(connect(url), Cipher((KEY,)))
        store.check()

        assert store.jobs() == ()


def test_nobody_gets_in_without_the_password(tmp_path: Path) -> None:
    with embedded(tmp_path) as url:
        port = connect(url).connection_pool.connection_kwargs["port"]
        with pytest.raises(redis.AuthenticationError):
            connect(f"redis://127.0.0.1:{port}/0").ping()

    assert (tmp_path / "valkey" / "address").stat().st_mode & 0o077 == 0
    assert (tmp_path / "valkey" / "valkey.conf").stat().st_mode & 0o077 == 0


def test_two_processes_share_one_server_and_the_last_one_stops_it(tmp_path: Path) -> None:
    with another_user(tmp_path) as (user, first):
        with embedded(tmp_path) as second:
            assert second == first
            assert user.stdin is not None
            user.stdin.close()
            user.wait()
            assert not gone(second)

        assert gone(second)


def test_the_server_of_a_killed_process_is_taken_over_and_not_doubled(tmp_path: Path) -> None:
    with another_user(tmp_path) as (user, url):
        server = pid_at(url)
        user.kill()
        user.wait()

    with embedded(tmp_path) as taken_over:
        assert taken_over == url
        assert pid_at(taken_over) == server

    assert gone(url)


def test_a_killed_server_starts_again_with_its_data(tmp_path: Path) -> None:
    with embedded(tmp_path) as url:
        connect(url).set("kept", "yes")
        until(lambda: connect(url).info("persistence")["aof_buffer_length"] == 0)
        os.kill(pid_at(url), signal.SIGKILL)
        until(lambda: gone(url))

    with embedded(tmp_path) as again:
        assert connect(again).get("kept") == b"yes"


def test_ctrl_c_does_not_reach_the_server(tmp_path: Path) -> None:
    with embedded(tmp_path) as url:
        assert os.getpgid(pid_at(url)) != os.getpgrp()


def test_a_stranger_on_the_port_makes_it_move(tmp_path: Path) -> None:
    with embedded(tmp_path) as url:
        port = int(connect(url).connection_pool.connection_kwargs["port"])
    stranger = socket.socket()
    stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    stranger.bind(("127.0.0.1", port))
    stranger.listen()

    with stranger, embedded(tmp_path) as moved:
        assert moved != url
        assert connect(moved).ping()


def test_a_folder_that_cannot_be_made_says_which_setting_helps(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StoreAway, match="for the embedded Valkey: not a directory") as refusal:
        embedded(tmp_path / "file").__enter__()

    assert "data_dir" in refusal.value.hint


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    folder = tmp_path / "valkey" / "appendonlydir"
    folder.parent.mkdir()
    folder.write_text("in the way")

    with pytest.raises(StoreAway, match="starting the embedded Valkey in") as refusal:
        embedded(tmp_path).__enter__()

    assert "valkey.log" in refusal.value.hint
