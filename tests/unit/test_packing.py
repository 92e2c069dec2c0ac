"""Commands travel as checked values, never as shell."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from workflows.apps import Host
from workflows.ports import Command
from workflows.steps.on_host.commands import AddIdentity, Delivered, Look, RemoveIdentity
from workflows.steps.on_host.file_look import FileLook
from workflows.steps.on_host.packing import KINDS, pack, unpack

HOST = Host("h1", "/etc/il", "/usr/il")
EACH: list[Any] = [
    Look(HOST, "12", "app-b"),
    AddIdentity(HOST, "b", "12", "日志"),
    RemoveIdentity(HOST, "b", "", "app-b", drop_file=True, final_newline=False, sha256="-"),
    Delivered(HOST),
    FileLook(HOST, ("/log",), ("/log/*",), ("*.log",), ("3",), 20),
]


@pytest.mark.parametrize("command", EACH, ids=lambda command: type(command).__name__)
def test_a_command_arrives_as_it_was_with_the_host_of_the_one_who_unpacks(
    command: Command,
) -> None:
    here = Host("h1", "/etc/elsewhere", "/usr/il")

    arrived = unpack(json.loads(json.dumps(pack(command))), here)

    assert arrived == replace(command, host=here)  # type: ignore[type-var]
    assert command.script not in json.dumps(pack(command))


def test_a_kind_that_is_not_known_does_not_travel() -> None:
    class Surprise:
        script = "rm -rf /"

    with pytest.raises(TypeError, match="Surprise may not travel"):
        pack(Surprise())


@pytest.mark.parametrize(
    ("packed", "trouble"),
    [
        ({}, "kind None is not known"),
        ({"kind": "Script", "script": "id"}, "'Script' is not known"),
        ({"kind": "Look", "account_id": "12"}, "'custom_id' is missing"),
        ({"kind": "Look", "account_id": "12", "custom_id": "x", "host": "h2"}, "'host' is missing"),
        ({"kind": "Look", "account_id": 12, "custom_id": "x"}, "account_id is a int"),
        ({"kind": "Look", "account_id": "../x", "custom_id": "x"}, "no account id"),
        ({"kind": "Look", "account_id": "12", "custom_id": "x y"}, "holds blanks"),
        ({"kind": "RemoveIdentity", "app": "b", "drop_file": 1}, "drop_file is a int"),
    ],
)
def test_what_does_not_fit_is_refused(packed: dict[str, Any], trouble: str) -> None:
    with pytest.raises(ValueError, match=trouble):
        unpack(packed, HOST)


def test_every_kind_has_a_host() -> None:
    assert all("host" in kind.__dataclass_fields__ for kind in KINDS.values())
