"""`logmigrate report`: its arguments, and which of its two works is asked for."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

from workflows.errors import SettingsError

Say = Callable[[str], None]
LANGUAGES = ("en", "zh")
VERIFY = "verify"  # in a job's place: the file behind it is checked; no job's id has six letters
USAGE = f"""logmigrate report JOB [--html FILE] [--json FILE] [--language {{{",".join(LANGUAGES)}}}]
       logmigrate report {VERIFY} FILE"""


def add(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of the verb; what it answers is given to `say`."""
    parser.usage = USAGE
    parser.add_argument("job", metavar="JOB", help=f"its id; or {VERIFY}, with the file to check")
    parser.add_argument("file", metavar="FILE", nargs="?", type=Path, help="a report, JSON or HTML")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write it to be read")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write it for programs")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the HTML")
    parser.set_defaults(run=partial(run, say))


def run(say: Say, args: argparse.Namespace) -> None:
    if (args.job == VERIFY) != bool(args.file):
        text = f"report wants a job, or {VERIFY} and the file to check"
        raise SettingsError(f"{text}; logmigrate report --help shows both")
    from bot import report_files  # noqa: PLC0415 - slow to import

    if args.file:
        report_files.verify(args.file, say)
    else:
        report_files.make(args, say)
