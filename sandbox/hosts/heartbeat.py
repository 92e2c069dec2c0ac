"""What a machine says of itself to the service of one region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.sls.door import Beat

if TYPE_CHECKING:
    from sandbox.hosts.identity import Identity
    from sandbox.hosts.root import Machine


def heartbeat(machine: Machine, ip: str, identity: Identity, region: str, now: float) -> Beat:
    """Return the heartbeat; each project compares account, region, and id or ip for itself.

    Source: help page on heartbeat errors. A clock that is right is not mentioned.
    """
    return Beat(
        ip=ip,
        unique_id=machine.unique_id,
        ids=identity.ids,
        accounts=identity.accounts,
        version=machine.version,
        os=machine.os,
        region=region,
        host_id=machine.host_id,
        at=now + machine.skew if machine.skew else None,
    )
