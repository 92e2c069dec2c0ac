"""python -m sandbox up | demo."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import threading
from pathlib import Path

from sandbox.demo import demo
from sandbox.world import Shape, World
from sandbox.world_files import facts, write_config


def main(argv: list[str] | None = None) -> int:
    args = _parser().parse_args(argv)
    return demo() if args.verb == "demo" else up(args)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("demo", help="run the main job once and count its lines")
    up_ = verbs.add_parser("up", help="the same world, until it is told to end")
    up_.add_argument("--hosts", type=int, default=3, metavar="N")
    up_.add_argument("--speed", type=float, default=60.0, help="the service's seconds in one")
    up_.add_argument("--ready-file", type=Path, help="written once all is ready, JSON")
    up_.add_argument("--config-out", type=Path, help="a config for logmigrate serve and work")
    up_.add_argument("--request-url", help="Slack sends signed HTTP there, not Socket Mode")
    return parser


def up(args: argparse.Namespace) -> int:
    """The world until SIGTERM or Ctrl-C; 0 when it ended cleanly."""
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    with tempfile.TemporaryDirectory(prefix="logmigrate-sandbox-") as made:
        folder = Path(made)
        shape = Shape(hosts=args.hosts, speed=args.speed, request_url=args.request_url)
        with World(folder, shape) as world:
            config = (args.config_out or folder / "config.toml").resolve()
            write_config(world, config)
            shown = json.dumps(facts(world, config), indent=2)
            if args.ready_file:
                _write_whole(args.ready_file, shown)
            print(_how_to(world, config) if not args.ready_file else "ready", flush=True)
            ending.wait()
    return 0


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
