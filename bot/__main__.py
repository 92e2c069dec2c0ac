"""The command line. Exit status 0, 1 for trouble at run time, 2 for wrong settings or usage."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from bot import health, listing, report
from bot.log import configure
from bot.settings import Settings, load
from bot.settings_read import listed
from bot.version import program
from workflows.errors import Blocked, JobError, SettingsError
from workflows.logmigrate import LOGMIGRATE
from workflows.operations.table import table

CONFIG = "config.toml"
OK, TROUBLE, WRONG, INTERRUPTED = 0, 1, 2, 130


class OneLine(argparse.ArgumentParser):
    """Complains about its arguments in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG, f"logmigrate: {message}; {self.prog} --help shows what there is\n")


def parser() -> OneLine:
    shared = OneLine(add_help=False)
    # Suppressed, so that a verb's own default does not overwrite what stood before the verb.
    shared.add_argument(
        "-c",
        "--config",
        type=Path,
        default=argparse.SUPPRESS,
        metavar="FILE",
        help=f"the settings; else $LOGMIGRATE_CONFIG, else ./{CONFIG}",
    )
    top = OneLine(
        prog="logmigrate", description="Moves log collection, from Slack.", parents=[shared]
    )
    top.add_argument("--version", action="version", version=program())
    verbs = top.add_subparsers(title="verbs", dest="verb", required=True, metavar="VERB")
    for name, (run, text) in VERBS.items():
        verbs.add_parser(name, parents=[shared], help=text).set_defaults(run=run)
    _add_hosts(verbs.add_parser("hosts", parents=[shared], help="their host keys"), shared)
    _add_jobs(verbs.add_parser("jobs", parents=[shared], help="what the store knows"), shared)
    reports = verbs.add_parser("report", parents=[shared], help="of a job; check one offline")
    report.add(reports, print)
    return top


def _add_hosts(hosts: OneLine, shared: OneLine) -> None:
    which = hosts.add_subparsers(dest="which", required=True, metavar="trust")
    trust = which.add_parser(
        "trust", parents=[shared], help="show the host keys of an app, write those you accept"
    )
    trust.add_argument("app", metavar="APP")
    trust.add_argument(
        "--fingerprint",
        action="append",
        default=[],
        metavar="SHA256:…",
        help="accept this key without asking; may be given more than once",
    )
    trust.set_defaults(run=hosts_trust)


def _add_jobs(jobs: OneLine, shared: OneLine) -> None:
    which = jobs.add_subparsers(dest="which", required=True, metavar="list|show|rekey")
    which.add_parser("list", parents=[shared], help="the newest first").set_defaults(run=jobs_list)
    rekey = which.add_parser(
        "rekey", parents=[shared], help="close all snapshots with the first key"
    )
    rekey.set_defaults(run=jobs_rekey)
    show = which.add_parser("show", parents=[shared], help="one job, with its events")
    show.add_argument("id", metavar="ID")
    show.set_defaults(run=jobs_show)


def main(argv: Sequence[str] | None = None) -> int:
    args = parser().parse_args(argv)
    args.config = Path(vars(args).get("config") or os.environ.get("LOGMIGRATE_CONFIG") or CONFIG)
    run: Callable[[argparse.Namespace], None] = args.run
    try:
        run(args)
    except SettingsError as error:
        return _say(WRONG, str(error))
    except JobError as error:
        return _say(TROUBLE, f"{error} {error.hint}".strip())
    except KeyboardInterrupt:  # before the processes listen to it, or while a verb prints
        return INTERRUPTED
    except BrokenPipeError:  # `logmigrate jobs list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OK


def _say(status: int, text: str) -> int:
    sys.stderr.write(" ".join(text.split()) + "\n")
    return status


def _settings(args: argparse.Namespace) -> Settings:
    settings = load(args.config, os.environ)
    configure(settings.log)
    return settings


def up(args: argparse.Namespace) -> None:
    settings = _settings(args)
    from bot import app  # noqa: PLC0415 - slow to import

    app.up(settings)


def serve(args: argparse.Namespace) -> None:
    settings = _settings(args)
    from bot import app  # noqa: PLC0415

    app.serve(settings)


def work(args: argparse.Namespace) -> None:
    settings = _settings(args)
    from bot import app  # noqa: PLC0415

    app.work(settings)


def jobs_list(args: argparse.Namespace) -> None:
    settings = _settings(args)
    from bot import app  # noqa: PLC0415

    with app.store(settings) as store:
        print(listing.jobs_table(store.jobs()))


def jobs_show(args: argparse.Namespace) -> None:
    settings = _settings(args)
    from bot import app  # noqa: PLC0415

    job_id = args.id.upper()  # as in Slack
    with app.store(settings) as store:
        print(listing.story(store.kept(job_id), store.story(job_id)))


def jobs_rekey(args: argparse.Namespace) -> None:
    settings = _settings(args)
    from bot import app  # noqa: PLC0415
    from bot.rekey import rekey  # noqa: PLC0415

    with app.store(settings) as store:
        print(f"{rekey(store)} jobs written anew; the first key closes them all")


def hosts_trust(args: argparse.Namespace) -> None:
    settings = _settings(args)
    from bot.settings_reach import targets_of  # noqa: PLC0415
    from bot.ssh_target import Patience  # noqa: PLC0415
    from bot.trust import Trust  # noqa: PLC0415

    if args.app not in settings.apps:
        raise SettingsError(f"there is no app {args.app}; there are {listed(settings.apps)}")
    ssh, terminal = settings.ssh, sys.stdin.isatty()
    trust = Trust(
        ssh.known_hosts,
        Patience(ssh.connect, ssh.banner, ssh.auth, ssh.command),
        say=print,
        ask=input if terminal else None,
        fingerprints=frozenset(args.fingerprint),
    )
    trust.settle(targets_of(settings, args.app))


def steps(_args: argparse.Namespace) -> None:
    print(listing.steps_table(LOGMIGRATE))


def operations(_args: argparse.Namespace) -> None:
    print(table())


def is_healthy(args: argparse.Namespace) -> None:
    health.check(args.config, os.environ)


def check(args: argparse.Namespace) -> None:
    settings = load(args.config, os.environ)
    print(
        f"{args.config}: in order; apps: {listed(settings.apps)}; hosts: {listed(settings.hosts)}"
    )


def doctor(args: argparse.Namespace) -> None:
    settings = _settings(args)
    from bot import app  # noqa: PLC0415
    from bot.doctor import told  # noqa: PLC0415

    findings = []
    for finding in app.examine(settings):
        print(told([finding]), flush=True)
        findings.append(finding)
    if bad := sum(1 for finding in findings if not finding.ok):
        raise Blocked(f"{bad} of {len(findings)} are not in order.")


VERBS: dict[str, tuple[Callable[[argparse.Namespace], None], str]] = {
    "up": (up, "bot and worker in one process, with the embedded Valkey if no Redis is named"),
    "serve": (serve, "the bot: answers in Slack"),
    "work": (work, "a worker: moves jobs; start as many as you like"),
    "steps": (steps, "the steps of the migration, as Markdown"),
    "operations": (operations, "what a move is made of, and what does it, as Markdown"),
    "health": (is_healthy, "exit status 0 while the process of this data folder is alive"),
    "doctor": (
        doctor,
        "look at Redis, Slack, accounts and hosts, change nothing, say what is wrong",
    ),
    "check": (check, "read the settings, contact nobody"),
}

if __name__ == "__main__":
    sys.exit(main())
