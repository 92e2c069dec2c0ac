"""Which kind of object a body is, told by its shape."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from workflows.collection.schema.classic import CLASSIC
from workflows.collection.schema.nodes import Fields
from workflows.collection.schema.objects import GROUP, INDEX, LOGSTORE
from workflows.collection.schema.pipeline import PIPELINE


class Thing(Enum):
    """A kind of object; the value is its documented fields."""

    PIPELINE = PIPELINE
    CLASSIC = CLASSIC
    LOGSTORE = LOGSTORE
    GROUP = GROUP
    INDEX = INDEX

    @property
    def known(self) -> Fields:
        found: Fields = self.value
        return found


def thing_of(body: Mapping[str, Any]) -> Thing:
    if "flushers" in body:
        return Thing.PIPELINE
    if "configName" in body or "inputDetail" in body:
        return Thing.CLASSIC
    if "logstoreName" in body:
        return Thing.LOGSTORE
    return Thing.GROUP if "groupName" in body else Thing.INDEX


def unknown_in(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Paths of the fields that are not documented, sorted."""
    return tuple(sorted(thing_of(body).known.unknown(body, "")))
