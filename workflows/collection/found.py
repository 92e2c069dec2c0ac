"""What was found of an app's collection in an account: raw JSON with names, as a job keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.collection.forms import Form
from workflows.model import Facts


@dataclass(frozen=True)
class Config:
    """One collection config; `groups` are the machine groups it is applied to."""

    name: str
    form: Form
    body: Facts
    groups: tuple[str, ...] = ()

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Config:
        """From the job's record."""
        return cls(facts["name"], Form(facts["form"]), facts["body"], tuple(facts["groups"]))


PLURAL = {"dashboard": "dashboards", "alert": "alerts", "saved search": "saved searches"}
KINDS = tuple(PLURAL)


@dataclass(frozen=True)
class Reader:
    """What reads the logstore and will go silent: listed for people, never moved."""

    kind: str  # one of KINDS
    name: str
    title: str = ""


@dataclass(frozen=True)
class Found:
    """An app's collection in the source account."""

    owner: str  # main account id
    region: str
    logstore: Facts
    index: Facts | None
    shards: int  # writable ones
    configs: tuple[Config, ...]
    groups: Mapping[str, Facts]  # bodies of all groups that `configs` are applied to
    beside: tuple[Config, ...] = ()  # other configs on the same groups, whatever they feed
    readers: tuple[Reader, ...] = ()
    unseen: tuple[str, ...] = ()  # what could not be looked at, and why; one sentence each
    project: str = ""  # "" in a job that was begun before it was kept

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Found:
        """From the job's record, which does not keep what lies `beside`."""
        lists = {
            "configs": tuple(map(Config.of, facts["configs"])),
            "readers": tuple(Reader(**reader) for reader in facts["readers"]),
            "beside": (),
            "unseen": tuple(facts["unseen"]),
        }
        return cls(**{**facts, **lists})


@dataclass(frozen=True)
class There:
    """What the target account has already, under the names that are wanted or beside them."""

    owner: str
    region: str
    logstore: Facts | None
    index: Facts | None
    group: Facts | None
    configs: Mapping[str, Config]  # by name, those of the names wanted that exist
    config_names: tuple[str, ...]  # all of the project, for its quota and for conflicts
    group_names: tuple[str, ...]
    logstore_names: tuple[str, ...]
    beside: tuple[Config, ...] = ()  # other configs that the same hosts would collect for
    unseen: tuple[str, ...] = ()  # what could not be looked at, and why; one sentence each
    project: str = ""


@dataclass(frozen=True)
class Wanted:
    """What the target shall have: bodies to create. `configs` by the source's config's name."""

    logstore: Facts
    index: Facts
    group: Facts
    configs: Mapping[str, Facts]


@dataclass(frozen=True)
class Collection:
    """One config on its way: its name in the source and in the target, and its form."""

    source: str
    target: str
    form: Form = Form.CLASSIC
    groups: tuple[str, ...] = ()  # of the source, to which it was applied when the job began

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Collection:
        """From the job's record."""
        groups = tuple(facts["groups"])
        return cls(facts["source"], facts["target"], Form(facts["form"]), groups)
