"""How requests from Slack come in: the Bolt app, and the socket it listens on (bot/http_door.py: HTTP)."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException

import structlog
from slack_bolt import App
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.slack import web_client
from workflows.errors import SettingsError, Unavailable

LISTENERS = 32  # Bolt's five would let the sixth command of a busy moment miss its three seconds
FIRST_PAUSE = 1.0  # seconds after the first unanswered auth.test
SILENCE = 30.0  # seconds without a sign of Slack before the connection counts as lost
WRONG_TOKEN = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}
WRONG_TOKEN |= {"not_allowed_token_type", "no_permission", "missing_scope"}

log = structlog.get_logger()


def bolt_app(bot_token: str, signing_secret: str, api_base_url: str, patience: float = 60.0) -> App:
    """The app, once Slack has accepted its token; tried again for `patience` seconds.

    Raises SettingsError for a wrong token, Unavailable where Slack does not answer.
    """
    deadline, pause = time.monotonic() + patience, FIRST_PAUSE
    while True:
        try:
            return _verified_app(bot_token, signing_secret, api_base_url)
        except Unavailable as away:
            if time.monotonic() + pause > deadline:
                raise
            log.warning("starting", why=str(away), again=pause)
        threading.Event().wait(pause)
        pause *= 2


def _verified_app(bot_token: str, signing_secret: str, api_base_url: str) -> App:
    """Bolt asks auth.test here, so that no command has to wait for it later."""
    client = web_client(bot_token, api_base_url)
    try:
        client.auth_test()
        app = App(
            client=client,
            signing_secret=signing_secret,
            listener_executor=ThreadPoolExecutor(LISTENERS, "listener"),
        )
    except (OSError, HTTPException, SlackClientError) as error:
        raise _refused(error, api_base_url, "slack.bot_token") from error
    # It would write the whole body of a request with a wrong signature into the log.
    logging.getLogger("slack_bolt.RequestVerification").setLevel(logging.WARNING)
    return app


def _refused(error: Exception, api_base_url: str, key: str) -> Exception:
    if isinstance(error, SlackApiError):
        code = str(error.response.get("error"))
        if code in WRONG_TOKEN:
            return SettingsError(f"{key}: Slack does not accept it ({code})")
        return Unavailable(f"asking Slack at {api_base_url}: {code}")
    return Unavailable(f"asking Slack at {api_base_url}: {error}")


class SocketDoor:
    """Socket Mode. `lost` is called once if there is no sign of Slack for `silence` seconds."""

    def __init__(
        self, app: App, app_token: str, lost: Callable[[], None], silence: float = SILENCE
    ) -> None:
        self._base_url, self._lost, self._silence = app.client.base_url, lost, silence
        self._hello, self._closing = threading.Event(), threading.Event()
        self._heard = time.time()
        self._handler = SocketModeHandler(app, app_token, concurrency=LISTENERS)
        self._handler.client.on_message_listeners.append(self._on_message)
        self._watch = threading.Thread(target=self._watchdog, name="socket-watch", daemon=True)

    def open(self, timeout: float = 30.0) -> None:
        """Connect and return once Slack has said hello. Raises SettingsError or Unavailable."""
        try:
            self._handler.client.connect()
        except (OSError, HTTPException, SlackClientError) as error:
            raise _refused(error, self._base_url, "slack.app_token") from error
        if not self._hello.wait(timeout):
            raise Unavailable(f"opening a socket to Slack: no hello in {timeout:.0f} s")
        self._watch.start()

    def close(self) -> None:
        """Take nothing new."""
        self._closing.set()
        self._handler.client.auto_reconnect_enabled = False
        self._interrupt()
        try:
            self._handler.client.close()
        except Exception as error:  # noqa: BLE001 - the library races with its own reconnects
            log.info("closing the socket to Slack", why=repr(error))

    def _interrupt(self) -> None:
        """End the read under way first: it would sit out ten seconds on a socket that is closed."""
        client = self._handler.client
        session = client.current_session
        if session is None or session.sock is None or session.sock.sock is None:
            return
        session.on_error = None  # the end that comes now is none
        with suppress(OSError):
            session.sock.sock.shutdown(socket.SHUT_RD)
            client.current_session_runner.shutdown()  # type: ignore[no-untyped-call]

    def _on_message(self, session: object, message: str) -> None:
        del session
        self._heard = time.time()
        if not self._hello.is_set() and _type(message) == "hello":
            self._hello.set()

    def _watchdog(self) -> None:
        # The library notices a closed connection and not a dead one, and may fail to reconnect.
        while not self._closing.wait(min(1.0, self._silence / 4)):
            session = self._handler.client.current_session
            if session is not None:
                self._heard = max(self._heard, session.last_pong_tm)
            if time.time() - self._heard > self._silence:
                log.error("no sign of Slack", seconds=self._silence)
                self._lost()
                return


def _type(message: str) -> str:
    try:
        return str(json.loads(message).get("type"))
    except (ValueError, AttributeError):
        return ""
