"""What is done on a host, as values: each has the script to run and a parser for what it says."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass

from workflows.apps import Host
from workflows.errors import StepFailed
from workflows.steps import scripts

DELIVERED_KEY = re.compile(r"##1\.0##[A-Za-z0-9_-]+\$[A-Za-z0-9_-]+")


def _check_account(account_id: str) -> None:
    # It becomes a file name; `../x` must not leave the folder.
    if not re.fullmatch(r"[0-9]+", account_id):
        raise ValueError(
            f"naming a file of users/: {account_id!r} is no account id, only digits are"
        )


def _check_custom(custom_id: str) -> None:
    if not custom_id.isprintable() or not custom_id or re.search(r"\s", custom_id):
        raise ValueError(
            f"writing a custom id: {custom_id!r} is empty, or holds blanks or controls"
        )


@dataclass(frozen=True)
class Look:
    """Read what HostFacts tells; changes nothing."""

    host: Host
    account_id: str
    custom_id: str

    def __post_init__(self) -> None:
        _check_account(self.account_id)
        _check_custom(self.custom_id)

    @property
    def script(self) -> str:
        return scripts.script(
            "look",
            scripts.LOOK,
            conf=self.host.conf_dir,
            agent=self.host.agent_dir,
            account=self.account_id,
            id=self.custom_id,
        )


@dataclass(frozen=True)
class AddIdentity:
    """Make the account's user file and the custom id's line where they are absent.

    Says `changed` or `same` last. What was there keeps its bytes, mode and owner.
    """

    host: Host
    account_id: str
    custom_id: str

    def __post_init__(self) -> None:
        _check_account(self.account_id)
        _check_custom(self.custom_id)

    @property
    def script(self) -> str:
        return scripts.script(
            "add",
            scripts.EDIT,
            scripts.ADD,
            conf=self.host.conf_dir,
            account=self.account_id,
            id=self.custom_id,
        )


@dataclass(frozen=True)
class RemoveIdentity:
    """Take back what AddIdentity made; "" names nothing. Says `changed` or `same` last.

    Of several equal lines only the last goes, since ours was put at the end. `drop_file` and
    `drop_users_dir`: there was none before us, so it goes when empty. `final_newline`: as the file
    ended before us.
    """

    host: Host
    account_id: str = ""
    custom_id: str = ""
    drop_file: bool = False
    final_newline: bool = True
    drop_users_dir: bool = False

    def __post_init__(self) -> None:
        if self.account_id:
            _check_account(self.account_id)
        if self.custom_id:
            _check_custom(self.custom_id)

    @property
    def script(self) -> str:
        return scripts.script(
            "remove",
            scripts.EDIT,
            scripts.REMOVE,
            conf=self.host.conf_dir,
            account=self.account_id,
            id=self.custom_id,
            drop_file=self.drop_file,
            final_newline=self.final_newline,
            drop_users_dir=self.drop_users_dir,
        )


@dataclass(frozen=True)
class Delivered:
    """List the keys of the collection configs that the agent was given."""

    host: Host

    @property
    def script(self) -> str:
        places = {"agent": self.host.agent_dir, "conf": self.host.conf_dir}
        return scripts.script("delivered", scripts.DELIVERED, **places)

    @staticmethod
    def parse(said: str) -> frozenset[str]:
        """Keys such as `##1.0##<project>$<config>`. Raises StepFailed for a cut answer."""
        if not said.rstrip().endswith("end of keys"):
            raise _incomplete("the list of delivered configs")
        return frozenset(DELIVERED_KEY.findall(said))


@dataclass(frozen=True)
class HostFacts:
    """What a host holds of the identity, and how its agent introduces itself ("" if unknown)."""

    user_file: bool
    users_dir: bool
    ids: tuple[str, ...]  # as the agent reads them: a carriage return or a blank is part of one
    id_file: bool
    ends_in_newline: bool  # or is empty or absent: a line can follow as it is
    listed: bool
    ip: str
    unique_id: str
    version: str

    @classmethod
    def parse(cls, said: str) -> HostFacts:
        """Read the output of Look. Raises StepFailed for a cut answer."""
        facts = _facts(said)
        try:
            return cls._of(facts, _content(facts["ids"]), _app_info(_content(facts["app"])))
        except (KeyError, ValueError) as trouble:
            raise _incomplete("the host's identity") from trouble

    @classmethod
    def _of(cls, facts: dict[str, str], ids: bytes | None, app: dict[str, str]) -> HostFacts:
        held = ids or b""
        lines = tuple(line for line in held.split(b"\n") if line.strip())
        return cls(
            user_file=facts["user_file"] == "yes",
            users_dir=facts["users_dir"] == "yes",
            ids=tuple(line.decode(errors="backslashreplace") for line in lines),
            id_file=ids is not None,
            ends_in_newline=not held or held.endswith(b"\n"),
            listed=facts["custom_id"].encode() in lines,
            ip=app.get("ip", ""),
            unique_id=app.get("UUID", ""),
            version=app.get("loongcollector_version") or app.get("logtail_version", ""),
        )


def _facts(said: str) -> dict[str, str]:
    """The `fact` lines; a login shell may print other lines before them."""
    lines = [line.split(" ", 2) for line in said.splitlines() if line.startswith("fact ")]
    if not lines or lines[-1] != ["fact", "end"]:
        raise _incomplete("the host's identity")
    return {words[1]: words[2] for words in lines[:-1] if len(words) == 3}


def _content(fact: str) -> bytes | None:
    """The bytes of a file, None where there is none."""
    return None if fact == "-" else base64.b64decode(fact.removeprefix("="), validate=True)


def _app_info(content: bytes | None) -> dict[str, str]:
    try:
        found = json.loads(content or b"{}")
    except ValueError:  # the agent was writing it, or somebody edited it
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)}


def _incomplete(what: str) -> StepFailed:
    text = f"reading {what}: the answer is not complete"
    return StepFailed(text, "Retry; if it stays so, look at what the login shell prints.")
