"""Which configs collect a file: the force flag adds, of the others one wins."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.hosts.config import Config

DEPTH_COUNTS_SINCE = (3, 2, 6)


@dataclass(frozen=True)
class Choice:
    """The configs that collect a file, and those without the force flag if they were several."""

    taken: tuple[Config, ...]
    rivals: tuple[Config, ...] = ()


def matches(config: Config, path: str) -> bool:
    """Say whether a config wants the file. Source: FileDiscoveryOptions.cpp IsMatch."""
    folder, name = path.rsplit("/", 1)
    return fnmatchcase(name, config.pattern) and lies_under(config, folder)


def lies_under(config: Config, folder: str) -> bool:
    """Say whether a folder is the base path or at most maxDepth below. Source: _IsPathMatched."""
    base = config.base.rstrip("/")
    if folder == base:
        return True
    if not folder.startswith(base + "/"):
        return False
    return config.max_depth < 0 or folder.removeprefix(base).count("/") <= config.max_depth


def rank(config: Config, release: tuple[int, ...]) -> int:
    """Return how near a base path is: its depth since 3.2.6, its length before.

    Source: ConfigManager.cpp, FindBestMatch and FindMatchWithForceFlag of both ages.
    """
    if release >= DEPTH_COUNTS_SINCE:
        return len([part for part in config.base.split("/") if part])
    return len(config.base)


def best(configs: Iterable[Config], release: tuple[int, ...]) -> Config:
    """Return the nearest config, of equally near ones the oldest. Source: FindBestMatch."""
    return min(configs, key=lambda one: (-rank(one, release), one.create_time, one.key))


def choose(configs: Iterable[Config], path: str, release: tuple[int, ...]) -> Choice:
    """Return every forced match and the best of the others. Source: FindMatchWithForceFlag."""
    wanted = [config for config in configs if matches(config, path)]
    forced = tuple(config for config in wanted if config.forced)
    others = tuple(config for config in wanted if not config.forced)
    if not others:
        return Choice(forced)
    rivals = others if len(others) > 1 else ()
    return Choice((*forced, best(others, release)), rivals)
