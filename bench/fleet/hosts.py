"""The folders of the hosts: as an agent leaves them, and whether they are prepared."""

from __future__ import annotations

import shutil
from pathlib import Path

from bench.fleet.spec import ACCOUNT, CUSTOM_ID, Fleet

APP_INFO = '{"UUID": "0F2C-11EF", "hostname": "h", "ip": "10.0.0.1", "logtail_version": "1.8.0"}\n'


def wipe(fleet: Fleet) -> None:
    """Make every host's folder as an agent leaves it, without any identity."""
    shutil.rmtree(fleet.root, ignore_errors=True)
    for name in fleet.hosts:
        folder = Path(fleet.root, name)
        (folder / "users").mkdir(parents=True)
        (folder / "app_info.json").write_text(APP_INFO, "ascii")


def check(fleet: Fleet, names: tuple[str, ...]) -> None:
    """Raise SystemExit unless each of these hosts holds both ids, and nothing twice."""
    wrong = [name for name in names if not _is_prepared(Path(fleet.root, name))]
    if wrong:
        raise SystemExit(f"looking at the hosts: {len(wrong)} are not prepared, as {wrong[0]}")


def _is_prepared(folder: Path) -> bool:
    file = folder / "user_defined_id"
    lines = file.read_text("ascii").splitlines() if file.exists() else []
    return (folder / "users" / ACCOUNT).exists() and lines == [CUSTOM_ID]
