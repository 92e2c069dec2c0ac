"""A process of the tests' own that says when it is ready."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ready(module: str, *args: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m module args`, from its word "ready" on; killed at the end."""
    line = [sys.executable, "-m", module, *args]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.kill()
