"""Which configs collect a file: the force flag adds, of the others one wins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.hosts.config import Config

DEPTH_COUNTS_SINCE = (3, 2, 6)
MOST_CONFIGS = 20  # max_multi_config_size, AppConfig.cpp


@dataclass(frozen=True)
class Choice:
    """The configs that collect a file, and those without the force flag if they were several.

    `left_out` are configs beyond what an agent that accepts several takes.
    """

    taken: tuple[Config, ...]
    rivals: tuple[Config, ...] = ()
    left_out: tuple[Config, ...] = ()


@dataclass(frozen=True)
class Acceptance:
    """What ilogtail_config.json says of several configs for one file: `accept_multi_config`.

    Source: AppConfig.cpp LoadBooleanParameter(mAcceptMultiConfigFlag), read at the start only.
    """

    several: bool = False
    most: int = MOST_CONFIGS


def matches(config: Config, path: str) -> bool:
    """Say whether a config wants the file. Source: FileDiscoveryOptions.cpp IsMatch."""
    folder, name = path.rsplit("/", 1)
    wanted = any(one.matches(folder, name) for one in config.paths)
    return wanted and not config.blacklist.holds(folder, name)


def rank(config: Config, path: str, release: tuple[int, ...]) -> int:
    """Return how near the base path is: its depth since 3.2.6, its length before.

    Source: ConfigManager.cpp, FindBestMatch and FindMatchWithForceFlag of both ages. Of several
    paths the first that matches counts.
    """
    folder, name = path.rsplit("/", 1)
    base = next((one for one in config.paths if one.matches(folder, name)), config.paths[0])
    return base.depth if release >= DEPTH_COUNTS_SINCE else len(base.base)


def in_order(configs: Iterable[Config], path: str, release: tuple[int, ...]) -> list[Config]:
    """Return the nearest first, of equally near ones the oldest. Source: FindBestMatch."""
    return sorted(configs, key=lambda one: (-rank(one, path, release), one.create_time, one.key))


def choose(
    configs: Iterable[Config],
    path: str,
    release: tuple[int, ...],
    acceptance: Acceptance = Acceptance(),
) -> Choice:
    """Return every forced match and the best of the others. Source: FindMatchWithForceFlag.

    An agent that accepts several takes all, up to its limit. Source: FindAllMatch.
    """
    wanted = [config for config in configs if matches(config, path)]
    if acceptance.several:
        ordered = in_order(wanted, path, release)
        return Choice(tuple(ordered[: acceptance.most]), left_out=tuple(ordered[acceptance.most :]))
    forced = tuple(config for config in wanted if config.forced)
    others = in_order((one for one in wanted if not one.forced), path, release)
    rivals = tuple(others) if len(others) > 1 else ()
    return Choice((*forced, *others[:1]), rivals)
