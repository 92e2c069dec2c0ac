"""One Redis server: connect, run scripts, and say what was asked when it does not answer."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from workflows.errors import StoreAway

Answer = TypeVar("Answer")

HINT = "Nothing is half-written: try again in a minute, and if it stays so, look at that server."


def connect(url: str, retries: int = 1) -> redis.Redis:
    """Make a client that answers or raises within about 2 s: Slack waits for 3 s.

    A lost connection is tried once more; a timeout is not, it would take twice as long.
    """
    return redis.Redis.from_url(
        url,
        socket_timeout=1.5,
        socket_connect_timeout=1.0,
        health_check_interval=10,
        retry=Retry(ConstantBackoff(0.05), retries, supported_errors=(redis.ConnectionError,)),
    )


class Server:
    """Asks Redis; every redis.RedisError becomes StoreAway, without a password in its text."""

    def __init__(self, client: redis.Redis, grace_seconds: float) -> None:
        self._client = client
        self._grace_seconds = grace_seconds
        self._trouble = float("-inf")
        self._scripts = {name: client.register_script(text) for name, text in scripts().items()}

    @property
    def where(self) -> str:
        """host:port, the socket's path, or the name Sentinel knows it by."""
        options = self._client.connection_pool.connection_kwargs
        if "host" in options:
            return f"{options['host']}:{options.get('port', 6379)}"
        named = options.get("path") or getattr(self._client.connection_pool, "service_name", "")
        return str(named or "localhost:6379")

    @property
    def in_grace(self) -> bool:
        """Whether Redis was away less than one claim ago: owners must come first to renew."""
        return time.monotonic() - self._trouble < self._grace_seconds

    def ask(self, question: Callable[[redis.Redis], Answer]) -> Answer:
        try:
            return question(self._client)
        except redis.RedisError as error:
            self._trouble = time.monotonic()
            raise StoreAway(f"asking Redis at {self.where}: {self._told(error)}", HINT) from error

    def close(self) -> None:
        self._client.close()

    def run(self, script: str, keys: Sequence[str], *args: str | float) -> Any:
        """Run one script of bot/lua; each is written so that running it twice does no harm."""
        return self.ask(lambda _: self._scripts[script](keys=keys, args=args))

    def config(self, name: str) -> str | None:
        """A setting of the server; None where the account may not read settings."""
        found = self.ask(lambda client: _config(client, name))
        value = found.get(name)
        return None if value is None else text(value)

    def _told(self, error: redis.RedisError) -> str:
        told = (str(error) or type(error).__name__).splitlines()[0][:200]
        password = self._client.connection_pool.connection_kwargs.get("password")
        if password:
            told = told.replace(str(password), "***")
        return re.sub(r"://[^@/\s]*@", "://***@", told)


@cache
def scripts() -> dict[str, str]:
    """The scripts of bot/lua by name, each behind the common prelude."""
    folder = files("bot") / "lua"
    found = {f.name.removesuffix(".lua"): f.read_text("utf-8") for f in folder.iterdir()}
    prelude = found.pop("prelude")
    return {name: prelude + body for name, body in found.items()}


def _config(client: redis.Redis, name: str) -> dict[str, bytes | str | None]:
    try:
        return {text(key or ""): value for key, value in client.config_get(name).items()}
    except redis.ResponseError:  # NOPERM, or the command is renamed: not an outage
        return {}


def text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def millis(seconds: float) -> int:
    return round(seconds * 1000)
