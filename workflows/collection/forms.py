"""The two families of collection configs, and what each says about itself. Raw JSON, pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Form(StrEnum):
    """Which API a config belongs to; both share one space of names in a project."""

    CLASSIC = "classic"  # /configs
    PIPELINE = "pipeline"  # /pipelineconfigs


def form_of(body: Mapping[str, Any]) -> Form:
    """Told by its shape: only a pipeline has flushers."""
    return Form.PIPELINE if "flushers" in body else Form.CLASSIC
