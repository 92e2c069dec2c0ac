"""A Slack that fails on demand: stands before the emulator and spoils what the product posts."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import Self

import aiohttp
from aiohttp import web

KINDS = ("limited", "500 before", "500 after", "reset before", "reset after")
SPOILED = ("chat.postMessage", "chat.update")


class FaultySlack:
    """Hands each call on; `fail` queues faults, each for one call that says something."""

    def __init__(self, behind: str) -> None:
        self._behind = behind
        self._faults: deque[str] = deque()
        self.fired = 0
        self._port = 0
        self._ready, self._stop = threading.Event(), asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise TimeoutError("starting the faulty Slack: not ready after 10 s")
        return self

    def __exit__(self, *error: object) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def api_base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/api/"

    def fail(self, kind: str, times: int) -> None:
        self._faults.extend([kind] * times)

    def mend(self) -> None:
        self._faults.clear()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self._port = int(runner.addresses[0][1])
        async with aiohttp.ClientSession(trust_env=False) as self._session:
            self._ready.set()
            await self._stop.wait()
        await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body, method = await request.read(), request.match_info["method"]
        fault = self._faults.popleft() if self._faults and method in SPOILED else ""
        self.fired += bool(fault)
        if fault == "limited":
            limited = {"ok": False, "error": "ratelimited"}
            return web.json_response(limited, status=429, headers={"Retry-After": "1"})
        if not fault.endswith("before"):
            headers = {k: v for k, v in request.headers.items() if k.lower() != "host"}
            url = f"{self._behind}{method}?{request.query_string}"
            sent = self._session.request(request.method, url, data=body, headers=headers)
            async with sent as answer:
                said, status, told = await answer.read(), answer.status, answer.headers
        if fault.startswith("500"):
            return web.Response(status=503, text="on demand")
        if fault.startswith("reset"):
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        kept = ("Content-Type", "Retry-After", "X-OAuth-Scopes")
        handed_on = {name: told[name] for name in kept if name in told}
        return web.Response(body=said, status=status, headers=handed_on)
