"""From a delivered body, classic or pipeline, to one Config."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.hosts.classic import classic_config
from sandbox.hosts.pipeline import pipeline_config

if TYPE_CHECKING:
    from sandbox.hosts.config import Config
    from sandbox.sls.door import Delivered

OLDEST = (1, 8, 8)


def read_config(delivered: Delivered, release: tuple[int, ...] = OLDEST) -> Config:
    """Return what an agent of that release does; NotCollectable names what is not modelled."""
    read = pipeline_config if "inputs" in delivered.body else classic_config
    return read(delivered, release)
