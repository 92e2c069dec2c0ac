"""The tools that are compared: how each is called, and how its answer is read."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.fleet import recipes
from bench.fleet.spec import KEX, Fleet

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Call:
    """A command with the environment that it wants on top of ours."""

    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Tool:
    """`call` gets the fleet, a folder for files, and `own`, where the tool's programs are.

    `read` answers how many hosts it did and how many it changed. `package`: what is installed for
    it, "" for what is here. `rounds`: at most so many from that many hosts on; for one that takes a
    minute.
    """

    name: str
    call: Callable[[Fleet, Path, str], Call]
    read: Callable[[str], tuple[int, int]]
    package: str = ""
    rounds: dict[int, int] = field(default_factory=dict)
    own: str = ""


def ssh_options(fleet: Fleet) -> list[str]:
    """For OpenSSH: strict, without anybody's own files, and its cheap key exchange."""
    options = {
        "BatchMode": "yes",
        "IdentitiesOnly": "yes",
        "KexAlgorithms": KEX,
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": fleet.known_hosts,
        "GlobalKnownHostsFile": "/dev/null",
    }
    pairs = [("-o", f"{name}={value}") for name, value in options.items()]
    return ["-F", "none", *(word for pair in pairs for word in pair)]


def told(said: str) -> tuple[int, int]:
    """Of lines that are `changed` or `same`, or `host h1 changed`: hosts done, hosts changed."""
    words = re.findall(r"^(?:host \S+ )?(changed|same)$", said, re.MULTILINE)
    return len(words), words.count("changed")


def _client(module: str) -> Callable[[Fleet, Path, str], Call]:
    def call(fleet: Fleet, folder: Path, own: str) -> Call:
        python = f"{own}/python" if own else sys.executable
        spec = fleet.save(folder / "fleet.json")
        return Call([python, "-m", f"bench.fleet.{module}", str(spec)])

    return call


def _ssh(fleet: Fleet, folder: Path, own: str) -> Call:
    names = folder / "hosts.txt"
    names.write_text("".join(f"{name}\n" for name in fleet.hosts), "ascii")
    many = ["xargs", "-a", str(names), "-P", str(fleet.concurrency), "-I{}"]
    login = ["-p", str(fleet.port), "-i", fleet.key, "-l", fleet.user, "{}"]
    return Call([*many, "ssh", *ssh_options(fleet), *login, fleet.script("{}")])


def _ansible(fleet: Fleet, folder: Path, own: str) -> Call:
    command = [f"{own}/ansible-playbook", *recipes.ansible_files(fleet, folder)]
    settings = recipes.ansible_environment(fleet, folder, ssh_options(fleet))
    return Call(command, {**settings, "PATH": f"{own}:{os.environ['PATH']}"})


def _pyinfra(fleet: Fleet, folder: Path, own: str) -> Call:
    return Call([f"{own}/pyinfra", *recipes.pyinfra_files(fleet, folder)])


OURS = Tool("ours", _client("ours"), told)
PARAMIKO = Tool("paramiko", _client("with_paramiko"), told)
TOOLS = (
    OURS,
    PARAMIKO,
    Tool("asyncssh", _client("with_asyncssh"), told, "asyncssh"),
    Tool("ssh", _ssh, told),
    Tool("fabric", _client("with_fabric"), told),
    Tool("pyinfra", _pyinfra, recipes.pyinfra_changed, "pyinfra"),
    Tool("ansible", _ansible, recipes.ansible_changed, "ansible-core", {100: 2, 300: 1}),
)
