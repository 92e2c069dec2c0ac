"""Collection configs as they are met, each with the claim it makes; logstore `app`, no name yet."""

from __future__ import annotations

from tests.shapes import (
    containers,
    modes,
    other_inputs,
    pipelines,
    plugins,
    regexes,
    tomorrow,
)

FAMILIES = (regexes, modes, containers, plugins, pipelines, other_inputs, tomorrow)
SHAPES = {claim: body for family in FAMILIES for claim, body in family.SHAPES.items()}
