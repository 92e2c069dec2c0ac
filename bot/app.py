"""Settings become adapters, adapters become engine and service; nothing else knows concrete classes."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Protocol

import structlog

from bot.embedded import embedded
from bot.health import touch_first, touched
from bot.http_door import Gate, HttpDoor
from bot.mover import Mover
from bot.pulse import BEATS, Pulse
from bot.queue import DramatiqQueue, Ticker, open_broker, run_worker
from bot.redis_server import connect
from bot.secret import Secret
from bot.sender import Sender
from bot.settings import Settings
from bot.settings_accounts import AccountSettings
from bot.slack import Chat, SlackNotifier, web_client
from bot.sls import SlsProject, sls_client
from bot.socket_door import SocketDoor
from bot.ssh import FabricHosts
from bot.ssh_target import SshTarget
from bot.store import RedisStore
from bot.transport import bolt_app
from bot.wire import Cipher
from handlers import register
from workflows.engine import Engine
from workflows.errors import Unavailable, UnknownApp
from workflows.logmigrate import LOGMIGRATE
from workflows.ports import Notifier, Queue
from workflows.service import Service
from workflows.step import Context

GESTURE = 900.0  # seconds; Slack repeats a request for some minutes at the most
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that looks like something else
ID_LENGTH = 4

log = structlog.get_logger()


class SystemClock:
    def now(self) -> float:
        return time.time()


class Door(Protocol):
    """Where Slack's requests come in."""

    def open(self) -> None: ...
    def close(self) -> None: ...


class Ending(threading.Event):
    """Set by SIGTERM, SIGINT or a lost connection; a second signal ends at once."""

    lost = False

    def listen(self) -> Ending:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told)
        return self

    def lose(self) -> None:
        """Slack is out of reach for good: end, and let the init system start anew."""
        self.lost = True
        self.set()

    def _told(self, number: int, frame: FrameType | None) -> None:
        if self.is_set():
            os._exit(128 + number)
        self.set()


def serve(settings: Settings) -> None:
    """The bot: answers in Slack until it is told to end."""
    ending = Ending().listen()
    with _redis_url(settings) as url, _serving(settings, url, ending), touched(settings.alive):
        log.info("the bot is ready", mode=settings.slack.mode)
        ending.wait()
    _complain(ending)


def work(settings: Settings) -> None:
    """A worker: moves jobs and tells Slack of it until it is told to end."""
    ending = Ending().listen()
    with _redis_url(settings) as url:
        _work(settings, url, ending)


def up(settings: Settings) -> None:
    """Bot and worker in one process."""
    ending = Ending().listen()
    with _redis_url(settings) as url, _serving(settings, url, ending):
        _work(settings, url, ending)
    _complain(ending)


@contextlib.contextmanager
def store(settings: Settings) -> Iterator[RedisStore]:
    """The store alone, for the command line."""
    with _redis_url(settings) as url, contextlib.closing(_store(settings, url)) as jobs:
        yield jobs


def _redis_url(settings: Settings) -> contextlib.AbstractContextManager[str]:
    if settings.redis_url is None:
        return embedded(settings.data_dir)
    return contextlib.nullcontext(settings.redis_url.plain)


def _store(settings: Settings, url: str) -> RedisStore:
    cipher = Cipher(tuple(key.plain.encode() for key in settings.snapshot_keys))
    return RedisStore(connect(url), cipher, claim_seconds=settings.work.claim)


@contextlib.contextmanager
def _serving(settings: Settings, url: str, ending: Ending) -> Iterator[None]:
    jobs = _store(settings, url)
    jobs.check()
    slack = settings.slack
    secret = _plain(slack.signing_secret)
    app = bolt_app(slack.bot_token.plain, secret, slack.api_base_url, ending=ending)
    service = _service(settings, jobs, DramatiqQueue(open_broker(url)))
    register(app, service, lambda gesture: not jobs.once(f"gesture:{gesture}", GESTURE))
    door: Door
    if slack.mode == "http":
        door = HttpDoor(Gate(app, secret), slack.listen)
    else:
        door = SocketDoor(app, _plain(slack.app_token), lost=ending.lose)
    try:
        door.open()
        yield
    finally:
        door.close()


def _plain(secret: Secret | None) -> str:
    return secret.plain if secret else ""


def _service(settings: Settings, jobs: RedisStore, queue: Queue) -> Service:
    return Service(LOGMIGRATE, settings.apps, settings.people, jobs, queue, SystemClock(), new_id)


def new_id() -> str:
    """Short enough to be said aloud; the store refuses one that is taken."""
    return "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))


def _work(settings: Settings, url: str, ending: Ending) -> None:
    jobs, broker = _store(settings, url), open_broker(url)
    jobs.check()
    sender = _sender(settings, jobs)
    engine = _engine(settings, jobs, SlackNotifier(sender.wake))
    touch_first(settings.alive)
    pulse = Pulse(jobs, settings.work.claim / BEATS, settings.alive)
    ticker = Ticker(jobs, DramatiqQueue(broker))
    mover = Mover(jobs, engine, pulse)
    with contextlib.ExitStack() as ends:
        for part, end in ((pulse, pulse.stop), (sender, sender.close), (ticker, ticker.stop)):
            part.start()
            ends.callback(end)
        log.info("the worker is ready", threads=settings.work.threads)
        run_worker(broker, mover.look, settings.work.threads, ending, settings.work.grace)


def _sender(settings: Settings, jobs: RedisStore) -> Sender:
    slack = settings.slack
    return Sender(
        jobs,
        Chat(web_client(slack.bot_token.plain, slack.api_base_url)),
        LOGMIGRATE,
        approvers=settings.people.approvers,
        update_every=slack.update_every,
    )


def _engine(settings: Settings, jobs: RedisStore, notifier: Notifier) -> Engine:
    clock = SystemClock()
    world = _world(settings)
    return Engine(LOGMIGRATE, jobs, notifier, clock, settings.waits, world)


def _world(settings: Settings) -> Callable[[str], Context]:
    hosts, clock = _hosts(settings), SystemClock()
    source, target = _client(settings.source), _client(settings.target)

    def context(name: str) -> Context:
        app = settings.apps.get(name)
        if app is None:
            hint = f"Put [apps.{name}] back into the settings, then Retry."
            raise UnknownApp(f"{name} is no longer in the settings", hint)
        return Context(
            app=app,
            waits=settings.waits,
            hosts=hosts,
            source=SlsProject(source, app.source.project, "source"),
            target=SlsProject(target, app.target.project, "target"),
            clock=clock,
        )

    return context


def _client(account: AccountSettings) -> object:
    key_id, secret = account.access_key_id.plain, account.access_key_secret.plain
    return sls_client(account.endpoint, key_id, secret, proxy=account.proxy)


def _hosts(settings: Settings) -> FabricHosts:
    targets = {
        host.name: SshTarget(
            host.name, host.address, host.port, host.user, host.key_file, host.sudo
        )
        for host in settings.hosts.values()
    }
    ssh = settings.ssh
    return FabricHosts(
        targets,
        ssh.known_hosts,
        ssh.concurrency,
        connect=ssh.connect,
        banner=ssh.banner,
        auth=ssh.auth,
        command=ssh.command,
    )


def _complain(ending: Ending) -> None:
    """Exit with trouble, so that an init system starts the process anew."""
    if ending.lost:
        raise Unavailable("the connection to Slack was lost")
