"""What opens an account: the settings that say so, and who is asked when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.credentials import Renewed
from bot.log import SECRET_VALUE
from bot.secret import Secret, Secrets
from bot.settings_accounts import AccountSettings, read_account
from bot.settings_credentials import AccessKey, Federated, Instance, Role, Session
from bot.settings_read import Table
from bot.temporary import refused
from workflows.errors import Denied, JobError, SettingsError, Unavailable

KEYS = {
    "LOGMIGRATE_SOURCE_ACCESS_KEY_ID": "LTAI5tSource",
    "LOGMIGRATE_SOURCE_ACCESS_KEY_SECRET": "hush",
}
ARN = "acs:ram::1765432109876397:role/logmigrate"
OIDC = "acs:ram::1765432109876397:oidc-provider/cluster"


def account(folder: Path, environ: Mapping[str, str] = KEYS, **said: Any) -> AccountSettings:
    values = {"source": {"endpoint": "cn-hangzhou.log.aliyuncs.com"} | said}
    return read_account(
        Table(values, "accounts", folder, "source", "target"), "source", Secrets(environ)
    )


def refusal(folder: Path, environ: Mapping[str, str] = KEYS, **said: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        account(folder, environ, **said)
    return str(caught.value)


def test_an_account_is_opened_by_its_access_key_unless_it_says_otherwise(tmp_path: Path) -> None:
    found = account(tmp_path).credentials

    assert found == AccessKey(Secret("LTAI5tSource"), Secret("hush"))
    assert account(tmp_path, credentials="key").credentials == found


def test_a_role_is_taken_on_with_the_access_key(tmp_path: Path) -> None:
    key = AccessKey(Secret("LTAI5tSource"), Secret("hush"))
    said: dict[str, Any] = {"credentials": "role", "role_arn": ARN}
    usual = account(tmp_path, **said).credentials
    more: dict[str, Any] = {
        "external_id": "shop:1",
        "duration": 7200,
        "role_session_name": "ops@shop",
    }
    full = account(tmp_path, **said, **more, sts_endpoint="sts-vpc.cn-hangzhou.aliyuncs.com")

    assert usual == Role(Session(ARN, "logmigrate", 3600, "sts.aliyuncs.com"), key)
    session = Session(ARN, "ops@shop", 7200, "sts-vpc.cn-hangzhou.aliyuncs.com")
    assert full.credentials == Role(session, key, "shop:1")


def test_an_instance_and_a_pod_need_no_access_key(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a.b.c")
    pod: dict[str, Any] = {"role_arn": ARN, "oidc_provider_arn": OIDC, "oidc_token_file": "token"}

    assert account(tmp_path, {}, credentials="ecs").credentials == Instance("")
    named = account(tmp_path, {}, credentials="ecs", role_name="logmigrate")
    assert named.credentials == Instance("logmigrate")
    session = Session(ARN, "logmigrate", 3600, "sts.aliyuncs.com")
    federated = account(tmp_path, {}, credentials="oidc", **pod).credentials
    assert federated == Federated(session, OIDC, tmp_path / "token")


WRONG: dict[str, dict[str, Any]] = {
    "credentials: is 'sts'; it must be key or role or oidc or ecs": {"credentials": "sts"},
    'role_arn: belongs to credentials = "role", "oidc", and this account has "key"': {
        "role_arn": ARN
    },
    'access_key_id_file: belongs to credentials = "key", "role", and this account has "ecs"': {
        "credentials": "ecs",
        "access_key_id_file": "id",
    },
    "role_arn: missing": {"credentials": "role"},
    "role_arn: is 'logmigrate'; it must look like acs:ram::": {
        "credentials": "role",
        "role_arn": "logmigrate",
    },
    "duration: is 900; it must be from 1800 to 43200": {
        "credentials": "role",
        "role_arn": ARN,
        "duration": 900,
    },
    "role_session_name: is 'a b'; it must be 2 to 64": {
        "credentials": "role",
        "role_arn": ARN,
        "role_session_name": "a b",
    },
    "sts_endpoint: is 'sts/x'; it must be a host name": {
        "credentials": "role",
        "role_arn": ARN,
        "sts_endpoint": "sts/x",
    },
    "external_id: is 'a'; it must be 2 to 1224": {
        "credentials": "role",
        "role_arn": ARN,
        "external_id": "a",
    },
    "oidc_provider_arn: missing": {"credentials": "oidc", "role_arn": ARN},
    "oidc_token_file: ": {
        "credentials": "oidc",
        "role_arn": ARN,
        "oidc_provider_arn": OIDC,
        "oidc_token_file": "none",
    },
    "role_name: is 'a b'; it must be the name": {"credentials": "ecs", "role_name": "a b"},
}


@pytest.mark.parametrize("said", WRONG)
def test_what_is_wrong_is_said_with_its_key(tmp_path: Path, said: str) -> None:
    assert refusal(tmp_path, **WRONG[said]).startswith(f"accounts.source.{said}")


@pytest.mark.parametrize("way", ["key", "role"])
def test_an_access_key_that_is_missing_names_its_variable(tmp_path: Path, way: str) -> None:
    more: dict[str, Any] = {"role_arn": ARN} if way == "role" else {}
    said = refusal(tmp_path, {}, credentials=way, **more)

    assert said.startswith(
        "accounts.source.access_key_id: missing; set LOGMIGRATE_SOURCE_ACCESS_KEY_ID"
    )


def test_no_secret_is_printed_with_the_account(tmp_path: Path) -> None:
    said = repr(account(tmp_path, credentials="role", role_arn=ARN))

    assert "hush" not in said
    assert "LTAI5tSource" not in said


@dataclass
class Credential:
    ends: float
    token: str = "token"

    def get_expiration(self) -> float:
        return self.ends

    def get_security_token(self) -> str:
        return self.token


@dataclass
class Issuing:
    """credentials.Issuer: hands out what it is given, or raises it."""

    next: Any
    asked: int = 0
    forgotten: int = 0

    def issue(self) -> Any:
        self.asked += 1
        if isinstance(self.next, JobError):
            raise self.next
        return self.next

    def forget(self) -> None:
        self.forgotten += 1


@dataclass
class World:
    """A provider at a time that tests set."""

    at: float = 1000.0
    issuer: Issuing = field(default_factory=lambda: Issuing(Credential(4600)))

    def __post_init__(self) -> None:
        self.provider = Renewed(self.issuer, lambda: self.at)

    def raises(self) -> JobError:
        with pytest.raises(JobError) as caught:
            self.provider.get_credentials()
        return caught.value


def test_a_credential_that_cannot_be_renewed_serves_until_a_minute_before_its_end() -> None:
    world = World()
    first = world.provider.get_credentials()
    world.issuer.next = Unavailable("no answer")
    world.at = 4530

    assert world.provider.get_credentials() is first
    world.at = 4541
    assert str(world.raises()) == "no answer"


def test_a_renewal_that_failed_is_not_tried_again_at_once() -> None:
    world = World()
    world.provider.get_credentials()
    world.issuer.next = Denied("NoPermission")
    for world.at in (3700, 3701, 3729):
        world.provider.get_credentials()
    pausing = world.issuer.asked
    world.at = 3731
    world.provider.get_credentials()

    assert (pausing, world.issuer.asked) == (2, 3)


def test_a_first_credential_that_cannot_be_had_is_the_trouble_itself() -> None:
    world = World(issuer=Issuing(Denied("no token")))

    assert isinstance(world.raises(), Denied)


def test_a_credential_that_has_ended_when_it_comes_is_not_used() -> None:
    world = World(issuer=Issuing(Credential(999)))

    assert "has ended" in str(world.raises())


def answer(status: int, content: bytes, token: str = "token") -> Any:
    request = SimpleNamespace(headers={"x-acs-security-token": token})
    return SimpleNamespace(status_code=status, content=content, request=request)


EXPIRED = (
    b'{"errorCode":"Unauthorized","errorMessage":"The security token you provided has expired."}'
)


@pytest.mark.parametrize(
    ("heard", "forgotten"),
    [
        (answer(401, EXPIRED), 1),
        (answer(401, b'{"errorCode":"SecurityToken.Expired"}'), 1),
        (answer(401, EXPIRED, "an older one"), 0),
        (answer(401, b'{"errorCode":"Unauthorized","errorMessage":"denied by sts or ram"}'), 0),
        (answer(400, EXPIRED), 1),
        (answer(403, EXPIRED), 1),
        (answer(404, EXPIRED), 0),
        (answer(200, EXPIRED), 0),
    ],
)
def test_a_refused_token_is_let_go_if_it_is_the_one_in_use(heard: Any, forgotten: int) -> None:
    world = World()
    world.provider.get_credentials()

    world.provider.heard(heard)

    assert world.issuer.forgotten == forgotten


SAID = {
    'error refreshing credentials from ram_role_arn, http_code: 403, result: {"Code":"NoPermission"}': Denied,
    'x, http_code: 400, result: {"Code" : "Throttling.User","Message":"secret"}': Unavailable,
    'x, http_code: 503, result: {"Code":"Odd"}': Unavailable,
    "x, http_code: 429, result: too many": Unavailable,
    "x, http_code: 404, result: <html>secret</html>": Denied,
    "error retrieving credentials from ram_role_arn result: secret": Unavailable,
    "Failed to get RAM session credentials from ECS metadata service. HttpCode=404": Denied,
}


@pytest.mark.parametrize("said", SAID)
def test_of_the_library_s_words_only_status_and_code_are_told(said: str) -> None:
    trouble = refused(said, "source: taking on r")

    assert type(trouble) is SAID[said]
    assert trouble.hint
    assert "secret" not in f"{trouble} {trouble.hint}"


@pytest.mark.parametrize(
    "line",
    [
        "GET /?Action=AssumeRoleWithOIDC&OIDCToken={} HTTP/1.1",
        "GET /?SecurityToken={}&x=y",
        "GET /?Signature={}",
        "key STS.{} was refused",
    ],
)
def test_the_log_hides_what_the_way_to_a_credential_holds(line: str) -> None:
    hidden = SECRET_VALUE.sub("***", line.format("abcdEFGH1234"))

    assert "abcdEFGH1234" not in hidden
