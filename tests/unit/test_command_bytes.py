"""Whatever a file of ids holds, its bytes survive our coming and going."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fake_hosts import with_line, without_line
from tests.unit.shell_kit import (
    APP,
    OURS,
    add,
    facts,
    last_word,
    sh,
    tree,
    undo,
)
from workflows.apps import Host
from workflows.steps.on_host.commands import RemoveIdentity

line = st.one_of(
    st.binary(max_size=12),
    st.sampled_from([OURS, f" {OURS}", f"{OURS} ", f"{OURS}-2", "app.b", ""]).map(str.encode),
)
content = st.builds(
    lambda lines, gap, end: gap.join(lines) + end,
    st.lists(line, max_size=5),
    st.sampled_from([b"\n", b"\r\n"]),
    st.sampled_from([b"", b"\n", b"\r\n", b"\r"]),
)
often = settings(max_examples=40, deadline=None)  # each runs four shells


@often
@given(held=st.one_of(st.none(), content))
def test_add_then_remove_leaves_every_byte_as_it_was(held: bytes | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        host = Host("h1", folder, folder)
        if held is not None:
            Path(folder, "user_defined_id").write_bytes(held)
        untouched, before = tree(host), facts(host)

        sh(add(host))
        sh(undo(host, before))

        assert tree(host) == untouched


@often
@given(held=content.filter(lambda held: b"\0" not in held))
def test_any_list_of_ids_gains_our_line_and_keeps_its_own(held: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        host, path = Host("h1", folder, folder), Path(folder, "user_defined_id")
        path.write_bytes(held)

        word = last_word(add(host))

        listed = OURS.encode() in held.split(b"\n")
        assert word == "changed"
        assert path.read_bytes() == (held if listed else with_line(held, OURS.encode()))
        assert facts(host).listed


@often
@given(held=content.filter(lambda held: b"\0" not in held), final_newline=st.booleans())
def test_removing_takes_the_last_line_that_is_ours_exactly(
    held: bytes, final_newline: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        host, path = Host("h1", folder, folder), Path(folder, "user_defined_id")
        path.write_bytes(held)

        word = last_word(RemoveIdentity(host, APP, custom_id=OURS, final_newline=final_newline))

        listed = OURS.encode() in held.split(b"\n")
        kept = without_line(held, OURS.encode(), final_newline=final_newline) if listed else held
        assert (word, path.read_bytes()) == ("changed" if listed else "same", kept)
