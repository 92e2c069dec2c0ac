"""Temporary credentials: got from an STS that checks everything, used on the SLS, never told."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.credentials import Provider, Renewed, provider_of
from bot.secret import Secret
from bot.settings_accounts import AccountSettings
from bot.settings_credentials import AccessKey, Credentials, Federated, Instance
from bot.temporary import issuer_of, of_instance
from sandbox.sls import Key
from tests.contract.sts_kit import BY_ECS, BY_ID, BY_POD, POD, PROVIDER, ROLE, SOURCE, StsWorld
from workflows.errors import Denied, JobError, Unavailable


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[StsWorld]:
    with StsWorld(getattr(request, "param", BY_ID)) as made:
        yield made


def under(trusts: object) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("world", [trusts], indirect=True, ids=["role"])


def provider(asked: Credentials, proxy: str = "") -> Provider:
    account = AccountSettings("https://cn-hangzhou.log.aliyuncs.com", "", proxy, asked)
    return provider_of("source", account)


def trouble(call: Callable[[], object]) -> JobError:
    with pytest.raises(JobError) as caught:
        call()
    return caught.value


def pod(world: StsWorld, tmp_path: Path, *, seconds: float = 600, sub: str = POD) -> Federated:
    file = tmp_path / "token"
    file.write_text(world.pods.token(sub, world.clock.now() + seconds))
    return Federated(world.session(), PROVIDER, file)


def test_a_role_of_another_account_opens_its_project(world: StsWorld) -> None:
    sls = world.project(provider(world.assuming()))

    assert sls.project().owner == SOURCE
    assert sls.logstore("app") is None
    assert world.asked() == ["AssumeRole 200"]


def test_a_role_opens_no_more_than_its_policy_says(world: StsWorld) -> None:
    sls = world.project(provider(world.assuming()))

    said = trouble(lambda: sls.delete_logstore("app"))

    assert isinstance(said, Denied)
    assert "log:DeleteLogStore was denied" in str(said)


def test_an_external_id_is_told_to_the_role_that_wants_it(world: StsWorld) -> None:
    for wrong in ("", "shop2"):
        said = trouble(provider(world.assuming(external_id=wrong)).get_credentials)
        assert str(said) == f"source: taking on {ROLE}: NoPermission"


@under(BY_POD)
def test_a_pod_takes_a_role_on_with_its_token(world: StsWorld, tmp_path: Path) -> None:
    sls = world.project(provider(pod(world, tmp_path)))

    assert sls.project().owner == SOURCE
    assert world.asked() == ["AssumeRoleWithOIDC 200"]


@under(BY_POD)
def test_a_token_that_was_replaced_is_read_anew(world: StsWorld, tmp_path: Path) -> None:
    asked = pod(world, tmp_path)
    found = provider(asked)
    sls = world.project(found)
    sls.project()
    world.clock.forward(700)  # now the token in the file is over
    world.vault.revoke(world.vault.issued[-1])
    trouble(sls.project)
    pod(world, tmp_path)

    assert sls.project().owner == SOURCE


@under(BY_ECS)
@pytest.mark.parametrize("hardened", [False, True])
@pytest.mark.parametrize("name", ["", "logmigrate"])
def test_an_instance_opens_what_its_role_may(world: StsWorld, name: str, hardened: bool) -> None:
    world.instance(hardened=hardened)
    found = Renewed(of_instance("source", Instance(name), proxy=world.sts.url))

    assert world.project(found).project().owner == SOURCE


@under(BY_ECS)
def test_a_machine_without_that_role_says_so(world: StsWorld) -> None:
    world.instance()
    found = Renewed(of_instance("source", Instance("other"), proxy=world.sts.url))

    said = trouble(found.get_credentials)

    assert isinstance(said, Denied)
    assert str(said) == "source: asking this instance for its role other: status 404"


def test_a_credential_that_ends_in_the_middle_is_followed_by_a_fresh_one(world: StsWorld) -> None:
    sls = world.project(provider(world.assuming()))
    sls.project()
    world.vault.revoke(world.vault.issued[-1])  # earlier than it said

    said = trouble(sls.project)

    assert isinstance(said, Unavailable)
    assert sls.project().owner == SOURCE
    assert world.asked() == ["AssumeRole 200"] * 2
    assert [entry.error for entry in world.sls.journal.since(-3)] == ["", "Unauthorized", ""]


def test_a_credential_is_renewed_before_its_end(world: StsWorld) -> None:
    found = provider(world.assuming(duration=900))  # all of which is the margin
    first, second = (found.get_credentials().get_access_key_id() for _ in range(2))

    assert first != second
    assert world.vault.issued[0].key.expires > world.clock.now() + 800


def test_one_credential_serves_until_then(world: StsWorld) -> None:
    found = provider(world.assuming())
    ids = {found.get_credentials().get_access_key_id() for _ in range(20)}

    assert len(ids) == 1
    assert world.asked() == ["AssumeRole 200"]


def test_many_threads_that_ask_at_once_get_one_credential(world: StsWorld) -> None:
    found, ids = provider(world.assuming()), list[str]()
    gate = threading.Barrier(8)

    def ask() -> None:
        gate.wait()
        ids.append(found.get_credentials().get_access_key_id())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ids) == 8
    assert len(set(ids)) == 1
    assert world.asked() == ["AssumeRole 200"]


def test_a_renewal_that_fails_leaves_the_old_one_while_it_counts(world: StsWorld) -> None:
    ahead = [0.0]
    asked = issuer_of("source", world.assuming(duration=900), "")
    found = Renewed(asked, now=lambda: world.clock.now() + ahead[0])
    first = found.get_credentials()
    world.sts.trouble = (503, "ServiceUnavailable")

    assert found.get_credentials() is first
    assert found.get_credentials() is first
    assert world.asked() == ["AssumeRole 200", "AssumeRole ServiceUnavailable"]
    ahead[0] = 850
    assert isinstance(trouble(found.get_credentials), Unavailable)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (500, "InternalError", Unavailable),
        (503, "ServiceUnavailable", Unavailable),
        (400, "Throttling.User", Unavailable),
        (302, "Moved", Denied),
        (403, "NoPermission", Denied),
    ],
)
def test_what_passes_by_itself_is_told_from_what_somebody_must_change(
    world: StsWorld, status: int, code: str, kind: type[JobError]
) -> None:
    world.sts.trouble = (status, code)

    said = trouble(provider(world.assuming()).get_credentials)

    assert type(said) is kind
    assert str(said) == f"source: taking on {ROLE}: {code}"
    assert said.hint


def test_an_sts_that_is_away_is_unavailable(world: StsWorld) -> None:
    asked = world.assuming()
    world.sts.__exit__()

    said = trouble(provider(asked).get_credentials)

    assert str(said) == f"source: taking on {ROLE}: no answer"
    assert isinstance(said, Unavailable)
    world.sts.__enter__()


def test_a_wrong_key_a_missing_role_and_a_long_session_are_named(world: StsWorld) -> None:
    wrong = Key("LTAI5tCaller", "not-the-secret")
    asked = {
        "SignatureDoesNotMatch": world.assuming(wrong),
        "InvalidAccessKeyId.NotFound": world.assuming(Key("LTAI5tNobody", "x")),
        "EntityNotExist.Role": world.assuming(arn=f"acs:ram::{SOURCE}:role/other"),
        "InvalidParameter.DurationSeconds": world.assuming(duration=7200),
    }

    for code, one in asked.items():
        said = trouble(provider(one).get_credentials)
        assert str(said).endswith(f": {code}")
        assert said.hint.endswith("Then Retry.")


@under(BY_POD)
def test_a_token_that_is_over_or_somebody_else_s_is_named(world: StsWorld, tmp_path: Path) -> None:
    over = trouble(provider(pod(world, tmp_path, seconds=-1)).get_credentials)
    other = trouble(provider(pod(world, tmp_path, sub="system:other")).get_credentials)
    gone = pod(world, tmp_path)
    gone.token_file.unlink()

    assert str(over).endswith("AuthenticationFail.OIDCToken.Expired")
    assert str(other).endswith("AuthenticationFail.NoPermission")
    said = trouble(provider(gone).get_credentials)
    assert str(said).endswith(f"reading {gone.token_file}: no such file or directory")
    assert isinstance(said, Denied)


@under(BY_POD)
def test_no_secret_is_in_what_is_raised_or_logged(
    world: StsWorld,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.INFO)
    asked = pod(world, tmp_path, seconds=-1)
    token = asked.token_file.read_text()
    told = [trouble(provider(asked).get_credentials)]
    told.append(trouble(provider(world.assuming(Key("LTAI5tCaller", "not-it"))).get_credentials))
    world.sts.__exit__()
    told += [trouble(provider(one).get_credentials) for one in (asked, world.assuming())]
    world.sts.__enter__()

    text = "".join("".join(traceback.format_exception(one)) for one in told)
    text += caplog.text + "".join(capfd.readouterr())
    for secret in (token, "LTAI5tCaller", "not-it", "caller-secret", "Signature=", "OIDCToken="):
        assert secret not in text
    assert [(one.__cause__, one.__context__) for one in told] == [(None, None)] * 4


def test_the_environment_s_proxy_is_not_taken(
    world: StsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert provider(world.assuming()).get_credentials().get_access_key_id().startswith("STS.")


def test_the_proxy_of_the_settings_is_taken(world: StsWorld) -> None:
    asked = world.assuming(sts="http://sts.example")  # a name that only the proxy knows

    assert provider(asked, world.sts.url).get_credentials().get_security_token()


def test_an_account_with_an_access_key_signs_with_it() -> None:
    found = provider(AccessKey(Secret("LTAI5tKey"), Secret("hush"))).get_credentials()

    assert found.get_access_key_id() == "LTAI5tKey"
    assert found.get_security_token() == ""
    assert "hush" not in repr(found)
