"""The delivered configs on the host's disk, where an operator looks for them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.hosts.disk import Disk
    from sandbox.sls.door import Delivered


@dataclass(frozen=True)
class Delivery:
    """A file that lists all configs, if `place` ends in .json, else a folder with a file each."""

    disk: Disk
    place: str

    def write(self, delivered: Mapping[str, Delivered]) -> None:
        """Show these configs, each under `##1.0##<project>$<config>`, and no others.

        Sources: help page 71414 (the list, Logtail 1.x); core/config/provider/ConfigProvider.cpp
        (a folder each provider, from 2.0 on). The names of the files there are not public.
        """
        listed = {key: _listed(one) for key, one in delivered.items()}
        if self.place.endswith(".json"):
            self.disk.replace(self.place, _text({"metrics": listed}))
            return
        files, _ = self.disk.listing(self.place)
        names = {f"{key}.json" for key in listed}
        for file in files:
            if file.path.rsplit("/", 1)[1] not in names:
                self.disk.remove(file.path)
        for key, one in listed.items():
            self.disk.replace(f"{self.place}/{key}.json", _text(one))


def _text(value: Mapping[str, object]) -> str:
    return json.dumps(value, indent=2) + "\n"


def _listed(delivered: Delivered) -> dict[str, object]:
    detail = delivered.body.get("inputDetail") or {}
    return {
        "aliuid": delivered.account,
        "project_name": delivered.project,
        "category": (delivered.body.get("outputDetail") or {}).get("logstoreName", ""),
        "create_time": delivered.create_time,
        "log_path": detail.get("logPath", ""),
        "file_pattern": detail.get("filePattern", ""),
        "enable": True,
    }
