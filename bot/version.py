"""Which program this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def program() -> str:
    """Its name and version."""
    try:
        return f"logmigrate {version('logmigrate')}"
    except PackageNotFoundError:
        return "logmigrate, run from its sources without being installed"
