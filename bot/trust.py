"""`logmigrate hosts trust APP`: shows the keys of its hosts; a person says which to believe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.known_hosts import HostKeyRefused, KnownHosts, lines_for, read_known_hosts
from bot.known_hosts_file import add_keys
from bot.ssh_scan import Shown, scan
from bot.ssh_target import Patience, SshTarget, reason_of
from workflows.errors import Blocked

Ask = Callable[[str], str]  # puts a question to a person, answers what was typed
Say = Callable[[str], None]


class Standing(StrEnum):
    KNOWN = "known"
    NEW = "new"
    CHANGED = "CHANGED"
    REVOKED = "REVOKED"
    SILENT = "not seen"


@dataclass(frozen=True)
class Trust:
    """What the hosts show against what is written down, and a person's word on the rest.

    `ask` is None where there is no terminal: then only `fingerprints` count as accepted.
    """

    known_hosts: Path
    patience: Patience
    say: Say
    ask: Ask | None = None
    fingerprints: frozenset[str] = frozenset()

    def settle(self, targets: Mapping[str, SshTarget]) -> None:
        """Show all keys, write the accepted ones. Raises Blocked while any host stays unknown."""
        left: list[str] = []
        seen: set[str] = set()
        for round_ in by_distance(targets.values()):  # a jump host first, for what lies behind it
            known = self._known()
            shown = sorted(scan(round_, known, self.patience), key=lambda one: one.target.name)
            seen |= {one.key.fingerprint for one in shown if one.key}
            new = [one for one in shown if self._show(one, known) is Standing.NEW]
            accepted = self._accepted(new)
            self._write(accepted)
            believed = {one.target for one in accepted}
            left += [
                one.target.name
                for one in shown
                if standing(one, known) is not Standing.KNOWN and one.target not in believed
            ]
        self._complain(left, seen)

    def _known(self) -> KnownHosts:
        try:
            return read_known_hosts(self.known_hosts)
        except FileNotFoundError:
            return KnownHosts(self.known_hosts)
        except OSError as error:
            raise Blocked(f"reading {self.known_hosts}: {reason_of(error)}") from error

    def _show(self, one: Shown, known: KnownHosts) -> Standing:
        is_ = standing(one, known)
        key = f"  {one.key.kind} {one.key.fingerprint}" if one.key else f"  {one.trouble}"
        self.say(f"{is_:8}  {one.target.place}{key}")
        if is_ is Standing.CHANGED:
            self.say(f"          {self._way_out(one)}")
        return is_

    def _way_out(self, one: Shown) -> str:
        numbers = lines_for(self.known_hosts.read_text(errors="replace"), one.name)
        lines = ", ".join(map(str, numbers))
        return (
            f"{self.known_hosts} has another key for {one.name}: find out who changed it, then "
            f"remove line {lines} and run this again"
        )

    def _accepted(self, new: list[Shown]) -> list[Shown]:
        named = [one for one in new if one.key and one.key.fingerprint in self.fingerprints]
        if self.fingerprints or not new or self.ask is None:
            return named
        answer = self.ask(
            f"Compare them with `ssh-keygen -lf /etc/ssh/ssh_host_…_key.pub` on each host. "
            f"Type yes to write {counted(len(new))} to {self.known_hosts}: "
        )
        return new if answer.strip() == "yes" else []

    def _write(self, accepted: list[Shown]) -> None:
        keys = {one.name: one.key for one in accepted if one.key}
        if not keys:
            return
        try:
            added = add_keys(self.known_hosts, keys)
        except OSError as error:
            raise Blocked(f"writing {self.known_hosts}: {reason_of(error)}") from error
        self.say(f"written to {self.known_hosts}: {', '.join(added) or 'nothing'}")

    def _complain(self, left: list[str], seen: set[str]) -> None:
        if unseen := sorted(self.fingerprints - seen):
            raise Blocked(f"no host showed {', '.join(unseen)}.", "Check what was typed.")
        if left:
            raise Blocked(
                f"not to be reached safely yet: {', '.join(left)}.",
                "Run this on a terminal to accept new keys, or name them: --fingerprint SHA256:…",
            )


def standing(one: Shown, known: KnownHosts) -> Standing:
    """How the key that a host showed stands to those written down."""
    if one.key is None:
        return Standing.SILENT
    try:
        known.check(one.name, one.key)
    except HostKeyRefused:
        if known.is_revoked(one.name, one.key):
            return Standing.REVOKED
        return Standing.CHANGED if known.keys(one.name) else Standing.NEW
    return Standing.KNOWN


def by_distance(targets: Iterable[SshTarget]) -> list[list[SshTarget]]:
    """Each place once, jump hosts included; the nearest first."""
    rounds: dict[int, dict[tuple[str, int], SshTarget]] = {}
    for target in targets:
        for one in (way := chain(target)):
            rounds.setdefault(way.index(one), {}).setdefault((one.address, one.port), one)
    return [list(rounds[n].values()) for n in sorted(rounds)]


def chain(target: SshTarget) -> list[SshTarget]:
    """The way to a host: its jump hosts in order, and itself."""
    return [*(chain(target.jump) if target.jump else ()), target]


def counted(number: int) -> str:
    return "1 key" if number == 1 else f"{number} keys"
