"""The package, the image and the Slack app, as far as they can be tried without Docker or Slack."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.listing import steps_table
from workflows.logmigrate import LOGMIGRATE

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-run.lock")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def run(*command: str, cwd: Path, **environ: str) -> str:
    ended = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def copied() -> list[str]:
    """What the Dockerfile takes from this folder."""
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", read("Dockerfile"), flags=re.MULTILINE)
    return [name for line in lines for name in line.split()]


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean folder with what the image is built from."""
    folder = tmp_path_factory.mktemp("context")
    for name in copied():
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def wheel(context: Path) -> Path:
    build = ("-m", "pip", "wheel", "--no-index", "--no-deps", "--no-build-isolation", "--quiet")
    run(sys.executable, *build, "--wheel-dir", "dist", ".", cwd=context)
    return next((context / "dist").glob("*.whl"))


def test_the_wheel_holds_all_of_the_product_and_nothing_else(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    product = {
        path.relative_to(ROOT).as_posix()
        for layer in ("bot", "handlers", "workflows")
        for path in (ROOT / layer).rglob("*")
        if path.suffix in {".py", ".lua"}
    }

    assert any(name.endswith(".lua") for name in held)
    assert held == product


def test_the_wheel_runs_where_nothing_of_the_checkout_is(wheel: Path, tmp_path: Path) -> None:
    program = "import sys; from bot.__main__ import main; sys.exit(main(['--version']))"
    said = run(sys.executable, "-c", program, cwd=tmp_path, PYTHONPATH=str(wheel))

    assert said == f"logmigrate {tomllib.loads(read('pyproject.toml'))['project']['version']}\n"


def test_the_wheel_brings_the_command(wheel: Path) -> None:
    points = next(name for name in zipfile.ZipFile(wheel).namelist() if "entry_points" in name)

    assert b"logmigrate = bot.__main__:main" in zipfile.ZipFile(wheel).read(points)


def test_the_image_takes_only_what_dockerignore_lets_through() -> None:
    let_through = {line[1:] for line in read(".dockerignore").splitlines() if line[:1] == "!"}

    assert read(".dockerignore").startswith("*\n")
    assert set(copied()) == let_through


def test_the_image_runs_as_nobody_special_and_says_how_it_is() -> None:
    last_stage = read("Dockerfile").split("\nFROM ")[-1]

    assert re.search(r"^USER 10001:10001$", last_stage, flags=re.MULTILINE)
    assert 'CMD ["logmigrate", "health"]' in last_stage
    assert 'ENTRYPOINT ["logmigrate"]' in last_stage


def pins(lock: str) -> dict[str, set[str]]:
    """Versions by package; some have one for each kind of machine."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9.-]+)==([^ ;]+)", read(lock), flags=re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_versions_and_hashes_and_no_index(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", read(lock).strip())
    line = re.compile(r"[a-z0-9.-]+==\S+( ; [^\\\n]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+")

    assert len(entries) > 20
    assert [entry for entry in entries if not line.fullmatch(entry)] == []


def test_the_image_gets_the_versions_that_were_tested_and_no_tool() -> None:
    everything, image = (pins(lock) for lock in LOCKS)

    assert image.items() <= everything.items()
    assert image.keys() & {"pytest", "mypy", "ruff", "uv", "asyncssh", "rich"} == set()


def wanted(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[><=~ ]", name)[0].lower() for name in requirements}


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    extras = wanted([name for extra in project["optional-dependencies"].values() for name in extra])

    assert wanted(project["dependencies"]) <= pins("requirements-run.lock").keys()
    assert extras <= pins("requirements.lock").keys()


def manifest() -> Any:
    return yaml.safe_load(read("manifest.yaml"))


def test_the_slack_app_asks_for_three_scopes_and_no_more() -> None:
    asked = ["commands", "chat:write", "files:write"]

    assert manifest()["oauth_config"] == {"scopes": {"bot": asked}}


def test_the_slack_app_has_one_command_within_slacks_limits() -> None:
    (command,) = manifest()["features"]["slash_commands"]

    assert command["command"] == "/logmigrate"
    assert len(command["usage_hint"]) <= 1000
    assert len(manifest()["display_information"]["description"]) <= 140
    assert manifest()["settings"]["interactivity"]["is_enabled"] is True
    assert manifest()["settings"]["socket_mode_enabled"] is True


def compose() -> Any:
    return yaml.safe_load(read("compose.yaml"))["services"]


def test_redis_forgets_no_job_to_make_room_and_writes_them_to_disk() -> None:
    redis = compose()["redis"]
    flags = dict(zip(redis["command"][1::2], redis["command"][2::2], strict=True))

    assert flags == {
        "--appendonly": "yes",
        "--appendfsync": "everysec",
        "--maxmemory-policy": "noeviction",
    }
    assert redis["volumes"] == ["redis:/data"]


@pytest.mark.parametrize(("service", "verb"), [("bot", "serve"), ("worker", "work")])
def test_bot_and_worker_are_one_image_with_time_to_end_a_move(service: str, verb: str) -> None:
    found = compose()[service]

    assert found["command"] == [verb]
    assert found["build"] == "."
    assert found["read_only"] is True
    assert all(volume.endswith(":ro") for volume in found["volumes"])
    assert int(found["stop_grace_period"].removesuffix("s")) > 30


def test_make_alone_lists_every_target() -> None:
    targets = re.findall(r"^\.PHONY: (.+)$", read("Makefile"), flags=re.MULTILINE)[0].split()
    listed = [
        line.split()[1] for line in run("make", "--no-print-directory", cwd=ROOT).splitlines()
    ]

    assert sorted(listed) == sorted(targets)


def test_ci_is_a_program() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_manual_shows_the_steps_as_the_program_prints_them() -> None:
    assert steps_table(LOGMIGRATE) in read("docs/operating.md")


def test_the_version_is_the_newest_of_the_changelog() -> None:
    newest = re.search(r"^## (\S+)", read("CHANGELOG.md"), flags=re.MULTILINE)

    assert newest
    assert newest[1] == tomllib.loads(read("pyproject.toml"))["project"]["version"]
