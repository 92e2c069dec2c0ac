"""What changes a host's identity, as values with the script to run."""

from __future__ import annotations

import re
from dataclasses import dataclass

from workflows.apps import Host
from workflows.steps.on_host.adding import ADD
from workflows.steps.on_host.edits import EDIT
from workflows.steps.on_host.ledger import LEDGER
from workflows.steps.on_host.removing import REMOVE
from workflows.steps.on_host.scripts import LOOK, script
from workflows.steps.on_host.shell import Shell


def check_account(account_id: str) -> None:
    # It becomes a file name; `../x` must not leave the folder.
    if not re.fullmatch(r"[0-9]+", account_id):
        raise ValueError(
            f"naming a file of users/: {account_id!r} is no account id, only digits are"
        )


def check_word(what: str, word: str) -> None:
    if not word.isprintable() or not word or re.search(r"\s", word):
        raise ValueError(f"writing {what}: {word!r} is empty, or holds blanks or controls")


@dataclass(frozen=True)
class AddIdentity:
    """Make the account's user file and the custom id's line where they are absent, for an app.

    Looks first, changes what lacks under the host's lock, and reads both back; prints `changed` or
    `same`. What was there keeps its bytes, owner, mode, ACL and label; a link is followed, and
    stays one.
    """

    host: Host
    app: str
    account_id: str
    custom_id: str

    def __post_init__(self) -> None:
        check_account(self.account_id)
        check_word("a custom id", self.custom_id)
        check_word("an app's name", self.app)

    @property
    def script(self) -> str:
        return script(
            Shell("add"),
            *(EDIT, LEDGER, ADD),
            conf=self.host.conf_dir,
            app=self.app,
            account=self.account_id,
            id=self.custom_id,
        ).sent


@dataclass(frozen=True)
class RemoveIdentity:
    """Take back what was made for the app, and leave what another app uses; "" names nothing.

    Prints what Removed reads, and `changed` or `same` last. The host's ledger says what is ours;
    for a host that has none, since an older version prepared it, the rest does: `drop_file` and
    `drop_users_dir`: there was none before us, so it goes when empty; `final_newline`: as the file
    ended before us; `sha256`: its sum before us, "" if unknown. Of several equal lines only the
    last goes, since ours was put at the end. `keep_account` gives the account id up and leaves it.
    """

    host: Host
    app: str
    account_id: str = ""
    custom_id: str = ""
    drop_file: bool = False
    final_newline: bool = True
    drop_users_dir: bool = False
    sha256: str = ""
    keep_account: bool = False

    def __post_init__(self) -> None:
        check_word("an app's name", self.app)
        if self.account_id:
            check_account(self.account_id)
        if self.custom_id:
            check_word("a custom id", self.custom_id)

    @property
    def script(self) -> str:
        return script(
            Shell("remove"),
            *(LOOK, EDIT, LEDGER, REMOVE),
            conf=self.host.conf_dir,
            app=self.app,
            account=self.account_id,
            id=self.custom_id,
            drop_file=self.drop_file,
            final_newline=self.final_newline,
            drop_users_dir=self.drop_users_dir,
            sha256=self.sha256,
            keep_account=self.keep_account,
        ).sent
