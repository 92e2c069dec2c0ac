"""The server: STS at its own address, the metadata service to whoever takes it as HTTP proxy."""

from __future__ import annotations

import json
import threading
import uuid
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from sandbox.sts.actions import Actions
from sandbox.sts.errors import StsError
from sandbox.sts.instance import Instance

HOST = "127.0.0.1"
METADATA = "100.100.100.200"


@dataclass(frozen=True)
class Entry:
    """One request and its answer; `what` is the Action, or the metadata's path."""

    what: str
    status: int
    code: str


@dataclass
class StsServer:
    """One STS for all accounts, and one instance, on a port of loopback.

    With `trouble` set, everything is answered by that status and code.
    """

    actions: Actions
    instance: Instance | None = None
    trouble: tuple[int, str] | None = None
    journal: deque[Entry] = field(default_factory=lambda: deque(maxlen=1000))
    _server: ThreadingHTTPServer | None = None
    _thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Its address, with the scheme; also that of the proxy to the metadata service."""
        if self._server is None:
            raise RuntimeError("the STS server is not started: enter it first")
        return f"http://{HOST}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        """Listen; ready at once."""
        self._server = ThreadingHTTPServer((HOST, 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close the port."""
        if self._server and self._thread:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def answer(self, method: str, target: str, headers: dict[str, str]) -> tuple[int, str, str]:
        """Status, content type and text; the lines of the journal are written here."""
        url = urlsplit(target)
        if headers.get("host") == METADATA:
            found = self.instance.answer(method, url.path, headers) if self.instance else None
            status, text = found or (404, "Not Found")
            self.journal.append(Entry(url.path, status, ""))
            return status, "text/plain", text
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        status, body = self._sts(method, url.path, query)
        self.journal.append(Entry(query.get("Action", ""), status, body.get("Code", "")))
        return status, "application/json", json.dumps(body)

    def _sts(self, method: str, path: str, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        try:
            if self.trouble:
                raise StsError(*self.trouble, "trouble as asked for")
            if (method, path or "/") != ("GET", "/"):
                raise StsError(501, "NotImplemented", f"{method} {path} is no part of this double")
            return 200, self.actions.answer(method, query)
        except StsError as error:
            request = str(uuid.uuid4()).upper()
            said = {"RequestId": request, "HostId": "sts", "Code": error.code}
            return error.status, said | {"Message": error.message}


def _handler(server: StsServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, kind, text = server.answer(self.command, self.path, headers)
            raw = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_PUT = do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Nothing: the journal has it."""

    return Handler
