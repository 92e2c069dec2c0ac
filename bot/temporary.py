"""
Temporary credentials by Alibaba Cloud's own library: of a role, of a pod, of this ECS instance.

The library keeps a credential until 15 minutes before its end. What it logs and raises holds
tokens and signatures, so it is kept silent, and of what it raises only the error's code is told.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

from alibabacloud_credentials.exceptions import CredentialException
from alibabacloud_credentials.http import HttpOptions
from alibabacloud_credentials.provider import (
    EcsRamRoleCredentialsProvider,
    OIDCRoleArnCredentialsProvider,
    RamRoleArnCredentialsProvider,
    StaticAKCredentialsProvider,
)
from Tea.exceptions import RetryError

from bot.proxied import prepare, through
from bot.settings_credentials import Federated, Instance, Role, Session
from workflows.errors import Denied, JobError, SettingsError, Unavailable

METADATA = "100.100.100.200"  # of every ECS instance; the library knows no other
CONNECT, READ = 5000, 10000  # milliseconds
STATUS = re.compile(r"(?:http_code: |HttpCode=)(\d{3})")
CODE = re.compile(r'"Code"\s*:\s*"([A-Za-z][\w.]{0,80})"')
LATER = ("Throttling", "ServiceUnavailable", "InternalError")
AGAIN = "It is looked at again by itself."
WAYS_OUT = (  # the beginning of a code, and what to do
    ("NoPermission", "Allow sts:AssumeRole to who asks, and name them in the role's trust policy."),
    ("EntityNotExist", "Correct role_arn in the account's settings."),
    ("InvalidAccessKeyId", "Correct the account's access key."),
    ("SignatureDoesNotMatch", "Correct the account's access key."),
    (
        "InvalidParameter.DurationSeconds",
        "Make duration shorter, or the role's longest session longer.",
    ),
    ("InvalidTimeStamp", "Set this machine's clock."),
    ("AuthenticationFail", "Check the token in oidc_token_file and the role's trust policy."),
)

for _name in ("credentials", "alibabacloud-tea"):
    logging.getLogger(_name).disabled = True


class Library:
    """credentials.Issuer; `make` makes one of the library's providers, which starts with nothing."""

    def __init__(self, make: Callable[[], Any], doing: str, proxy: str = "") -> None:
        self._make, self._doing, self._proxy = make, doing, proxy
        self._provider = make()

    def issue(self) -> Any:
        found, trouble = self._asked()
        if trouble is not None:
            raise trouble  # outside of any except, so that nothing of the library's goes along
        return found

    def forget(self) -> None:
        self._provider = self._make()

    def _asked(self) -> tuple[Any, JobError | None]:
        try:
            with through(self._proxy):
                return self._provider.get_credentials(), None
        except CredentialException as error:
            return None, refused(str(error.message), self._doing)
        except RetryError:
            return None, Unavailable(f"{self._doing}: no answer", AGAIN)
        except OSError as error:  # the token's file
            why = (error.strerror or "").lower()
            text = f"{self._doing}: reading {error.filename}: {why}"
            return None, Denied(text, "Have the token mounted there, then Retry.")
        except (AttributeError, KeyError, TypeError, ValueError):
            return None, Unavailable(f"{self._doing}: an answer that cannot be read", AGAIN)


def refused(message: str, doing: str) -> JobError:
    """What the issuer's status and code say; nothing else of the message is told."""
    status, code = STATUS.search(message), CODE.search(message)
    said = code[1] if code else f"status {status[1]}" if status else "no credential in the answer"
    if said.startswith(LATER) or status is None or int(status[1]) >= 500 or status[1] == "429":
        return Unavailable(f"{doing}: {said}", AGAIN)
    hints = (hint for start, hint in WAYS_OUT if said.startswith(start))
    hint = next(hints, "Check the account's credentials in the settings.")
    return Denied(f"{doing}: {said}", f"{hint} Then Retry.")


def issuer_of(side: str, asked: Role | Federated | Instance, proxy: str) -> Library:
    """`proxy` is for STS; an instance asks its own metadata service, which lies behind none."""
    try:
        match asked:
            case Role(session=session):
                return Library(lambda: _role(asked), f"{side}: taking on {session.arn}", proxy)
            case Federated(session=session):
                doing = f"{side}: taking on {session.arn} by a token"
                return Library(lambda: _federated(asked), doing, proxy)
            case Instance():
                return of_instance(side, asked)
    except ValueError as error:  # the library's environment forbids it, such as a metadata service
        raise SettingsError(f"accounts.{side}.credentials: {error}") from error


def of_instance(side: str, asked: Instance, proxy: str = "") -> Library:
    doing = f"{side}: asking this instance for its role {asked.role_name}".rstrip()
    return Library(lambda: _instance(asked), doing, proxy)


def _role(asked: Role) -> Any:
    key = StaticAKCredentialsProvider(
        access_key_id=asked.key.id.plain, access_key_secret=asked.key.secret.plain
    )
    return RamRoleArnCredentialsProvider(
        credentials_provider=key, external_id=asked.external_id, **_taking_on(asked.session)
    )


def _federated(asked: Federated) -> Any:
    return OIDCRoleArnCredentialsProvider(
        oidc_provider_arn=asked.provider_arn,
        oidc_token_file_path=str(asked.token_file),
        **_taking_on(asked.session),
    )


def _taking_on(session: Session) -> dict[str, Any]:
    sts = session.sts.removeprefix("https://")
    prepare("https", sts)
    return {
        "role_arn": session.arn,
        "role_session_name": session.name,
        "duration_seconds": session.duration,
        "sts_endpoint": sts,
        "http_options": HttpOptions(connect_timeout=CONNECT, read_timeout=READ),
    }


def _instance(asked: Instance) -> Any:
    prepare("http", METADATA)
    # Without its own thread: a credential is asked for before each request anyway.
    return EcsRamRoleCredentialsProvider(
        role_name=asked.role_name, disable_imds_v1=False, async_update_enabled=False
    )
