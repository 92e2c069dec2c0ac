"""What a machine may lack: said and skipped where a developer works, a failure where CI does."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def lacking(what: str, way_out: str) -> NoReturn:
    """Skip the test that needs `what`; fail it in CI, which has to bring it."""
    if os.environ.get("CI"):
        pytest.fail(f"CI lacks {what}: {way_out}")
    pytest.skip(f"{what} is missing: {way_out}")


def program(name: str, package: str = "") -> str:
    """The path of a program that the test cannot do without."""
    return shutil.which(name) or lacking(name, f"apt-get install {package or name}")


def root() -> None:
    """For what only root can set up."""
    if os.getuid() != 0:
        lacking("root", "run the tests as root to see this one")
