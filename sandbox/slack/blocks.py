"""The blocks of one message: checked together, their missing ids filled in, their buttons found."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy

from sandbox.slack.block_faults import Block, faults
from sandbox.slack.errors import SlackError, explained

MOST_BLOCKS = 50


def checked(given: object) -> tuple[Block, ...]:
    """Return the blocks with every missing id filled in; raises invalid_blocks with the reasons."""
    if not isinstance(given, list) or not all(isinstance(block, dict) for block in given):
        raise SlackError("invalid_blocks_format")
    if len(given) > MOST_BLOCKS:
        too_many = f"no more than {MOST_BLOCKS} items allowed [json-pointer:/blocks]"
        raise explained("invalid_blocks", [too_many])
    wrong = [why for at, block in enumerate(given) for why in faults(block, f"/blocks/{at}")]
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
