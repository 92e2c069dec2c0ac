"""The ip by which an agent is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.hosts.disk import Disk
    from sandbox.hosts.root import Machine

HOSTS = "etc/hosts"


def agent_ip(disk: Disk, machine: Machine, working_ip: str) -> str:
    """Return `working_ip`, else what /etc/hosts binds the host's name to, else the first card's.

    Sources: core/logtail.cpp (working_ip), core/common/MachineInfoUtil.cpp GetHostIp (a loopback
    address does not count); help page on heartbeat errors.
    """
    bound = bound_ip(disk.read(HOSTS) or b"", machine.name)
    return working_ip or (bound if not bound.startswith("127.") else "") or machine.ip


def bound_ip(hosts: bytes, name: str) -> str:
    """Return the address of the first line that names the host, empty where none does."""
    lines = (line.split("#", 1)[0].split() for line in hosts.decode(errors="replace").splitlines())
    return next((words[0] for words in lines if name in words[1:]), "")
