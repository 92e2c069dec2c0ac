"""What a person can ask for with /logmigrate, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Start:
    app: str
    hosts: tuple[str, ...] = ()  # to leave out, by name
    stop_first: bool = False  # the source ends before the target begins


@dataclass(frozen=True)
class Plan:
    app: str
    hosts: tuple[str, ...] = ()
    stop_first: bool = False


@dataclass(frozen=True)
class Diagnose:
    app: str
    hosts: tuple[str, ...] = ()  # to look at; all of the app's if it names none


@dataclass(frozen=True)
class History:
    app: str
    since: str  # how far back, as it was typed


@dataclass(frozen=True)
class LeaveOut:
    ref: str  # an app's name or a job's id
    hosts: tuple[str, ...]


@dataclass(frozen=True)
class Status:
    ref: str


@dataclass(frozen=True)
class Cancel:
    ref: str


@dataclass(frozen=True)
class RollBack:
    ref: str


@dataclass(frozen=True)
class List:
    pass


@dataclass(frozen=True)
class Help:
    pass


@dataclass(frozen=True)
class Unknown:
    """Not understood: why, and what may have been meant. Plain text, not escaped."""

    why: str
    meant: str = ""


OnHosts = Start | Plan | Diagnose | LeaveOut  # may name hosts
Change = OnHosts | History | Cancel | RollBack  # carried out once per gesture
Request = Change | Status | List | Help | Unknown


def as_typed(request: OnHosts) -> str:
    """The command that asks for it."""
    match request:
        case LeaveOut(ref, hosts):
            return f"/logmigrate without {ref} {','.join(hosts)}"
        case Diagnose(app, hosts):
            return f"/logmigrate diagnose {app} {','.join(hosts)}".rstrip()
        case Start(app, hosts, first) | Plan(app, hosts, first):
            verb = "start" if isinstance(request, Start) else "plan"
            without = f" --without {','.join(hosts)}" if hosts else ""
            return f"/logmigrate {verb} {app}{' --stop-first' if first else ''}{without}"
