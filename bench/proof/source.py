"""A log service that only hands out pages, in a process of its own: as many lines as are wanted.

`python -m bench.proof.source` prints its port and ends with its input. Page n stands at the time
START + 60 n. Nothing is kept but the pages of MINUTES minutes, each made when it is first wanted;
so the lines have no end.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from bench.proof.pages import GROUPS, MINUTES, START, page_of
from bench.sls_server import own_core

made = cache(page_of)


class Handler(BaseHTTPRequestHandler):
    """Shards, cursors and pages; anything else is not implemented."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        asked = {key: values[0] for key, values in parse_qs(where.query).items()}
        if where.path.endswith("/shards"):
            self._say([{"shardID": 0, "status": "readwrite"}])
        elif asked.get("type") == "cursor":
            self._say({"cursor": _cursor((int(asked["from"]) - START) // 60)})
        elif asked.get("type") == "log":
            self._give(int(base64.b64decode(asked["cursor"])))
        else:
            said = {"errorCode": "NotImplemented", "errorMessage": f"{self.path} is not here"}
            self._say(said, 501)

    def _give(self, number: int) -> None:
        page = made(number % MINUTES)
        self._send(
            200,
            page.packed,
            {
                "x-log-cursor": _cursor(number + 1),
                "x-log-count": str(GROUPS),
                "x-log-bodyrawsize": str(page.size),
                "x-log-compresstype": "lz4",
            },
        )

    def _say(self, body: object, status: int = 200) -> None:
        self._send(status, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"x-log-requestid": "0", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads a line for each page."""


def _cursor(number: int) -> str:
    return base64.b64encode(str(number).encode()).decode()


def main() -> None:
    os.sched_setaffinity(0, {own_core()})
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        print(server.server_port, flush=True)
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main()
