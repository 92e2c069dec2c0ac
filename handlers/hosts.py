"""Hosts in a message: one by one while they are few, by what ails them where they are many."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from handlers.text import code, one_line, safe
from workflows.model import HostResult

SAID = 160  # characters of what a host said
TROUBLE = 400  # characters of what a failing one said: cause, evidence, what to do
HOSTS = 20  # hosts that are told one by one
NAMED = 10  # hosts that a group or a list calls by name
ALIKE = 3  # failing hosts that are told as one group, where there are more than HOSTS

ITSELF = "the host"
_WORD = re.compile(r"[\w.-]*\w")
_PLACE = re.compile(rf"{ITSELF} \([^()]*\)")  # `h2 (10.0.0.12:22)`
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")

Ailing = Sequence[HostResult]  # of one cause


def listed(names: Sequence[str]) -> str:
    """`h7`, `h9` and 3 more."""
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(map(code, names[:NAMED])) + more


def host_lines(hosts: Sequence[HostResult]) -> list[str]:
    """Failing hosts first; of more than 20 only those, grouped by cause, and how many are well."""
    bad = [host for host in hosts if not host.ok]
    if len(hosts) <= HOSTS:
        return [_host(host) for host in (*bad, *(host for host in hosts if host.ok))]
    head = f"{len(hosts) - len(bad):,} of {len(hosts):,} hosts OK, {len(bad):,} FAIL"
    groups = _groups(bad)
    lines = [line for group in groups[:HOSTS] for line in _group(group)]
    left = sum(len(group) for group in groups[HOSTS:])
    return [head, *lines, *([f"… {left:,} more hosts FAIL"] if left else [])]


def _groups(bad: Iterable[HostResult]) -> list[Ailing]:
    """Hosts with the same trouble together, the largest group first; a few are not a group."""
    alike: dict[str, list[HostResult]] = {}
    for host in bad:
        alike.setdefault(_cause(host), []).append(host)
    groups = sorted(alike.values(), key=len, reverse=True)
    alone = [[host] for group in groups if len(group) < ALIKE for host in group]
    return [*(group for group in groups if len(group) >= ALIKE), *alone]


def _group(group: Ailing) -> list[str]:
    """The cause and whom it has, and below what one of them said where that was more."""
    if len(group) == 1:
        return [_host(group[0])]
    cause, names = _cause(group[0]), listed([host.host for host in group])
    more = [f"    such as {_host(group[0])}"] if cause != _trouble(group[0]) else []
    return [f"*{len(group):,} hosts FAIL*: {safe(cause)}: {names}", *more]


def _cause(host: HostResult) -> str:
    """What stands before the first colon; the whole where that only says what was being done."""
    trouble = _trouble(host)
    cause, colon, _ = trouble.partition(": ")
    return cause if colon and ITSELF not in cause else trouble


def _trouble(host: HostResult) -> str:
    """What is wrong, without what differs from host to host: its name, its place, numbers."""
    said = one_line(host.said, SAID)
    said = _WORD.sub(lambda word: ITSELF if word[0] == host.host else word[0], said)
    return _NUMBER.sub("…", _PLACE.sub(ITSELF, said)) or "no word of why"


def _host(host: HostResult) -> str:
    said = safe(one_line(host.said, SAID if host.ok else TROUBLE))
    return f"{code(host.host)} {'OK' if host.ok else '*FAIL*'} {said}".rstrip()
