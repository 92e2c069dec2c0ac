"""What the tests of deaths share: a server, a quiet log, and the sum of what they counted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from tests.contract.redis_servers import running
from tests.crash.on_redis import Redis, ready

Count = Callable[[int, int], None]


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Count:
    """Say how many points were tried and how many ended differently; `make crash` sums both."""

    def counted(points: int, different: int) -> None:
        record_property("points", points)
        record_property("differences", different)

    return counted


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """One server for all worlds of a module, as the embedded Valkey runs it."""
    with running("valkey", tmp_path_factory.mktemp("valkey")) as server, ready(server) as served:
        yield served


@pytest.fixture
def _quiet() -> Iterator[None]:
    """Thousands of runs would each tell their whole story."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.configure(**before)
