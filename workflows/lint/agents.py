"""Agents that are too old for what the configs ask of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflows.collection import facts_of
from workflows.collection.forms import Form, form_of
from workflows.collection.reach import Json
from workflows.lint import Finding, Level
from workflows.lint.silent import listed
from workflows.lint.sorting import in_order

Release = tuple[int, ...]
_UPDATE = "Update these agents first, or leave the hosts out."
_NUMBERS = re.compile(r"\d+(\.\d+)+", re.ASCII)


@dataclass(frozen=True)
class _Demand:
    since: Release
    path: str
    text: str


# Sources: core/config/UserLogConfigParser.cpp (not in 1.0.34, in 1.1.0), ConfigProvider.cpp (from
# 2.0 on), FileDiscoveryOptions.cpp of 3.2.6.
_FORCE = _Demand((1, 1), "", "does not know the force flag: the target would get nothing beside it")
_PIPELINE = _Demand((2,), "inputs", "may not know configs of this form")
_PATHS = _Demand((3, 2, 6), "inputs[0].FilePaths", "takes one path for an input, not several")


def agents(versions: Mapping[str, str], configs: Mapping[str, Json]) -> tuple[Finding, ...]:
    """`versions` by host, "" where it is not known; `configs` are the target's, by their names."""
    releases = {host: release(version) for host, version in versions.items()}
    found = [
        finding
        for name, body in configs.items()
        for demand in _demands(body)
        for finding in _too_old(f"config {name}", demand, releases, versions)
    ]
    if lost := sorted(host for host, known in releases.items() if not known):
        text = f"the agent's version is not known on {listed(lost)}"
        hint = "Linux agents since 1.1.0 know the force flag: look there if one stays silent."
        found.append(Finding(Level.NOTE, "hosts", "", text, hint))
    return in_order(found)


def release(version: str) -> Release:
    """The first numbers with dots in between; () where there are none."""
    found = _NUMBERS.search(version)
    return tuple(int(part[:9]) for part in found[0].split(".")) if found else ()


def _demands(body: Json) -> Iterator[_Demand]:
    if facts_of.forced(body) and facts_of.forceable(body):
        yield _FORCE
    if form_of(body) is Form.PIPELINE:
        yield _PIPELINE
    if len(facts_of.paths(body)) > 1:
        yield _PATHS


def _too_old(
    thing: str, demand: _Demand, releases: Mapping[str, Release], versions: Mapping[str, str]
) -> Iterator[Finding]:
    old = sorted(host for host, known in releases.items() if known and known < demand.since)
    if old:
        hosts = listed([f"{host} ({versions[host]})" for host in old])
        text = f"the agent {demand.text}: {hosts}"
        yield Finding(Level.WARNING, thing, demand.path, text, _UPDATE)
