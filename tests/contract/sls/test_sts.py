"""The SLS server: keys from STS with their tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.sls import Key
from tests.contract.sls.signed import REGION, ask
from tests.contract.sls.world import SOURCE, SOURCE_KEY, World, refusal, regex_config

BOTH = pytest.mark.parametrize("version", ["v1", "v4"])


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


def sts_key(world: World, *, seconds: float = 900, token: str = "a-token") -> Key:
    """A key of the source account that counts for so many seconds more."""
    key = Key("STS.key", "sts-secret", token=token, expires=world.clock.now() + seconds)
    world.server.state.keys[key.id] = (SOURCE, key)
    return key


def with_token(world: World, key: Key, token: str | None, version: str) -> Any:
    signing = {"auth_version": version, "region": REGION}
    if token is not None:
        signing["securityToken"] = token
    return world.client(key, **signing)


@BOTH
def test_a_key_from_sts_works_with_its_token(world: World, version: str) -> None:
    key = sts_key(world)
    client = with_token(world, key, key.token, version)
    client.create_logtail_config("web", regex_config(logstore=""))

    assert client.list_logtail_config("web").get_configs() == ["nginx"]


@BOTH
@pytest.mark.parametrize("token", [None, "another-token"])
def test_a_missing_or_wrong_token_is_unauthorized(
    world: World, version: str, token: str | None
) -> None:
    client = with_token(world, sts_key(world), token, version)

    text = "The security token you provided is invalid."
    assert refusal(lambda: client.get_project("web")) == (401, "Unauthorized", text)


@BOTH
def test_an_expired_token_is_unauthorized_and_told_apart(world: World, version: str) -> None:
    key = sts_key(world, seconds=60)
    client = with_token(world, key, key.token, version)
    client.get_project("web")
    world.clock.forward(61)

    text = "The security token you provided has expired."
    assert refusal(lambda: client.get_project("web")) == (401, "Unauthorized", text)


@BOTH
def test_a_plain_key_takes_no_token(world: World, version: str) -> None:
    client = with_token(world, SOURCE_KEY, "a-token", version)

    text = "The security token you provided is invalid."
    assert refusal(lambda: client.get_project("web")) == (401, "Unauthorized", text)


def test_the_right_token_does_not_save_a_signature_that_left_it_out(world: World) -> None:
    key = sts_key(world)
    bare = Key(key.id, key.secret)
    change: dict[str, str | None] = {"x-acs-security-token": key.token}

    assert ask(world, key=key)[0] == 200
    assert ask(world, key=bare, change=change)[:2] == (401, "SignatureNotMatch")
    assert world.send("GET", "/configs", headers=change, key=bare)[0] == 401


@BOTH
def test_the_official_client_s_refresher_replaces_an_expired_token(
    world: World, version: str
) -> None:
    key = sts_key(world, seconds=-1)
    fresh = Key("STS.fresh", "fresh-secret", token="fresh-token", expires=world.clock.now() + 900)
    world.server.state.keys[fresh.id] = (SOURCE, fresh)
    client = with_token(world, key, None, version)
    client.set_credentials_auto_refresher(lambda: (fresh.id, fresh.secret, fresh.token))

    assert client.get_project("web").get_owner() == SOURCE.id
    assert [entry.error for entry in world.server.journal.since(-2)] == ["Unauthorized", ""]


def test_an_expiry_without_a_token_is_an_error_of_whoever_sets_the_server_up() -> None:
    with pytest.raises(ValueError, match="has no token"):
        Key("a", "b", expires=1.0)
