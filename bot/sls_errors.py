"""What Log Service answers when it refuses, as the error that says who is expected to act."""

from __future__ import annotations

import re

from aliyun.log import LogException

from bot.log import HIDDEN, SECRET_VALUE
from workflows.errors import Denied, JobError, NotYet, StepFailed, Unavailable
from workflows.model import quoted

# Older servers spell some codes otherwise; both are taken.
MISSING = frozenset(
    {
        "LogStoreNotExist",
        "LogstoreNotExist",
        "IndexConfigNotExist",
        "ConfigNotExist",
        "MachineGroupNotExist",
        "GroupNotExist",
        "DashboardNotExist",
        "SavedSearchNotExist",
    }
)
THERE = frozenset(
    {
        "LogStoreAlreadyExist",
        "LogstoreAlreadyExist",
        "IndexAlreadyExist",
        "ConfigAlreadyExist",
        "MachineGroupAlreadyExist",
        "GroupAlreadyExist",
    }
)
TOO_MANY = 429  # undocumented; gateways before a service answer it
BUSY = re.compile(r"(Quota|Limit)Exceed(ed)?$")
DENIAL = re.compile(r"denied by sts or ram, action: (?P<action>[\w:]+), resource: (?P<on>\S+)")
ENDED = re.compile(r"security.?token.*(expired|invalid)", re.IGNORECASE)  # bot.credentials renews
OF_TOKENS = frozenset({400, 401, 403})  # no page says which of them: the SDK goes by the code alone
UNREADABLE = "an answer that cannot be read"
PASSING = frozenset({"LogRequestError", "BadResponse"})  # the SDK's own codes
SIGNS = (  # what it writes into them, and what is said of it
    ("Bad json", UNREADABLE),
    ("Request is failed", UNREADABLE),
    ("failed to parse data", UNREADABLE),
    ("refused", "connection refused"),
    ("timed out", "no answer in time"),
)
AGAIN = "It is looked at again by itself."


def translated(error: LogException, doing: str, side: str) -> JobError:
    """What the service answered, as the error that says who is expected to act.

    `side`: whose settings under `accounts` opened it.
    """
    code, text, status = error.get_error_code(), error.get_error_message(), error.resp_status
    busy = status == TOO_MANY or (status == 403 and BUSY.search(code))
    if status >= 500 or code in PASSING or busy:
        return Unavailable(f"{doing}: {_brief(code, text)}", AGAIN)
    if status in OF_TOKENS and ENDED.search(f"{code} {text}"):
        return Unavailable(f"{doing}: the temporary credential has ended", AGAIN)
    if status in {401, 403}:
        return _denied(code, text, doing, side)
    if code in MISSING:  # what was just created is not known everywhere at once
        return NotYet(f"{doing}: {_brief(code, text)}")
    return StepFailed(f"{doing}: {_brief(code, text)} (request {error.get_request_id() or '-'})")


def _denied(code: str, text: str, doing: str, side: str) -> Denied:
    if found := DENIAL.search(text):
        hint = f"Allow {found['action']} on {found['on']}, then Retry."
        return Denied(f"{doing}: {found['action']} was denied", hint)
    hint = (
        f"Check that accounts.{side}.access_key_id, or what else opens it, is an access key of the "
        "account that holds the project, and its policy."
    )
    return Denied(f"{doing}: {_brief(code, text)}", hint)


def _brief(code: str, text: str) -> str:
    """Connection errors carry an address and object names of no use in a channel."""
    if code not in PASSING:
        return SECRET_VALUE.sub(HIDDEN, quoted(f"{code}: {text}"))[:400]  # some name the key
    for sign, said in SIGNS:
        if sign in text:
            return said
    return "no connection"
