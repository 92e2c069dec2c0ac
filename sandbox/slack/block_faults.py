"""What is wrong with one block: Slack's own Python models, and what these pass over in silence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block as Model

Block = dict[str, Any]

LISTS_OF_PARTS = ("child_blocks", "elements", "tasks")
STRINGS = ("block_id", "action_id", "url", "alt_text", "image_url")


def faults(block: Block, at: str) -> list[str]:
    """Return the reasons to refuse a block that stands at the JSON pointer `at`."""
    try:
        model = Model.parse(block)
        if model is None:
            return [f"unsupported type: {block.get('type')} [json-pointer:{at}/type]"]
        understood = model.to_dict()
    except (SlackObjectFormationError, TypeError, AttributeError, ValueError, KeyError) as error:
        # The models meet missing or misplaced properties with whatever Python raises.
        return [f"{error} [json-pointer:{at}]"]
    return [*_shapes(block, at), *_dropped(block, understood, at), *_strings(block, at)]


def _shapes(part: Block, at: str) -> Iterator[str]:
    """Yield the lists that hold something else than parts with a type."""
    lists = {key: part[key] for key in LISTS_OF_PARTS if key in part}
    rows = part.get("rows", [])
    lists |= {
        f"rows/{at}": row for at, row in enumerate(rows if isinstance(rows, list) else [rows])
    }
    for key, inside in lists.items():
        if not isinstance(inside, list) or not all(_has_type(child) for child in inside):
            yield f"must be a list of objects with a type [json-pointer:{at}/{key}]"
            continue
        for index, child in enumerate(inside):
            yield from _shapes(child, f"{at}/{key}/{index}")


def _has_type(part: object) -> bool:
    return isinstance(part, dict) and isinstance(part.get("type"), str)


def _dropped(given: object, understood: object, at: str) -> Iterator[str]:
    """Yield the unknown properties and unknown elements that did not come through the models."""
    if isinstance(given, dict) and isinstance(understood, dict):
        for key, value in given.items():
            if key in understood:
                yield from _dropped(value, understood[key], f"{at}/{key}")
            elif value is not None:
                what = (
                    f"invalid additional property: {key}" if value else f"{key} must not be empty"
                )
                yield f"{what} [json-pointer:{at}]"
    elif isinstance(given, list) and isinstance(understood, list):
        for index, value in enumerate(given):
            there = understood[index] if index < len(understood) else None
            yield from _dropped(value, there, f"{at}/{index}")
    elif understood is None and given is not None:
        kind = given.get("type") if isinstance(given, dict) else given
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
    elif isinstance(understood, dict | list):  # the models took a string for an object or a list
        wanted = "an object" if isinstance(understood, dict) else "a list"
        yield f"must be {wanted} [json-pointer:{at}]"


def _strings(part: object, at: str) -> Iterator[str]:
    """Yield what must be a string and is not, and texts that are empty."""
    if isinstance(part, dict):
        yield from _own_strings(part, at)
        for key, value in part.items():
            yield from _strings(value, f"{at}/{key}")
    elif isinstance(part, list):
        for index, value in enumerate(part):
            yield from _strings(value, f"{at}/{index}")


def _own_strings(part: Block, at: str) -> Iterator[str]:
    names = (*STRINGS, "value") if part.get("type") == "button" else STRINGS
    for name in names:
        if not isinstance(part.get(name), str | None):
            yield f"must be a string [json-pointer:{at}/{name}]"
    if part.get("type") in ("plain_text", "mrkdwn", "markdown"):
        if not isinstance(part.get("text"), str):
            yield f"must be a string [json-pointer:{at}/text]"
        elif not part["text"]:
            yield f"must be more than 0 characters [json-pointer:{at}/text]"
