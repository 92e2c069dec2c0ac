"""Settings become adapters, adapters become engine and service; nothing else knows concrete classes."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterator
from typing import Protocol

import structlog

from bot import doctor
from bot.clock import SharedClock
from bot.crew import Crew
from bot.doctor import Finding
from bot.embedded import embedded
from bot.ending import Ending
from bot.errands import Errands
from bot.health import touch_first, touched
from bot.http_door import Gate, HttpDoor
from bot.mover import Mover, by_shape
from bot.pulse import BEATS, Pulse
from bot.queue import TICKS, DramatiqQueue, Ticker, open_broker, run_worker
from bot.redis_address import Address
from bot.redis_server import Server, connect
from bot.secret import Secret
from bot.sender import Sender
from bot.settings import Settings
from bot.slack import Chat, SlackNotifier, web_client
from bot.socket_door import SocketDoor
from bot.spread import DirectHosts, SpreadHosts
from bot.store import RedisStore
from bot.transport import bolt_app
from bot.watch import Watch
from bot.windows import Windows
from bot.wire import Cipher
from bot.world import contexts, crew_of, reach
from handlers import register
from workflows.engine import Engine
from workflows.errors import Unavailable
from workflows.logmigrate import LOGMIGRATE
from workflows.model import Job
from workflows.ports import Notifier, Queue
from workflows.service import Service
from workflows.step import Context, Grip

GESTURE = 900.0  # seconds; Slack repeats a request for some minutes at the most
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that looks like something else
ID_LENGTH = 4

log = structlog.get_logger()


class Door(Protocol):
    """Where Slack's requests come in."""

    def open(self) -> None: ...
    def close(self) -> None: ...


def serve(settings: Settings) -> None:
    """The bot: answers in Slack until it is told to end."""
    ending = Ending().listen()
    with _redis(settings) as redis, _serving(settings, redis, ending), touched(settings.alive):
        log.info("the bot is ready", mode=settings.slack.mode)
        ending.wait()
    _complain(ending)


def work(settings: Settings) -> None:
    """A worker: moves jobs and tells Slack of it until it is told to end."""
    ending = Ending().listen()
    with _redis(settings) as redis:
        _work(settings, redis, ending)


def up(settings: Settings) -> None:
    """Bot and worker in one process."""
    ending = Ending().listen()
    with _redis(settings) as redis, _serving(settings, redis, ending):
        _work(settings, redis, ending)
    _complain(ending)


@contextlib.contextmanager
def store(settings: Settings) -> Iterator[RedisStore]:
    """The store alone, for the command line."""
    with _redis(settings) as redis, contextlib.closing(_store(settings, redis)) as jobs:
        yield jobs


def examine(settings: Settings) -> Iterator[Finding]:
    """How Redis, Slack, both accounts and all hosts stand; changes nothing."""
    with store(settings) as jobs:
        yield doctor.look("Redis", lambda: doctor.redis(jobs))
        yield doctor.look("snapshots", lambda: doctor.snapshots(jobs))
    slack = settings.slack
    chat = Chat(web_client(slack.bot_token.plain, slack.api_base_url))
    yield doctor.look("Slack", lambda: doctor.slack(chat.whoami))
    world = contexts(settings, SharedClock(time.time))
    for app in settings.apps.values():
        hosts = DirectHosts(reach(settings, app.name))
        yield from doctor.app(world(app.name, hosts), app, hosts)


@contextlib.contextmanager
def _redis(settings: Settings) -> Iterator[Address]:
    if settings.redis is not None:
        yield settings.redis
        return
    with embedded(settings.data_dir) as url:
        yield Address(url)


def _store(settings: Settings, redis: Address) -> RedisStore:
    work = settings.work
    return RedisStore(
        connect(redis), _cipher(settings), claim_seconds=work.claim, keep_days=work.keep_days
    )


