"""Hosts that send log groups: signed beforehand, over one connection each, at their own second."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import lz4.block
from aliyun.log.auth import make_auth
from aliyun.log.credentials import StaticCredentialsProvider

from bench.sls_server import KEY, REGION
from sandbox.sls import wire

HOST = f"web.{REGION}.log.aliyuncs.com"
PATH = "/logstores/app/shards/lb"
LINE = '10.1.2.{0} - - "GET /shop/item/{0}{1}?ref=mail HTTP/1.1" 200 {1} "-" "Mozilla/5.0" {0}ms'


@dataclass
class Tally:
    """What the hosts sent and how it was answered; waits are in seconds."""

    answers: int = 0
    refused: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)


def request_of(host: int, lines: int) -> bytes:
    """PutLogs of one group as it goes over the wire; every other host signs with version 4."""
    raw = group_of(host, lines, int(time.time()))
    body = lz4.block.compress(raw, store_size=False)
    headers: dict[str, Any] = {
        "Host": HOST,
        "Content-Type": "application/x-protobuf",
        "Content-Length": str(len(body)),
        "x-log-apiversion": "0.6.0",
        "x-log-bodyrawsize": str(len(raw)),
        "x-log-compresstype": "lz4",
    }
    version = {"auth_version": "v4", "region": REGION} if host % 2 else {}
    auth = make_auth(StaticCredentialsProvider(KEY.id, KEY.secret), **version)
    auth.sign_request("POST", PATH, {}, headers, body)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {PATH} HTTP/1.1\r\n{head}\r\n".encode() + body


def group_of(host: int, lines: int, now: int) -> bytes:
    """A log group of one second as an agent makes it."""
    logs = [
        (now, {"content": LINE.format(host, n), "level": "ERROR" if n % 50 == 0 else "INFO"})
        for n in range(lines)
    ]
    ip = f"10.0.{host // 250}.{host % 250 + 1}"
    tags = {"__path__": "/var/log/app/access.log", "__hostname__": f"web-{host}"}
    return wire.encode("", ip, tags, logs)


async def send(port: int, requests: list[bytes], seconds: float, *, paced: bool) -> Tally:
    """Let every host send its group each second, or as fast as it is answered, for a time."""
    tally = Tally()
    began = time.monotonic()
    hosts = [
        _host(port, request, began + number / len(requests), began + seconds, tally, paced=paced)
        for number, request in enumerate(requests)
    ]
    await asyncio.gather(*hosts)
    return tally


async def _host(
    port: int, request: bytes, due: float, end: float, tally: Tally, *, paced: bool
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while due < end and time.monotonic() < end + 5:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        began = time.monotonic()
        writer.write(request)
        status = await _answer(reader)
        if status != b"200":
            tally.refused.append(status.decode())
        tally.answers += 1
        tally.waits.append(time.monotonic() - (due if paced else began))
        due = due + 1 if paced else time.monotonic()
    writer.close()
    await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    await reader.readexactly(length)
    return head.split(b" ", 2)[1]
