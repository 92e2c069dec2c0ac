"""What every test starts from: an environment that says nothing about this machine."""

from __future__ import annotations

import os

import pytest
import structlog

SAYS_SOMETHING = ("SLACK_", "LOGMIGRATE_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


def pytest_configure() -> None:
    """Tracebacks as the product writes them; structlog's own take seconds on a busy machine."""
    plain = structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


def pytest_xdist_auto_num_workers() -> int:
    """Most tests wait for a process of theirs, so a core carries more than one."""
    return 2 * (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True)
def _scrubbed_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().startswith(SAYS_SOMETHING):
            monkeypatch.delenv(name)
