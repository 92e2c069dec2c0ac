"""One Redis: connect, run scripts, and say what was asked when it does not answer."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import redis
import structlog
from redis.backoff import ConstantBackoff, NoBackoff
from redis.connection import parse_url
from redis.retry import Retry
from redis.sentinel import Sentinel

from bot.redis_address import Address
from workflows.errors import StoreAway

Answer = TypeVar("Answer")

ASKED_SENTINEL = re.compile(r"<redis\.client\.Redis\(.*?\)>\)>\)> - ")  # before each one's trouble
HINT = "Nothing is half-written: try again in a minute, and if it stays so, look at that server."
FULL = "Give that Redis more memory: a higher maxmemory, or fewer other keys in it."


def connect(address: Address | str, retries: int = 1) -> redis.Redis:
    """Make a client that answers or raises within about 2 s: Slack waits for 3 s.

    A lost connection is tried once more; a timeout is not, it would take twice as long.
    """
    if isinstance(address, str):
        address = Address(address)
    options: dict[str, Any] = {
        "socket_timeout": 1.5,
        "socket_connect_timeout": 1.0,
        "health_check_interval": 10,
        "retry": Retry(ConstantBackoff(0.05), retries, supported_errors=(redis.ConnectionError,)),
    }
    if address.ca_file is not None:
        options["ssl_ca_certs"] = str(address.ca_file)
    if address.sentinels:
        return _through_sentinels(address, options)
    return redis.Redis.from_url(address.url, **options)


def _through_sentinels(address: Address, options: dict[str, Any]) -> redis.Redis:
    """A client that asks the sentinels anew whenever it connects, so that it finds the new master."""
    told = parse_url(address.url)  # type: ignore[no-untyped-call]
    encrypted = {"ssl": True} if told.pop("connection_class", None) is not None else {}
    secret = {"password": address.sentinel_password} if address.sentinel_password else {}
    # One sentinel that hangs must not use up the time in which the others would answer.
    times = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "retry": Retry(NoBackoff(), 0)}
    trust = {key: options[key] for key in ("ssl_ca_certs",) if key in options}
    own = {**times, **secret, **encrypted, **trust}
    watchers = Sentinel(address.sentinels, sentinel_kwargs=own)  # type: ignore[no-untyped-call]
    name = str(told.pop("host"))
    told.pop("port", None)
    client: redis.Redis = watchers.master_for(  # type: ignore[no-untyped-call]
        name, **told, **encrypted, **options
    )
    return client


# What the server must be set to, and what happens otherwise.
DEMANDS = {
    ("maxmemory-policy", "noeviction"): "it may drop jobs when its memory is full",
    ("appendonly", "yes"): "it forgets jobs when it restarts",
}

log = structlog.get_logger()


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
        except redis.OutOfMemoryError as error:  # it answers, and claims are as good as before
            raise StoreAway(f"asking Redis at {self.where}: it has no room left", FULL) from error
        except redis.RedisError as error:
            if isinstance(error, redis.ReadOnlyError):  # demoted: the next question connects anew
                self._client.connection_pool.disconnect()
            self._trouble = time.monotonic()
            raise StoreAway(f"asking Redis at {self.where}: {self._told(error)}", HINT) from error

    def close(self) -> None:
        self._client.close()

    def run(self, script: str, keys: Sequence[str], *args: str | float) -> Any:
        """Run one script of bot/lua; each is written so that running it twice does no harm."""
        return self.ask(lambda _: self._scripts[script](keys=keys, args=args))

    def check(self) -> None:
        """Raises StoreAway, with the command that helps, where it could lose or evict jobs."""
        wrong = {name: why for name, why in DEMANDS.items() if self._differs(*name)}
        if wrong:
            commands = [f"CONFIG SET {k} {v}" for k, v in wrong]
            raise StoreAway(
                f"checking Redis at {self.where}: " + ", and ".join(wrong.values()),
                f"There, redis-cli: {'; '.join(commands)}. Then the same in its configuration.",
            )

    def _differs(self, name: str, wanted: str) -> bool:
        found = self.ask(lambda client: _config(client, name)).get(name)
        if found is None:  # the account may not read settings
            log.warning("redis setting could not be checked", redis=self.where, setting=name)
            return False
        return text(found) != wanted

    def kind(self) -> str:
        """Redis or Valkey, with its version."""
        info = self.ask(lambda client: client.info("server"))
        if "valkey_version" in info:
            return f"Valkey {info['valkey_version']}"
        return f"Redis {info.get('redis_version', 'of unknown version')}"

    def time(self) -> float:
        """The server's clock, seconds since the epoch."""
        seconds, micros = self.ask(lambda client: client.time())
        return float(seconds) + float(micros) / 1e6

    def _told(self, error: redis.RedisError) -> str:
        told = (str(error) or type(error).__name__).splitlines()[0]
        told = ASKED_SENTINEL.sub("", told)[:200]
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
