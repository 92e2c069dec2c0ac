"""Whatever the JSON is, a lint ends, in bounded steps, with findings and without an exception."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shapes import SHAPES
from tests.unit.lint_kit import config, found, lines, there, wanted
from workflows.lint import Finding, Level
from workflows.lint.agents import agents
from workflows.lint.everything import lint

WORDS = st.sampled_from(
    ["", "(", "[", "a+", "(a+)+b", "%", "%Y%Q", "/", "**", "*?[", "\0", "\ud800", "é" * 300]
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), WORDS)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)
Place = tuple[str | int, ...]


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Where the parts of a body stand."""
    pairs = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, one in pairs:
        yield (*at, key)
        yield from places(one, (*at, key))


def put(body: dict[str, Any], at: Place, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(body)
    inner: Any = changed
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = value
    return changed


BODIES = list(SHAPES.values())
SPOTS = [(number, at) for number, body in enumerate(BODIES) for at in places(body)]


def sound(findings: tuple[Finding, ...]) -> bool:
    """Errors first, each with an object, a sentence and a way out."""
    levels = [list(Level).index(one.level) for one in findings]
    return levels == sorted(levels) and all(one.thing and one.text and one.hint for one in findings)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(SPOTS), JSON)
def test_anything_in_place_of_any_field_of_any_shape_ends_in_findings(
    spot: tuple[int, Place], value: Any
) -> None:
    number, at = spot
    body = put(BODIES[number], at, value)
    source = found(config(body, "shop"), config(BODIES[0] | {"configName": "other"}))
    samples = (lines({"content": "a" * 50}), lines({"__raw_log__": "x"}, path=""))
    once = lint(source, there(), wanted(source), samples)

    assert sound(once)
    assert once == lint(source, there(), wanted(source), samples)
    assert sound(agents({"h1": "1.0", "h2": ""}, {"shop": body}))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["keys", "line", "ttl", "x"]), JSON), JSON, JSON)
def test_anything_as_index_logstore_and_group_ends_in_findings(
    index: dict[str, Any], ttl: Any, group: Any
) -> None:
    body = BODIES[0] | {"configName": "shop"}
    source = found(
        body, index=index, logstore={"ttl": ttl, "logstoreName": ttl}, groups={"web": group}
    )

    assert sound(lint(source, there(beside=(config({"inputs": ttl}, "x"),)), wanted(source)))


def test_the_worst_regexes_and_the_longest_lines_end() -> None:
    worst = [
        "(" * 25 + "a" + ")*" * 25 + "b",
        "(.*)" * 40 + "x",
        "(a?){500}" * 5,
        "(\\w+\\s*)*" * 20 + "!",
        "[a-z]*" * 250,
        "(" + "|".join(f"{letter}*" for letter in "abcdefghijklmnop" * 8) + ")*!",
    ]
    detail = {
        "logType": "common_reg_log",
        "logPath": "/a",
        "filePattern": "b",
        "filterRegex": worst,
    }
    bodies = [
        {
            "configName": f"shop-{number}",
            "inputType": "file",
            "inputDetail": detail | {"regex": one, "key": ["k"]},
            "logSample": "a" * 100_000,
        }
        for number, one in enumerate(worst)
    ]
    source = found(*bodies)
    findings = lint(source, there(), wanted(source), (lines(*[{"__raw__": "a" * 100_000}] * 500),))

    assert sound(findings)
    assert any("doubles the time" in one.text for one in findings)
