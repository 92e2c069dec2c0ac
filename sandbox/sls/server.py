"""The server: a thread of its own, any free port, ready when `start` returns."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Any, Self

from aiohttp import web

from sandbox.clock import Clock
from sandbox.sls import etl_run
from sandbox.sls.accounts import Account
from sandbox.sls.answer import Answer, answer
from sandbox.sls.door import Door
from sandbox.sls.faults import Faults
from sandbox.sls.faulty import deliver
from sandbox.sls.journal import Journal
from sandbox.sls.requests import Request
from sandbox.sls.settings import CrossReads, Delays, Etl, Limits, Unsettled
from sandbox.sls.state import State

HOST = "127.0.0.1"
START_PATIENCE = 20.0
JOBS_PAUSE = 0.25  # real seconds between two looks after the ETL jobs
# A body may be this much over the limit and still be refused by name.
SLACK = 1 << 20


class SlsServer:
    """An SLS of its own on loopback, for clients that use it as their HTTP proxy."""

    def __init__(
        self,
        accounts: tuple[Account, ...],
        clock: Clock | None = None,
        *,
        delays: Delays | None = None,
        limits: Limits | None = None,
        cross_reads: CrossReads = CrossReads.NOT_FOUND,
        etl: Etl | None = None,
        unsettled: Unsettled | None = None,
        port: int = 0,
    ) -> None:
        """Prepare; nothing listens before `start`."""
        self.state = State(
            accounts, clock or Clock(), delays or Delays(), limits or Limits(), cross_reads, etl
        )
        self.state.unsettled = unsettled or Unsettled()
        self.journal = Journal()
        self.faults = Faults()
        self.door = Door(self.state)
        self.port = port
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    @property
    def proxy(self) -> str:
        """What a client sets as its HTTP proxy."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> Self:
        """Listen; returns when ready, raises what kept it from listening."""
        self._ready.clear()
        self._failure = None
        self._thread = threading.Thread(target=self._run, name="sls", daemon=True)
        self._thread.start()
        if not self._ready.wait(START_PATIENCE):
            message = f"starting the SLS server: not ready after {START_PATIENCE:.0f} s"
            raise TimeoutError(message)
        self._raise_failure()
        return self

    def stop(self) -> None:
        """Close all connections and end the thread; raises what ended it before its time."""
        if self._thread is None or self._loop is None or self._stopping is None:
            return
        if self._failure is None:
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._thread = None
        self._raise_failure()

    def reset(self) -> None:
        """Forget all projects, the journal and the faults; accounts stay."""
        self.state.reset()
        self.door.reset()
        self.journal.clear()
        self.faults.clear()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            self._thread = None
            raise self._failure

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that called start
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        runner = web.ServerRunner(self._web_server(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            site = web.TCPSite(runner, HOST, self.port)
            await site.start()
            self.port = int(runner.addresses[0][1])
            self._ready.set()
            async with asyncio.TaskGroup() as beside:
                jobs = beside.create_task(self._run_jobs())
                await self._stopping.wait()
                jobs.cancel()
        finally:
            await runner.cleanup()

    async def _run_jobs(self) -> None:
        while True:
            etl_run.advance(self.state)
            await asyncio.sleep(JOBS_PAUSE)

    def _web_server(self) -> web.Server:
        loop, size = asyncio.get_running_loop(), self.state.limits.put_bytes + SLACK

        def sized(message: Any, payload: Any, *rest: Any) -> web.BaseRequest:
            protocol, writer, task = rest
            return web.BaseRequest(
                message, payload, protocol, writer, task, loop, client_max_size=size
            )

        # What is signed and measured is the body as sent, also where a Content-Encoding is named.
        return web.Server(self._respond, request_factory=sized, auto_decompress=False)

    async def _respond(self, incoming: web.BaseRequest) -> web.StreamResponse:
        _acknowledge(incoming)
        try:
            body, cut = await incoming.read(), False
        except web.HTTPRequestEntityTooLarge:
            body, cut = b"", True
        request = Request(
            method=incoming.method,
            target=incoming.raw_path,
            headers={name.lower(): value for name, value in incoming.headers.items()},
            body=body,
            peer=incoming.remote or "",
            cut=cut,
        )
        # A search may take seconds; everybody else would wait for it.
        ask = asyncio.to_thread if _searches(request) else _at_once
        done = await ask(answer, self.state, self.journal, request, self.faults)
        return await deliver(incoming, _response(done), done.fault)


async def _at_once(call: Callable[..., Answer], *args: Any) -> Answer:
    return call(*args)


def _searches(request: Request) -> bool:
    if request.method == "GET":  # the same `type` under /shards is a pull, which is quick
        asked = request.query.get("type") in {"histogram", "log"}
        return asked and "/shards/" not in request.raw_path
    return request.method == "POST" and request.raw_path.endswith("/logs")


def _acknowledge(incoming: web.BaseRequest) -> None:
    # Clients behind a proxy send head and body in two packets with Nagle's algorithm on;
    # without this every request with a body would wait 40 ms for a delayed acknowledgement.
    transport = incoming.transport
    connection = transport.get_extra_info("socket") if transport is not None else None
    if connection is not None and hasattr(socket, "TCP_QUICKACK"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def _response(done: Answer) -> web.Response:
    return web.Response(
        status=done.status,
        body=done.body,
        headers=done.headers,
        content_type=done.content_type,
    )
