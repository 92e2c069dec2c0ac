"""One SLS server for the tests that ask it through several clients, and those clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.sls import Delays, Key, SlsServer
from tests.contract.sls.speak_http import OverHttp
from tests.contract.sls.speak_sdk import OverSdk
from tests.contract.sls.speak_tea import OverTea
from tests.contract.sls.speakers import NAMES, PROJECT, Speaker
from tests.contract.sls.world import ACCOUNTS, ENDPOINT, SOURCE_KEY

REGION = "cn-hangzhou"
MAKERS: dict[str, Callable[..., Any]] = {
    "sdk-v1": lambda server, key: OverSdk(key, ENDPOINT),
    "sdk-v4": lambda server, key, region=REGION: OverSdk(
        key, ENDPOINT, auth_version="v4", region=region
    ),
    "tea-v1": lambda server, key: OverTea(key, server.proxy),
    "tea-v4": lambda server, key, region=REGION: OverTea(
        key, server.proxy, version="v4", region_id=region
    ),
    "http-v1": lambda server, key: OverHttp(server, key, "v1"),
    "http-v4": lambda server, key, region=REGION: OverHttp(server, key, "v4", region=region),
}
NO_DELAY = Delays(logstore_ready=0, index_effect=0, searchable=0)


@pytest.fixture(scope="session")
def spoken_to() -> Iterator[SlsServer]:
    """The server itself; `meet` empties it for each test."""
    with SlsServer(ACCOUNTS, delays=NO_DELAY) as server:
        yield server
        OverTea.close()


@pytest.fixture
def meet(spoken_to: SlsServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Make a speaker by its name: `meet("sdk-v4")`, `meet("sdk-v1", Key(...))`."""
    spoken_to.reset()
    monkeypatch.setenv("HTTP_PROXY", spoken_to.proxy)  # all that the SDK is told
    made: list[Any] = []

    def make(name: str, key: Key = SOURCE_KEY, **more: str) -> Any:
        made.append(MAKERS[name](spoken_to, key, **more))
        return made[-1]

    yield make
    for one in made:
        if isinstance(one, OverSdk):
            one.close()


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """The name of a speaker; `all_but` names those that cannot pass a test."""
    return str(request.param)


@pytest.fixture
def speaker(name: str, meet: Callable[..., Any]) -> Speaker:
    """A client of the source account, whose project `web` is there and empty."""
    made: Speaker = meet(name)
    made.create_project(PROJECT, "shop")
    return made
