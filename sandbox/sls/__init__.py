"""An SLS on loopback: projects, logstores, configs, machine groups, logs; see COVERAGE.md."""

from __future__ import annotations

from sandbox.sls.accounts import Account, Key
from sandbox.sls.faults import Fault, Kind
from sandbox.sls.ram import Policy
from sandbox.sls.roles import Role
from sandbox.sls.server import SlsServer
from sandbox.sls.settings import CrossReads, Delays, Etl, Limits, Unsettled

__all__ = [
    "Account",
    "CrossReads",
    "Delays",
    "Etl",
    "Fault",
    "Key",
    "Kind",
    "Limits",
    "Policy",
    "Role",
    "SlsServer",
    "Unsettled",
]
