"""Block Kit, checked with Slack's own Python models plus the rules these do not know."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block as Model

from sandbox.slack.errors import SlackError, explained

Block = dict[str, Any]

MOST_BLOCKS = 50


def checked(given: object) -> tuple[Block, ...]:
    """Return the blocks with every missing id filled in; raises invalid_blocks with the reasons."""
    if not isinstance(given, list) or not all(isinstance(block, dict) for block in given):
        raise SlackError("invalid_blocks_format")
    if len(given) > MOST_BLOCKS:
        too_many = f"no more than {MOST_BLOCKS} items allowed [json-pointer:/blocks]"
        raise explained("invalid_blocks", [too_many])
    wrong = [why for at, block in enumerate(given) for why in _faults(block, f"/blocks/{at}")]
    blocks = tuple(_with_ids(block) for block in given) if not wrong else ()
    wrong += _repeated_ids(blocks)
    if wrong:
        raise explained("invalid_blocks", wrong)
    return blocks


def elements(blocks: tuple[Block, ...] | list[Block]) -> Iterator[tuple[str, Block]]:
    """Yield each interactive element with the id of the block it stands in."""
    for block in blocks:
        for part in _parts(block):
            if "action_id" in part:
                yield block["block_id"], part
        yield from elements(block.get("child_blocks", []))


def _faults(block: Block, at: str) -> list[str]:
    try:
        model = Model.parse(block)
        if model is None:
            return [f"unsupported type: {block.get('type')} [json-pointer:{at}/type]"]
        understood = model.to_dict()
    except (SlackObjectFormationError, TypeError, AttributeError, ValueError, KeyError) as error:
        # The models meet missing or misplaced properties with whatever Python raises.
        return [f"{error} [json-pointer:{at}]"]
    return [*_dropped(block, understood, at), *_empty_texts(block, at)]


def _dropped(given: object, understood: object, at: str) -> Iterator[str]:
    """Yield what the models passed over in silence: unknown properties and unknown elements."""
    if isinstance(given, dict) and isinstance(understood, dict):
        for key, value in given.items():
            if key in understood:
                yield from _dropped(value, understood[key], f"{at}/{key}")
            elif value not in (None, [], "", False):
                yield f"invalid additional property: {key} [json-pointer:{at}]"
    elif isinstance(given, list) and isinstance(understood, list):
        for index, value in enumerate(given):
            there = understood[index] if index < len(understood) else None
            yield from _dropped(value, there, f"{at}/{index}")
    elif understood is None and given is not None:
        kind = given.get("type") if isinstance(given, dict) else given
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
    elif isinstance(understood, dict | list):  # the models took a string for an object or a list
        yield f"must be {'an object' if isinstance(understood, dict) else 'a list'} [json-pointer:{at}]"


def _empty_texts(part: object, at: str) -> Iterator[str]:
    if isinstance(part, dict):
        if part.get("type") in ("plain_text", "mrkdwn") and not part.get("text"):
            yield f"must be more than 0 characters [json-pointer:{at}/text]"
        for key, value in part.items():
            yield from _empty_texts(value, f"{at}/{key}")
    elif isinstance(part, list):
        for index, value in enumerate(part):
            yield from _empty_texts(value, f"{at}/{index}")


def _repeated_ids(blocks: tuple[Block, ...]) -> list[str]:
    ids = Counter(block["block_id"] for block in blocks)
    actions = Counter((where, part["action_id"]) for where, part in elements(blocks))
    return [
        *(f"block_id `{name}` already exists" for name, times in ids.items() if times > 1),
        *(
            f"action_id `{name}` already exists for a block with block_id `{where}`"
            for (where, name), times in actions.items()
            if times > 1
        ),
    ]


def _with_ids(block: Block) -> Block:
    # Random, as Slack's are: nobody may rely on an id that he did not give himself.
    block = deepcopy(block)
    block.setdefault("block_id", secrets.token_urlsafe(4))
    for part in _parts(block):
        if part.get("type") == "button":
            part.setdefault("action_id", secrets.token_urlsafe(4))
    if "child_blocks" in block:
        block["child_blocks"] = [_with_ids(child) for child in block["child_blocks"]]
    return block


def _parts(block: Block) -> Iterator[Block]:
    for key in ("elements", "accessory", "element", "actions"):
        value = block.get(key, [])
        parts = value if isinstance(value, list) else [value]
        yield from (part for part in parts if isinstance(part, dict))
