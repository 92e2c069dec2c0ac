"""The ways in which unmodified clients reach the SLS server: as their proxy, and by address."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from sandbox.sls import SlsServer
from tests.contract.sls.samples import INDEX, sample
from tests.contract.sls.speak_http import OverHttp
from tests.contract.sls.speak_sdk import OverSdk
from tests.contract.sls.speak_tea import OverTea
from tests.contract.sls.speakers import NAMES, Noun, Speaker
from tests.contract.sls.world import ENDPOINT, SOURCE, SOURCE_KEY

V4 = {"auth_version": "v4", "region": "cn-hangzhou"}


@pytest.fixture
def server(spoken_to: SlsServer) -> SlsServer:
    spoken_to.reset()
    return spoken_to


def work(speaker: Any, server: SlsServer) -> None:
    """A little of everything: GET, POST, PUT and DELETE, with and without a body or a query."""
    speaker.create_project("web", "shop")
    speaker.create(Noun.LOGSTORE, sample(Noun.LOGSTORE, "app"))
    speaker.create_index("app", INDEX)
    speaker.create(Noun.CONFIG, sample(Noun.CONFIG, "nginx"))
    speaker.create(Noun.GROUP, sample(Noun.GROUP, "hosts"))
    speaker.apply("nginx", "hosts")
    speaker.delete(Noun.GROUP, "hosts")

    assert speaker.project("web")["owner"] == SOURCE.id
    assert speaker.projects().names == ("web",)
    assert speaker.page(Noun.CONFIG, part="ngi").names == ("nginx",)
    assert {entry.error for entry in server.journal.since(0)} == {""}


@pytest.mark.parametrize("name", NAMES)
def test_every_client_works_through_the_proxy(
    name: str, meet: Callable[..., Any], spoken_to: SlsServer
) -> None:
    work(meet(name), spoken_to)


@pytest.mark.parametrize("version", ["", "v4"])
def test_the_tea_client_reads_its_proxy_from_the_environment_too(
    server: SlsServer, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.proxy)

    work(OverTea(SOURCE_KEY, version=version), server)


@pytest.mark.parametrize("signing", [{}, V4], ids=["v1", "v4"])
def test_the_sdk_works_by_address(server: SlsServer, signing: dict[str, str]) -> None:
    here = f"127.0.0.1:{server.port}"

    with closing(OverSdk(SOURCE_KEY, here, address=True, **signing)) as speaker:
        work(speaker, server)


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_plain_http_works_by_address(server: SlsServer, version: str) -> None:
    work(OverHttp(server, SOURCE_KEY, version, address=True), server)


def test_by_address_the_tea_client_can_ask_for_the_account_alone(
    server: SlsServer, meet: Callable[..., Any]
) -> None:
    # A project becomes part of the name that it dials, and no name server knows that one.
    meet("http-v1").create_project("web", "")
    here = f"127.0.0.1:{server.port}"
    speaker: Speaker = OverTea(SOURCE_KEY, endpoint=here, version="v4", region_id="cn-hangzhou")

    assert ENDPOINT not in here
    assert speaker.projects().names == ("web",)
