"""The files that the app's configs mean on its hosts, and how the agents there fare: one look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from workflows.apps import Host
from workflows.collection.watched import Watched, watched
from workflows.errors import StepFailed
from workflows.model import HostResult, quoted
from workflows.step import Context
from workflows.steps.agreed import found
from workflows.steps.hosts import asked
from workflows.steps.on_host.file_look import FileLook, FileSeen, HostFiles

__all__ = ["FileSeen", "HostFiles", "Looked", "idle", "look_for", "looked"]

MOST = 2000  # files of one host
ALL = 200_000  # files of all hosts together, so that many hosts do not fill the memory
GRAIN = 1.0  # seconds; of the times that hosts tell
LEAST = 20  # files of one host, however many hosts there are
WILD = str.maketrans({sign: f"\\{sign}" for sign in "[]\\"})


@dataclass(frozen=True)
class Looked:
    """What was seen by the moment `at`, in seconds since the epoch, by host name; not before `begun`.

    `missing`: hosts that could not be looked at, and why. `unseen`: configs whose files no look at
    a host can show, each with the reason; then nobody can say that a host is idle.
    """

    at: float
    hosts: Mapping[str, HostFiles] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()
    begun: float = 0.0

    def written(self, host: str, file: FileSeen) -> float:
        """When it was last written to, by our clock; not later than this."""
        return self.at + GRAIN - self.hosts[host].age(file)


def looked(context: Context, errand: str = "files", only: Iterable[str] | None = None) -> Looked:
    """One round trip to each host, all of them if `only` names none; never raises for a host."""
    chosen = None if only is None else frozenset(only)
    hosts = [host for host in context.roster if chosen is None or host.name in chosen]
    paths, unseen = _paths(context)
    if not paths or not hosts:
        why = unseen[0] if unseen else "no config of the app reads files"
        return Looked(context.clock.now(), {}, {host.name: why for host in hosts}, unseen)
    begun = context.clock.now()
    context.say(f"looking at the log files of {len(hosts)} hosts")
    most = max(LEAST, min(MOST, ALL // len(hosts)))
    results = asked(context, {host.name: look_for(host, paths, most) for host in hosts}, errand)
    context.hosts.forget(errand)
    return replace(_of(context.clock.now(), results.values(), paths, unseen), begun=begun)


def idle(seen: Looked, since: float) -> dict[str, str]:
    """Hosts of which it is known that no file was written to from `since` on, and by what."""
    found = ((name, _quiet(seen, name, since)) for name in seen.hosts if not seen.unseen)
    return {name: why for name, why in found if why}


def _quiet(seen: Looked, name: str, since: float) -> str:
    host = seen.hosts[name]
    if host.unseen:
        return ""
    if not host.files:
        return "no file matches the configs' paths"
    newest = max(host.files, key=lambda file: file.modified)
    if seen.written(name, newest) >= since:
        return ""
    ago = host.age(newest)
    return f"{quoted(newest.path)}, its newest file, was last written to {ago} s before the look"


def _paths(context: Context) -> tuple[tuple[Watched, ...], tuple[str, ...]]:
    known = found(context)
    each = {one.name: watched(one.body) for one in (known.configs if known else ())}
    unseen = (
        f"config {name} reads no files that a look at the host could show"
        for name, paths in each.items()
        if not paths
    )
    return tuple(dict.fromkeys(one for paths in each.values() for one in paths)), tuple(unseen)


def look_for(host: Host, paths: Sequence[Watched], most: int = MOST) -> FileLook:
    """The command that lists the newest files of these paths."""
    return FileLook(
        host,
        roots=tuple(one.root for one in paths),
        folders=tuple(_glob(one) for one in paths),
        patterns=tuple(one.pattern for one in paths),
        depths=tuple(str(one.below) for one in paths),
        most=most,
    )


def _glob(path: Watched) -> str:
    """What `find` takes it for: only wildcards that the agent knows too."""
    return "" if path.folder == "/" else path.folder.translate(WILD)


def _of(
    at: float, results: Iterable[HostResult], paths: Sequence[Watched], unseen: tuple[str, ...]
) -> Looked:
    hosts: dict[str, HostFiles] = {}
    missing: dict[str, str] = {}
    for result in results:
        if not result.ok:
            missing[result.host] = result.said
            continue
        try:
            hosts[result.host] = HostFiles.parse(result.said).meant_by(paths)
        except StepFailed as trouble:
            missing[result.host] = str(trouble)
    return Looked(at, hosts, missing, unseen)
