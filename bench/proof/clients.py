"""What is compared: `python -m bench.proof.clients NAME PORT PAGES` prints how many lines it read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from bench.proof.pages import START
from bot.credentials import fixed
from bot.sls import SlsProject, sls_client
from workflows.proof.cells import Cell, Place

ENDPOINT = "http://cn-hangzhou.log.aliyuncs.com"
PROJECT, LOGSTORE = "shop-a", "app-b"


def ours(client: Any, end: int) -> int:
    """Cells by minute and host, as a comparison keeps them."""
    kept: dict[Place, Cell] = {}
    for page in SlsProject(client, PROJECT, "target").scan(LOGSTORE, START, end):
        for (minute, host, _), cell in page.cells.items():
            place = Place(minute, host)
            kept[place] = kept.get(place, Cell()).plus(cell)
    return sum(cell.lines for cell in kept.values())


def pull_log(client: Any, end: int) -> int:
    """The SDK's loop, asking each page for its number of lines."""
    pages = client.pull_log(PROJECT, LOGSTORE, 0, START, end)
    return sum(page.get_log_count() for page in pages)


def pull_logs(client: Any, end: int) -> int:
    """Page by page, every field of every line read."""
    found, cursor, stop = 0, *(
        client.get_cursor(PROJECT, LOGSTORE, 0, at).get_cursor() for at in (START, end)
    )  # fmt: skip
    while cursor != stop:
        page = client.pull_logs(PROJECT, LOGSTORE, 0, cursor, end_cursor=stop)
        for group in page.get_loggroup_list().LogGroups:
            for log in group.Logs:
                {content.Key: content.Value for content in log.Contents}
                found += 1
        cursor = page.get_next_cursor()
    return found


CLIENTS: Mapping[str, Callable[[Any, int], int]] = {
    "ours": ours,
    "pull_log": pull_log,
    "pull_logs": pull_logs,
}


def main() -> None:
    name, port, pages = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    proxy = f"http://127.0.0.1:{port}"
    client = sls_client(ENDPOINT, fixed("bench-key", "bench-secret"), proxy)
    print(f"lines {CLIENTS[name](client, START + 60 * pages)}")


if __name__ == "__main__":
    main()
