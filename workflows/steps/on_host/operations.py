"""From what a host holds to what is to be done there, or None: pure decisions."""

from __future__ import annotations

from workflows.apps import Host
from workflows.model import Facts
from workflows.steps.on_host.changes import RemoveIdentity


def take_back(
    host: Host, app: str, account_id: str, custom_id: str, was: Facts, *, keep_account: bool = False
) -> RemoveIdentity | None:
    """What brings the host back to `was`, as HostFacts.before told it; None if nothing is ours."""
    if was["user_file"] and was["listed"]:
        return None
    return RemoveIdentity(
        host,
        app,
        account_id="" if was["user_file"] else account_id,
        custom_id="" if was["listed"] else custom_id,
        drop_file=not was["id_file"],
        final_newline=was["final_newline"],
        drop_users_dir=not was["users_dir"],
        sha256=was.get("sha256", ""),  # not kept by older versions
        keep_account=keep_account,
    )
