"""What FileLook finds on a fake host, as the script would print it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from workflows.steps.on_host.file_look import FileLook

USED = "1-00:00:00 00:17:17 30720"  # 0.012 of a core


def listed(
    look: FileLook, files: Mapping[str, bytes], written: Mapping[str, int], now: int
) -> Iterator[str]:
    """`files` are the host's by path; `written` says when, for those that were not just now."""
    rows = [
        f"{written.get(path, now)} {len(held)} 1 {number} {path}"
        for number, (path, held) in enumerate(files.items(), 1)
        if _meant(look, path)
    ]
    agent = look.host.agent_dir
    yield f"date {now}"
    yield f"most {look.most}"
    for name, file in (("app", "app_info.json"), ("config", "ilogtail_config.json")):
        held = files.get(f"{agent}/{file}")
        yield f"{name} {'-' if held is None else _packed(held)}"
    yield f"files {_packed(chr(10).join(sorted(rows, reverse=True)).encode())}"
    if (held := files.get("/tmp/logtail_check_point")) is not None:
        yield f"checkpoint {written.get('/tmp/logtail_check_point', now)} {_packed(held)}"
    yield f"used {USED}"
    yield "cores 2"
    yield "end"


def _meant(look: FileLook, path: str) -> bool:
    folder, _, name = path.rpartition("/")
    each = zip(look.folders, look.patterns, strict=True)
    return any(
        fnmatchcase(f"{folder}/", f"{wanted}/*") and fnmatchcase(name, pattern)
        for wanted, pattern in each
    )


def _packed(held: bytes) -> str:
    return f"={base64.b64encode(held).decode()}"
