"""Which configs collect which file, decided once for each, and the alarms about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.hosts.alarms import PAUSE
from sandbox.hosts.matching import Acceptance, Choice, choose, matches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.hosts.config import Config
    from sandbox.hosts.files import Found
    from sandbox.hosts.reader import Reader
    from sandbox.hosts.setting import Setting


class Choices:
    """What an agent chose, by the host path of the file."""

    def __init__(self, setting: Setting, acceptance: Acceptance) -> None:
        self._in = setting
        self._acceptance = acceptance
        self._configs: tuple[Config, ...] = ()
        self._made: dict[str, tuple[Choice, float]] = {}

    def renew(self, configs: Iterable[Config]) -> None:
        """Choose among these from now on."""
        self._configs = tuple(configs)
        self._made.clear()

    def of(self, path: str, now: float) -> Choice:
        """Choose once until the configs change; among rivals again after the alarm's pause.

        Source: ConfigManager.cpp, mCacheFileAllConfigMap and multi_config_alarm_interval.
        """
        choice, at = self._made.get(path, (None, now))
        if choice and not (choice.rivals and now - at >= self._in.clock.real(PAUSE)):
            return choice
        release, configs = self._in.machine.release, self._configs
        choice = choose(configs, path, release, self._acceptance)
        self._made[path] = (choice, now)
        if choice.rivals:
            self._complain(choice, path, now)
        elif choice.left_out:  # ConfigManager.cpp SendAllMatchAlarm
            names = ", ".join(config.key for config in choice.left_out)
            text = f"too many configs want this file, left out are {names}"
            self._in.alarms.ring(now, "TOO_MANY_CONFIG_ALARM", path, text)
        return choice

    def _complain(self, choice: Choice, path: str, now: float) -> None:
        best = choice.taken[-1]
        names = ", ".join(sorted(config.key for config in choice.rivals))
        text = f"several configs want this file: {names}; it goes to the oldest best, {best.key}"
        self._in.alarms.ring(now, "MULTI_CONFIG_MATCH_ALARM", path, text)


def is_out_of_sight(config: Config, reader: Reader, found: Found) -> bool:
    """Say whether nobody hears of what is written to a renamed file any more.

    Once it was read to its end, only events under a name that the config matches lead back to its
    reader. Source: EventHandler.cpp, CreateModifyHandler::Handle and mRotatorReaderMap.
    """
    return reader.passed and found.size > reader.offset and not matches(config, found.path)
