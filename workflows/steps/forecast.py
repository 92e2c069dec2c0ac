"""What each route would lose, repeat and cost, before anything is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

from workflows.apps import Waits
from workflows.collection.watched import TAIL, tail_size, watched
from workflows.errors import NotYet
from workflows.model import Evidence, Facts
from workflows.proof.route import Bound, FileNow, bound, overloaded
from workflows.step import Context
from workflows.steps import outlook
from workflows.steps.agreed import found
from workflows.steps.delivery import key
from workflows.steps.discovery import samples
from workflows.steps.files import HostFiles, Looked, looked
from workflows.steps.growth import APART, Earlier, growing

FIGURES = "figures"  # differ from look to look, so they are no part of a plan's digest
SIZES = 500  # files whose size is kept until the second look
HOSTS = 100  # that are kept one by one, the worst first; all are in the total


@dataclass(frozen=True)
class _Host:
    """One that was looked at, with its files that grow."""

    name: str
    seen: HostFiles
    files: tuple[FileNow, ...]
    bound: Bound

    @property
    def is_busy(self) -> bool:
        """Whether its agent may not bear twice the work."""
        seen = self.seen
        memory = overloaded(seen.memory, seen.memory_limit)
        return memory or overloaded(seen.cpu, seen.cpu_limit)

    @property
    def facts(self) -> Facts:
        seen = self.seen
        return {
            "bound": dict(vars(self.bound)),
            "quiet": len(seen.files) - len(self.files),
            "cpu": [seen.cpu, seen.cpu_limit],
            "memory": [seen.memory, seen.memory_limit],
            "busy": self.is_busy,
        }


def look(context: Context) -> Facts:
    """`before`: figures of the files; a host that does not answer is named, no more."""
    return {FIGURES: _figures(context, looked(context), None)}


def nothing(context: Context, before: Facts) -> None:
    """Looking changes nothing."""


def told(context: Context, before: Facts) -> Evidence:
    """What either route would do to the app's lines; looks once more where a rate is not known."""
    figures = before.get(FIGURES)
    if figures is None:  # a job of before there was a forecast
        return Evidence(outlook.DEFAULT)
    if figures["sizes"]:
        if context.clock.now() - figures["at"] < APART:
            raise NotYet("how fast the files grow, a second look tells")
        figures = _figures(context, looked(context, "files-again"), figures)
    return Evidence(outlook.text(context, figures), outlook.hosts(figures), {"forecast": figures})


def anew(context: Context, figures: Facts, errand: str) -> Facts:
    """The same figures of a later look, which knows by `figures` how fast the files grow."""
    return _figures(context, looked(context, errand), figures)


def patience(waits: Waits) -> float:
    """The second look is no reason to stop."""
    return waits.appear + APART


def would(context: Context, before: Facts) -> str:
    figures = before.get(FIGURES)
    return outlook.text(context, figures) if figures else outlook.DEFAULT


def nothing_to_undo(context: Context, before: Facts) -> str:
    return "looking changed nothing"


def _figures(context: Context, seen: Looked, earlier: Facts | None) -> Facts:
    gap = outlook.longest_gap(context)
    hosts = sorted(_hosts(context, seen, earlier), key=_badness)
    named = {
        "missing": list(seen.missing),
        "blind": [host.name for host in hosts if not host.seen.dumped],
        "cut": [host.name for host in hosts if host.seen.cut or host.seen.unseen],
        "busy": [host.name for host in hosts if host.is_busy],
    }
    return {
        "at": seen.at,
        "hosts": {host.name: host.facts for host in hosts[:HOSTS]},
        "total": dict(vars(reduce(Bound.plus, (host.bound for host in hosts), Bound()))),
        "worst": _worst(hosts, gap),
        **{what: sorted(names)[:HOSTS] for what, names in named.items()},
        "missing": dict(sorted(seen.missing.items())[:HOSTS]),
        "counts": {what: len(names) for what, names in named.items()},
        "unseen": list(seen.unseen),
        "line": _line_length(context) if earlier is None else earlier["line"],
        "sizes": _sizes(hosts) if earlier is None else {},
    }


def _hosts(context: Context, seen: Looked, earlier: Facts | None) -> Iterator[_Host]:
    keys = [key(context.app.source.project, one.source) for one in context.collections]
    gap, tails = outlook.longest_gap(context), _tails(context)
    for name, host in seen.hosts.items():
        files = tuple(growing(name, host, keys, tails, _earlier(earlier, name)))
        yield _Host(name, host, files, bound(files, gap))


def _badness(host: _Host) -> tuple[int, int, str]:
    return -host.bound.lost, -host.bound.again, host.name


def _worst(hosts: Iterable[_Host], gap: float) -> list[Any] | None:
    """Host, path, and the bytes lost and repeated of the file that suffers most."""
    files = (file for host in hosts for file in host.files)
    worst = max(files, key=lambda file: (file.lost(gap), file.again(0.0)), default=None)
    return None if worst is None else [worst.host, worst.path, worst.lost(gap), worst.again(0.0)]


def _sizes(hosts: list[_Host]) -> Facts:
    """Of files that grow nobody knows how fast; of hosts first that have few of them."""
    kept: Facts = {}
    left = SIZES
    for host in sorted(hosts, key=lambda host: host.bound.unsure):
        if host.bound.unsure and left > 0:
            files = [[one.device, one.inode, one.size] for one in host.seen.files[:left]]
            whole = not host.seen.cut and len(files) == len(host.seen.files)
            kept[host.name] = {"at": host.seen.now, "files": files, "whole": whole}
            left -= len(files)
    return kept


def _earlier(figures: Facts | None, name: str) -> Earlier | None:
    kept = (figures or {"sizes": {}})["sizes"].get(name)
    if kept is None:
        return None
    sizes = {(device, inode): size for device, inode, size in kept["files"]}
    return Earlier(kept["at"], sizes, kept["whole"])


def _tails(context: Context) -> Callable[[str], int]:
    """How far back the target's agent begins with the file of a path."""
    known = found(context)
    bodies = [one.body for one in known.configs] if known else []
    each = [(path, tail_size(body)) for body in bodies for path in watched(body)]
    return lambda path: next((tail for one, tail in each if one.matches(path)), TAIL)


def _line_length(context: Context) -> float:
    """Mean bytes of a line, its end included; 0 where no line came lately."""
    lengths = list(_lengths(context))
    return sum(lengths) / len(lengths) if lengths else 0.0


def _lengths(context: Context) -> Iterator[int]:
    lines, _ = samples(context)
    for group in lines:
        for line in group.lines:
            yield sum(len(value.encode(errors="replace")) + 1 for _, value in line.fields)
