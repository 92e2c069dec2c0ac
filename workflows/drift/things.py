"""One object of the service against what was agreed of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflows.collection.compare import ABSENT, Difference, differences
from workflows.collection.facts_of import unknown_fields
from workflows.collection.secret import hidden, is_secret
from workflows.model import Drift, Facts, quoted

SHOWN = 3  # fields named in a sentence
LONGEST = 60  # characters of a value
OF_THE_SERVICE = frozenset({"shardCount", "createTime", "lastModifyTime"})  # it splits by itself


def changed(
    key: str,
    thing: str,
    was: Facts | None,
    found: Facts | None,
    hint: str,
    *,
    made: bool = False,
) -> Iterator[Drift]:
    """Whether it was deleted or edited; nothing where nothing is known of how it was.

    `made`: `was` is what we sent and not what was read. The service may have put in by itself what
    its documentation does not name.
    """
    if was is None:
        return
    if found is None:
        yield Drift(f"{key} gone", f"{thing} was deleted", hint)
        return
    edits = differences(_steady(was), _steady(found))
    strange = unknown_fields(found) if made else ()
    edits = tuple(one for one in edits if one.wanted is not ABSENT or one.path not in strange)
    if edits:
        yield Drift(f"{key} edited", f"{thing} was edited: {_told(edits)}", hint)


def _steady(body: Mapping[str, Any]) -> Facts:
    return {key: value for key, value in body.items() if key not in OF_THE_SERVICE}


def _told(edits: Sequence[Difference]) -> str:
    """The first few fields, each as it was and as it is, and how many more there are."""
    said = "; ".join(map(_edit, edits[:SHOWN]))
    more = len(edits) - SHOWN
    return f"{said}; and {more} more fields" if more > 0 else said


def _edit(edit: Difference) -> str:
    path, names = quoted(edit.path), re.split(r"[.\[\]]+", edit.path)
    was, found = (hidden(value, names[-1]) for value in (edit.wanted, edit.found))
    told = _simple(was) and _simple(found) and was != found
    if not told or any(map(is_secret, names)):
        return f"{path} is another"
    return f"{path} was {_value(was)}, is {_value(found)}"


def _simple(value: object) -> bool:
    """What holds objects may hold secrets under names of its own."""
    parts = value if isinstance(value, (list, tuple)) else (value,)
    return not any(isinstance(part, (dict, list, tuple)) for part in parts)


def _value(value: object) -> str:
    if value is ABSENT:
        return "unset"
    written = quoted(json.dumps(value, ensure_ascii=False))
    return written if len(written) <= LONGEST else f"{written[:LONGEST]}…"
