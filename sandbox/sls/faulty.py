"""How an answer goes wrong on its way: late, never, cut off; the work of the HTTP rim."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping

from aiohttp import web

from sandbox.sls.faults import Fault, Kind

# Linger for no time: the close becomes a reset, as a peer that died would send it.
_AT_ONCE = struct.pack("ii", 1, 0)


async def deliver(
    incoming: web.BaseRequest, response: web.Response, fault: Fault | None
) -> web.StreamResponse:
    """The response as the fault lets it through."""
    if fault is None:
        return response
    if fault.kind in {Kind.SLOW, Kind.SILENT}:
        await asyncio.sleep(fault.seconds)  # a server that stops cancels it
    if fault.kind is Kind.CUT:
        return await _half(incoming, response)
    if fault.kind in {Kind.SILENT, Kind.RESET}:
        _reset(incoming)
    return response


async def _half(incoming: web.BaseRequest, response: web.Response) -> web.StreamResponse:
    body = bytes(response.body) if isinstance(response.body, bytes) else b""
    part = web.StreamResponse(status=response.status, headers=_without_length(response.headers))
    part.content_length = len(body) + 1  # also an empty answer must be cut short
    await part.prepare(incoming)
    await part.write(body[: len(body) // 2])
    _reset(incoming)
    return part


def _without_length(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() != "content-length"}


def _reset(incoming: web.BaseRequest) -> None:
    transport = incoming.transport
    if transport is None:  # the client has gone already
        return
    connection = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    transport.abort()
