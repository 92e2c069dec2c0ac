"""What can be wrong with a host, each as it shows in reality and not only in what its tools say."""

from __future__ import annotations

from enum import StrEnum

from sandbox.hosts.ssh import Fault


class Illness(StrEnum):
    """One thing that is wrong; several may be wrong at once."""

    # On the way to the host.
    REFUSED = "its SSH port refuses"
    MUTE = "it takes a connection and never says a word"
    BLACK_HOLE = "it never answers a connection"
    HANG_UP = "it hangs up at once"
    AUTH_REFUSED = "no key is good enough"
    HOST_KEY_CHANGED = "it shows another host key"
    NO_COMMANDS = "it lets in and runs nothing"
    SHELL_BANNER = "its shell prints a banner before all else"
    SHELL_SILENT = "its shell says nothing and does nothing"
    SHELL_ENDS = "its account is no longer for logging in"
    SUDO_REFUSED = "sudo wants a password"
    # The agent.
    AGENT_ABSENT = "there is no agent"
    AGENT_STOPPED = "the agent does not run"
    AGENTS_DUPLICATED = "two agents run"
    AGENT_OLD = "the agent is 1.0.34, which knows no force_multiconfig"
    CPU_BREAKER = "the agent uses too much CPU and restarts itself"
    MEMORY_BREAKER = "the agent uses too much memory and restarts itself"
    # The identity.
    ACCOUNT_FILE_MISSING = "the account's file is missing"
    ACCOUNT_FILE_MISNAMED = "the account's file has a suffix"
    CUSTOM_ID_MISSING = "the custom id is missing"
    CUSTOM_ID_CRLF = "the custom id ends in a carriage return"
    CUSTOM_ID_BLANK = "the custom id ends in a blank"
    ENV_OVERRIDE = "the agent's environment names other ids"
    # Between host and service.
    REGION_MISMATCH = "the agent talks to another region"
    NETWORK_SILENT = "packets to the service are dropped"
    NETWORK_REFUSED = "connections to the service are refused"
    DNS = "the service's name does not resolve"
    CLOCK_SKEW = "the clock is twenty minutes ahead"
    CONFIG_WITHHELD = "no new config comes to the agent"
    # The disk.
    DISK_FULL = "the disk is full"
    DISK_READ_ONLY = "the disk is read-only"


FAULTS = {
    Illness.REFUSED: Fault.DOWN,
    Illness.MUTE: Fault.MUTE,
    Illness.BLACK_HOLE: Fault.BLACK_HOLE,
    Illness.HANG_UP: Fault.HANG_UP,
    Illness.AUTH_REFUSED: Fault.NO_AUTH,
    Illness.HOST_KEY_CHANGED: Fault.OTHER_KEY,
    Illness.NO_COMMANDS: Fault.DENIED,
}
SPOILS = frozenset(
    {
        Illness.ACCOUNT_FILE_MISSING,
        Illness.ACCOUNT_FILE_MISNAMED,
        Illness.CUSTOM_ID_MISSING,
        Illness.CUSTOM_ID_CRLF,
        Illness.CUSTOM_ID_BLANK,
    }
)
