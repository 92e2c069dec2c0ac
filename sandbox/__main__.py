"""python -m sandbox up | demo | simulate."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.demo import demo
from sandbox.ending import Ending
from sandbox.simulate.many import simulate
from sandbox.simulate.routes import ROUTES
from sandbox.world import Shape, World
from sandbox.world_files import facts, write_config
from workflows.errors import StoreAway

MOST_HOSTS = 1000
MOST_CUT_OVERS = 1_000_000


def main(argv: list[str] | None = None) -> int:
    args = _parser().parse_args(argv)
    if args.verb == "simulate":
        numbers = [args.only] if args.only else range(1, args.cutovers + 1)
        return _told(lambda: simulate(numbers, args.seed, args.route, args.processes))
    ending = Ending()
    return demo(ending) if args.verb == "demo" else up(args, ending)


def _told(tell: Callable[[], int]) -> int:
    """Its status; 1 where the reader, such as head, has seen enough before the end."""
    try:
        return tell()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("demo", help="run the main job once and count its lines")
    up_ = verbs.add_parser("up", help="the same world, until it is told to end")
    up_.add_argument("--hosts", type=_hosts, default=3, metavar="N")
    up_.add_argument("--speed", type=_speed, default=60.0, help="the service's seconds in one")
    up_.add_argument("--ready-file", type=_file, help="there while all is ready, JSON")
    up_.add_argument("--config-out", type=_file, help="a config for logmigrate serve and work")
    up_.add_argument("--jump", action="store_true", help="hosts lie behind a jump host")
    up_.add_argument("--request-url", type=_url, help="Slack sends signed HTTP there, no sockets")
    _add_simulate(verbs.add_parser("simulate", help="many cut-overs on a virtual clock, counted"))
    return parser


def _add_simulate(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    most = _whole(1, MOST_CUT_OVERS)
    which.add_argument("--cutovers", type=most, default=100, metavar="N", help="how many: 100")
    which.add_argument("--only", type=most, metavar="n", help="play only the n-th of the seed")
    parser.add_argument("--seed", type=_whole(0, 2**63), default=1, metavar="S", help="1")
    route = "dual, the product's order (default), or stop-first, the help article's"
    parser.add_argument("--route", choices=ROUTES, default="dual", help=route)
    cores = os.cpu_count() or 1
    parser.add_argument("--processes", type=_whole(1, 256), default=cores, metavar="P")


def _whole(least: int, most: int) -> Callable[[str], int]:
    def whole(text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or not least <= int(text) <= most:
            what = f"give a whole number from {least} to {most}, not {text}"
            raise argparse.ArgumentTypeError(what)
        return int(text)

    return whole


def _hosts(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_HOSTS:
        raise argparse.ArgumentTypeError(f"give a whole number from 1 to {MOST_HOSTS}, not {text}")
    return int(text)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < math.inf:
        raise argparse.ArgumentTypeError(f"give a number above 0, such as 60, not {text}")
    return speed


def _file(text: str) -> Path:
    path = Path(text).absolute()
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{path} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {path.parent}; make it first")
    return path


def _url(text: str) -> str:
    url = urlsplit(text)
    try:
        usable = url.scheme == "http" and url.hostname and url.port
    except ValueError:  # a port that is no number
        usable = False
    if not usable:
        what = f"give an address such as http://127.0.0.1:3000/slack/events, not {text}"
        raise argparse.ArgumentTypeError(what)
    return text


def up(args: argparse.Namespace, ending: Ending) -> int:
    """The world until SIGTERM or Ctrl-C; 0 when it ended cleanly, 1 when it did not come up."""
    shape = Shape(hosts=args.hosts, speed=args.speed, request_url=args.request_url, jump=args.jump)
    _remove(args.ready_file)  # left by a world that was killed
    try:
        with tempfile.TemporaryDirectory(prefix="logmigrate-sandbox-") as made:
            _stay_up(World(Path(made), shape), args, ending)
    except (OSError, StoreAway) as why:
        print(f"sandbox: bringing up {args.hosts} hosts: {why}", file=sys.stderr)
        return 1
    finally:
        _remove(args.ready_file)
    return 0


def _stay_up(world: World, args: argparse.Namespace, ending: Ending) -> None:
    with world:
        if ending.asked:
            return
        config = args.config_out or world.folder / "config.toml"
        write_config(world, config)
        if args.ready_file:
            _write_whole(args.ready_file, json.dumps(facts(world, config), indent=2))
        print("ready" if args.ready_file else _how_to(world, config), flush=True)
        ending.wait()


def _remove(path: Path | None) -> None:
    if path:
        path.unlink(missing_ok=True)


def _write_whole(path: Path, text: str) -> None:
    """Whoever waits for the file sees all of it or none."""
    new = path.with_name(path.name + ".new")
    new.write_text(text + "\n", encoding="utf-8")
    new.replace(path)


def _how_to(world: World, config: Path) -> str:
    return f"""The world is up; Ctrl-C ends it. In two other terminals:

    logmigrate --config {config} serve
    logmigrate --config {config} work

Then type and read as the people in the channel:

    curl -s {world.slack.control_url}/command -d '{{"user": "alice", "text": "/logmigrate start app-b"}}'
    curl -s {world.slack.control_url}/messages
"""


if __name__ == "__main__":
    sys.exit(main())