def _errands(settings: Settings, redis: Address) -> Errands:
    claim = settings.work.claim
    return Errands(Server(connect(redis), grace_seconds=claim), _cipher(settings), claim)


def _cipher(settings: Settings) -> Cipher:
    return Cipher(tuple(key.plain.encode() for key in settings.snapshot_keys))


@contextlib.contextmanager
def _serving(settings: Settings, redis: Address, ending: Ending) -> Iterator[None]:
    jobs = _store(settings, redis)
    jobs.check()
    slack = settings.slack
    secret = _plain(slack.signing_secret)
    app = bolt_app(slack.bot_token.plain, secret, slack.api_base_url, ending=ending)
    service = _service(settings, jobs, DramatiqQueue(open_broker(redis)))
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
    clock = SharedClock(jobs.time)
    apps, people, waits = settings.apps, settings.people, settings.waits
    return Service(LOGMIGRATE, apps, people, jobs, queue, clock, new_id, waits)


def new_id() -> str:
    """Short enough to be said aloud; the store refuses one that is taken."""
    return "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))


def _work(settings: Settings, redis: Address, ending: Ending) -> None:
    jobs = _store(settings, redis)
    jobs.check()
    sender = _sender(settings, jobs)
    crew = crew_of(settings, _errands(settings, redis), ending.is_set)
    notifier = SlackNotifier(sender.wake)
    engine = _engine(settings, jobs, notifier, crew)
    touch_first(settings.alive)
    pulse = Pulse(jobs, settings.work.claim / BEATS, settings.alive)
    ticker = Ticker(jobs, DramatiqQueue(open_broker(redis), TICKS))
    watch = _watch(settings, jobs, notifier, crew)
    windows = _windows(settings, jobs, notifier)
    mover = Mover(jobs, engine, pulse)
    with contextlib.ExitStack() as ends:
        for part, end in (
            (pulse, pulse.stop),
            (sender, sender.close),
            (ticker, ticker.stop),
            (watch, watch.stop),
            (windows, windows.stop),
        ):
            part.start()
            ends.callback(end)
        log.info("the worker is ready", threads=settings.work.threads)
        look = by_shape(mover.look, crew.look)
        run_worker(redis, look, settings.work.threads, ending, settings.work.grace)


def _sender(settings: Settings, jobs: RedisStore) -> Sender:
    slack = settings.slack
    return Sender(
        jobs,
        Chat(web_client(slack.bot_token.plain, slack.api_base_url)),
        LOGMIGRATE,
        approvers=settings.people.approvers,
        update_every=slack.update_every,
    )


def _engine(settings: Settings, jobs: RedisStore, notifier: Notifier, crew: Crew) -> Engine:
    clock = SharedClock(jobs.time)
    world = contexts(settings, clock)

    def held(grip: Grip) -> Context:
        return world(grip.job().app, SpreadHosts(crew, grip), grip.wrote)

    return Engine(LOGMIGRATE, jobs, notifier, clock, settings.waits, held)


def _watch(settings: Settings, jobs: RedisStore, notifier: Notifier, crew: Crew) -> Watch:
    clock = SharedClock(jobs.time)
    world = contexts(settings, clock)

    def beside(job: Job) -> Context | None:
        fleet = crew.fleets.get(job.app)
        return world(job.app, DirectHosts(fleet.reach)) if fleet else None

    return Watch(jobs, beside, notifier, clock, settings.waits, settings.work.watch_days)


def _windows(settings: Settings, jobs: RedisStore, notifier: Notifier) -> Windows:
    clock, prices = SharedClock(jobs.time), settings.prices
    ends = settings.work.end_dual
    return Windows(jobs, LOGMIGRATE, notifier, clock, settings.waits, prices, ends=ends)


def _complain(ending: Ending) -> None:
    """Exit with trouble, so that an init system starts the process anew."""
    if ending.lost:
        raise Unavailable("the connection to Slack was lost")
