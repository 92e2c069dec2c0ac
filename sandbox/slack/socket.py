"""Socket Mode: the connections the app opened, and the envelopes sent down one of them."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import deque
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.slack.delivery import TIMED_OUT, Reply, as_ack
from sandbox.slack.errors import SlackError
from sandbox.slack.people import APP_ID
from sandbox.slack.state import Workspace

# Seconds between Slack's `disconnect` frame and the moment it closes the connection itself.
GRACE = {"warning": 10.0, "refresh_requested": 1.0}


@dataclass
class Line:
    """One open connection; `leaving` once Slack has asked the app to give it up."""

    ws: web.WebSocketResponse
    transport: asyncio.Transport
    leaving: bool = False


class Sockets:
    """The open connections, in turn, and the envelopes that wait for an ack."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lines: deque[Line] = deque()
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self.strays: list[str] = []

    def __len__(self) -> int:
        return sum(not line.ws.closed for line in self._lines)

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection for as long as it lasts; its ticket must be fresh."""
        try:
            self._workspace.tickets.remove(request.query.get("ticket", ""))
        except KeyError:
            raise web.HTTPForbidden(
                text="the ticket is used or unknown: call apps.connections.open"
            ) from None
        ws = web.WebSocketResponse(heartbeat=self._workspace.limits.ping_seconds)
        await ws.prepare(request)
        if len(self) >= self._workspace.limits.connections:
            await ws.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await ws.close()
            return ws
        assert request.transport is not None  # a prepared response has one
        await self._serve(Line(ws, request.transport))
        return ws

    async def deliver(self, kind: str, payload: dict[str, Any]) -> Reply:
        """Send an envelope down one connection; the ack may come back on any other."""
        envelope_id = str(uuid.uuid4())
        envelope = {
            "envelope_id": envelope_id,
            "type": kind,
            "accepts_response_payload": kind == "slash_commands",
            "payload": payload,
        }
        ack = self._waiting[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            await self._next_line().ws.send_json(envelope)
            return Reply(as_ack(await asyncio.wait_for(ack, self._workspace.limits.ack_seconds)))
        except (LookupError, ConnectionError, TimeoutError):
            return Reply(error=TIMED_OUT)
        finally:
            del self._waiting[envelope_id]

    async def refresh(self, reason: str) -> int:
        """Ask the app to give up its connections and return how many; raises unknown_reason."""
        if reason not in GRACE:
            raise SlackError("unknown_reason", there=sorted(GRACE))
        lines = [line for line in self._lines if not line.ws.closed]
        for line in lines:
            line.leaving = True
            await line.ws.send_json({"type": "disconnect", "reason": reason})
            asyncio.get_running_loop().call_later(GRACE[reason], self._close_later, line)
        return len(lines)

    def cut(self) -> int:
        """Break the connections without a word, as a dying network does; return how many."""
        lines = [line for line in self._lines if not line.ws.closed]
        for line in lines:
            line.transport.abort()
        return len(lines)

    async def close(self) -> None:
        """Close every connection; the server stops."""
        for line in list(self._lines):
            await line.ws.close()

    async def _serve(self, line: Line) -> None:
        self._lines.append(line)
        try:
            await line.ws.send_json(self._hello())
            self._workspace.changes.note()
            async for frame in line.ws:
                if frame.type is WSMsgType.TEXT:
                    self._take(frame.data)
        finally:
            self._lines.remove(line)
            self._workspace.changes.note()

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self),
            "debug_info": {"host": "sandbox", "approximate_connection_time": 18060},
            "connection_info": {"app_id": APP_ID},
        }

    def _take(self, frame: str) -> None:
        """Give the ack to who waits for it; what nobody waits for is kept as a stray."""
        try:
            ack = json.loads(frame)
            waiting = self._waiting[ack["envelope_id"]]
            waiting.set_result(ack.get("payload"))
        except (ValueError, KeyError, TypeError, AttributeError, asyncio.InvalidStateError):
            self.strays.append(frame)

    def _next_line(self) -> Line:
        """Return the connection whose turn it is; raises LookupError if there is none."""
        self._lines.rotate(-1)
        lines = [line for line in self._lines if not line.ws.closed]
        return next((line for line in lines if not line.leaving), None) or lines[0]

    def _close_later(self, line: Line) -> None:
        task = asyncio.ensure_future(line.ws.close())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
