"""Environments of their own for the tools that the product does not bring."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from bench.fleet.tools import Tool

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "logmigrate-bench")
LIBRARIES = {
    "ours": ("fabric", "paramiko"),
    "paramiko": ("paramiko",),
    "fabric": ("fabric", "paramiko"),
}
VERSIONS = """
import sys
from importlib.metadata import version
print(", ".join(f"{name} {version(name)}" for name in sys.argv[1:]))
"""


class Absent(Exception):
    """The tool cannot be had here, and why."""


def installed(tool: Tool) -> Tool:
    """The tool with an environment of its own, made once, if it needs one. Raises Absent."""
    if not tool.package:
        return tool
    return replace(tool, own=str(programs_of(tool.package)))


def programs_of(package: str) -> Path:
    """Where the programs of an environment with the package are; made once. Raises Absent."""
    folder = CACHE / f"{package}-{sys.version_info.major}.{sys.version_info.minor}"
    ready = folder / ".ready"
    if not ready.exists():
        print(f"installing {package} into {folder}", flush=True)
        _run(sys.executable, "-m", "venv", "--clear", str(folder))
        _run(str(folder / "bin/python"), "-m", "pip", "install", "--quiet", package)
        ready.touch()
    return folder / "bin"


def version(tool: Tool) -> str:
    """`fabric 3.2.3, paramiko 5.1.0`, or what its program says of itself."""
    if tool.name == "ssh":
        return _run("ssh", "-V").strip()
    python = f"{tool.own}/python" if tool.own else sys.executable
    return _run(python, "-c", VERSIONS, *LIBRARIES.get(tool.name, (tool.package,))).strip()


def _run(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Absent(str(error)) from error
    if done.returncode:
        why = done.stderr.strip().splitlines() or ["no word of why"]
        raise Absent(why[-1])
    return done.stdout or done.stderr
