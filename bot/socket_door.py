"""Requests from Slack through Socket Mode, and a watch over the connection."""

from __future__ import annotations

import json
import logging
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException
from typing import Any

import structlog
from slack_bolt import App
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.websocket_client import SocketModeClient
from websocket import WebSocketException

from bot.transport import LISTENERS, refused
from workflows.errors import Unavailable

SILENCE = 30.0  # seconds without a sign of Slack before the connection counts as lost
LETTING_GO = 2.0  # seconds for a reader to notice that it shall end
ANSWERING = 2.5  # seconds that an answer may wait for the next connection; Slack waits for 3
POLL = 0.005
CLOSE, GOODBYE = 0x8, struct.pack("!H", 1000)  # RFC 6455: the opcode of a close frame, and "normal"

log = structlog.get_logger()


class _Client(SocketModeClient):
    """Swaps connections at once. The library's reader would sit out ten seconds on the old one."""

    _begun: object = None  # the newest session that its reader has taken up

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._open: set[str] = set()  # envelopes that are being dealt with
        super().__init__(*args, **kwargs)

    def enqueue_message(self, message: str) -> None:
        if envelope := _field(message, "envelope_id"):
            self._open.add(envelope)
        super().enqueue_message(message)

    def is_connected(self) -> bool:
        """A session that is about to be opened counts: the library would open one more beside it."""
        return self.current_session is not self._begun or super().is_connected()

    def _run_current_session(self) -> None:
        self._begun = self.current_session
        super()._run_current_session()  # type: ignore[no-untyped-call]

    def send_message(self, message: str) -> None:
        """Answer on the next connection if the one that asked is gone; the library gives up."""
        _until(self._is_open, ANSWERING)
        super().send_message(message)

    def dealt_with(self, envelope: str) -> None:
        """Answered, or not: the library is silent where nobody listens or a listener broke."""
        self._open.discard(envelope)

    def _is_open(self) -> bool:
        session = self.current_session
        socket_of_it = session.sock if session else None
        return socket_of_it is not None and socket_of_it.connected

    def connect(self) -> None:
        self.let_go()
        super().connect()

    def let_go(self) -> None:
        """End the read under way; closing the socket does not wake its reader."""
        session = self.current_session
        if session is None or session.sock is None or session.sock.sock is None:
            return
        session.on_error = session.on_close = None  # this end is no loss to make good
        with suppress(OSError):
            session.sock.sock.shutdown(socket.SHUT_RD)
        _until(lambda: session.sock is None, LETTING_GO)

    def say_goodbye(self) -> None:
        """Answer what was asked, and only then close: Slack gives what comes later to another bot."""
        _until(lambda: not self._open, ANSWERING)
        session = self.current_session
        connection = session.sock if session else None
        if session is None or connection is None:
            return
        session.on_error = session.on_close = None
        with suppress(OSError, WebSocketException):
            connection.send(GOODBYE, CLOSE)
        # What was on its way is heard out; its answer can no longer be given, what it asks is done.
        _until(lambda: session.sock is None, LETTING_GO)
        _until(lambda: not self._open, ANSWERING)
        # The library leaves the socket open where the other end has said goodbye too.
        connection.shutdown()  # type: ignore[no-untyped-call]

    def close(self) -> None:
        self.auto_reconnect_enabled = False
        self.say_goodbye()
        self.let_go()
        self.current_session_runner.shutdown()  # type: ignore[no-untyped-call]
        super().close()


class _Handler(SocketModeHandler):
    """Bolt's handler with our client; the library's own constructor would start another."""

    client: _Client

    def __init__(self, app: App, app_token: str) -> None:
        self.app, self.app_token = app, app_token
        self.client = _Client(
            app_token, logger=app.logger, web_client=app.client, concurrency=LISTENERS
        )
        self.client.socket_mode_request_listeners.append(self.handle)

    def handle(self, client: Any, req: SocketModeRequest) -> None:
        try:
            super().handle(client, req)
        finally:
            self.client.dealt_with(req.envelope_id)


class SocketDoor:
    """Socket Mode. `lost` is called once if there is no sign of Slack for `silence` seconds."""

    def __init__(
        self, app: App, app_token: str, lost: Callable[[], None], silence: float = SILENCE
    ) -> None:
        self._base_url, self._lost, self._silence = app.client.base_url, lost, silence
        self._hello, self._closing = threading.Event(), threading.Event()
        self._heard = time.time()
        self._client = _Handler(app, app_token).client
        self._client.on_message_listeners.append(self._on_message)
        # It says in its own words, as errors, what the client says of each lost connection.
        logging.getLogger("websocket").setLevel(logging.CRITICAL)
        self._watch = threading.Thread(target=self._watchdog, name="socket-watch", daemon=True)

    def open(self, timeout: float = 30.0) -> None:
        """Connect and return once Slack has said hello. Raises SettingsError or Unavailable."""
        try:
            self._client.connect()
        except (OSError, HTTPException, SlackClientError) as error:
            raise refused(error, self._base_url, "slack.app_token") from error
        if not self._hello.wait(timeout):
            raise Unavailable(f"opening a socket to Slack: no hello in {timeout:.0f} s")
        self._heard = time.time()
        self._watch.start()

    def close(self) -> None:
        """Take nothing new."""
        self._closing.set()
        try:
            self._client.close()
        except Exception as error:  # noqa: BLE001 - the library races with its own reconnects
            log.info("closing the socket to Slack", why=repr(error))

    def _on_message(self, session: object, message: str) -> None:
        del session
        self._heard = time.time()
        if not self._hello.is_set() and _field(message, "type") == "hello":
            self._hello.set()

    def _watchdog(self) -> None:
        # The library notices a closed connection and not a dead one, and may fail to reconnect.
        while not self._closing.wait(min(1.0, self._silence / 4)):
            session = self._client.current_session
            if session is not None:
                self._heard = max(self._heard, session.last_pong_tm)
            if time.time() - self._heard > self._silence:
                log.error("no sign of Slack", seconds=self._silence)
                self._lost()
                return


def _until(true: Callable[[], bool], seconds: float) -> None:
    """Wait until it is true, or the time is up."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not true() and time.monotonic() < deadline:
        pause.wait(POLL)


def _field(message: str, name: str) -> str:
    """That part of a message in JSON, "" where there is none."""
    try:
        return str(json.loads(message).get(name, ""))
    except (ValueError, AttributeError):
        return ""
