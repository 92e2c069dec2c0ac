"""A host in a folder, for the tests of the scripts that run on hosts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.shell_kit import make_host
from workflows.apps import Host


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return make_host(tmp_path)


@pytest.fixture
def id_file(host: Host) -> Path:
    return Path(host.conf_dir, "user_defined_id")
