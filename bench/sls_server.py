"""A server to measure, in a process of its own on one core: the SLS, or one that only reads.

`python -m bench.sls_server sls|bare LINES_KEPT` prints its port, and ends with its input.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from typing import Any

from aiohttp import web
from aliyun.log import LogClient

from sandbox.sls import Account, Delays, Key, Limits, SlsServer

REGION = "cn-hangzhou"
KEY = Key("bench-key", "bench-secret")
ACCOUNT = Account("1000000000000001", REGION, (KEY,))
SHARDS = 8


def own_core() -> int:
    """The core that the server has to itself, as far as there is another one for the load."""
    return min(os.sched_getaffinity(0))


def other_cores() -> set[int]:
    """Where the load comes from."""
    return os.sched_getaffinity(0) - {own_core()} or {own_core()}


def sls(lines_kept: int) -> SlsServer:
    """An SLS whose logstores take lines at once."""
    delays = Delays(logstore_ready=0, index_effect=0)
    return SlsServer((ACCOUNT,), delays=delays, limits=Limits(lines_kept=lines_kept))


def furnish(server: SlsServer) -> None:
    """Make project `web` and logstore `app`, with as many shards as the load needs."""
    client: Any = LogClient(f"{REGION}.log.aliyuncs.com", KEY.id, KEY.secret)
    client._session.trust_env = False
    client._session.proxies = {"http": server.proxy}
    client.create_project("web", "")
    client.create_logstore("web", "app", shard_count=SHARDS)


def main() -> None:
    kind, lines_kept = sys.argv[1], int(sys.argv[2])
    os.sched_setaffinity(0, {own_core()})
    if kind == "sls":
        with sls(lines_kept) as server:
            furnish(server)
            print(server.port, flush=True)
            sys.stdin.read()
    else:
        asyncio.run(_bare())


async def _bare() -> None:
    """What aiohttp itself costs: a handler that reads the body and says 200."""
    runner = web.ServerRunner(web.Server(_read), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    over, loop = asyncio.Event(), asyncio.get_running_loop()
    threading.Thread(
        target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(over.set)), daemon=True
    ).start()
    await over.wait()
    await runner.cleanup()


async def _read(request: web.BaseRequest) -> web.Response:
    await request.read()
    return web.Response()


if __name__ == "__main__":
    main()
