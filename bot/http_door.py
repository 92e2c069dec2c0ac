"""Requests from Slack over HTTP: signature first, then Bolt; everything else is turned away."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk.signature import SignatureVerifier
from waitress.server import create_server
from waitress.wasyncore import close_all

from workflows.errors import SettingsError

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

PATH = "/slack/events"  # the Request URL's path, for commands and for buttons
HEALTH = "/healthz"
BODY = 1024 * 1024  # bytes of the longest request; a click carries its whole message
THREADS = 32

log = structlog.get_logger()


class Gate:
    """The WSGI application: only what Slack has signed reaches Bolt."""

    def __init__(self, app: App, signing_secret: str) -> None:
        if not signing_secret:
            raise ValueError("slack.signing_secret: empty, so anybody could press buttons")
        self._bolt = SlackRequestHandler(app, PATH)
        self._verifier = SignatureVerifier(signing_secret)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        where = (environ.get("REQUEST_METHOD"), environ.get("PATH_INFO"))
        if where == ("GET", HEALTH):
            return _say(start_response, HTTPStatus.OK)
        if where != ("POST", PATH):
            return _say(start_response, HTTPStatus.NOT_FOUND)
        body = environ["wsgi.input"].read(BODY + 1)
        if len(body) > BODY:
            return _say(start_response, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not self._signed(environ, body):
            return _say(start_response, HTTPStatus.UNAUTHORIZED)
        # Bolt believes the header, which a chunked request does not have.
        environ |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        return self._dispatch(environ, start_response)

    def _signed(self, environ: WSGIEnvironment, body: bytes) -> bool:
        timestamp = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP")
        signature = environ.get("HTTP_X_SLACK_SIGNATURE")
        try:
            return self._verifier.is_valid(body, timestamp, signature)
        except (ValueError, TypeError):
            # The verifier takes a timestamp for a number and both headers for ASCII.
            return False

    def _dispatch(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return self._bolt(environ, start_response)
        except Exception:
            log.exception("reading a request that Slack signed")
            return _say(start_response, HTTPStatus.BAD_REQUEST)


def _say(start_response: StartResponse, status: HTTPStatus) -> Iterable[bytes]:
    headers = [("Content-Type", "text/plain; charset=utf-8")]
    start_response(f"{status.value} {status.phrase}", headers)
    return [f"{status.phrase}\n".encode()]


def _listening(listen: str) -> socket.socket:
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, int(port)), family=family)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise SettingsError(f"slack.listen: listening on {listen}: {why}") from error


class HttpDoor:
    """Serves the gate on host:port from a thread; port 0 takes any. Raises SettingsError."""

    def __init__(self, gate: Callable[..., Iterable[bytes]], listen: str) -> None:
        self._socket = _listening(listen)
        self.port = int(self._socket.getsockname()[1])
        self._open: dict[int, Any] = {}  # the server's sockets, by file number
        self._server: Any = create_server(
            gate,
            map=self._open,
            sockets=[self._socket],
            threads=THREADS,
            max_request_body_size=BODY,
        )
        self._thread = threading.Thread(target=self._server.run, name="http", daemon=True)

    def open(self) -> None:
        """Answer requests; since construction they were only accepted."""
        self._thread.start()

    def close(self, timeout: float = 5.0) -> None:
        """Take nothing new; requests under way have `timeout` seconds."""
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=timeout)
        if self._thread.is_alive():
            # Its loop must close its sockets itself: it may be waiting on them.
            self._server.trigger.pull_trigger(lambda: close_all(self._open))
            self._thread.join(timeout)
        else:
            close_all(self._open)
