"""The Bolt app that requests from Slack come to, through bot/socket_door.py or bot/http_door.py."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException

import structlog
from slack_bolt import App
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.slack import web_client
from workflows.errors import SettingsError, Unavailable

LISTENERS = 32  # Bolt's five would let the sixth command of a busy moment miss its three seconds
FIRST_PAUSE = 1.0  # seconds after the first unanswered auth.test
WRONG_TOKEN = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}
WRONG_TOKEN |= {"not_allowed_token_type", "no_permission", "missing_scope"}

log = structlog.get_logger()


def bolt_app(
    bot_token: str,
    signing_secret: str,
    api_base_url: str,
    patience: float = 60.0,
    ending: threading.Event | None = None,
) -> App:
    """The app, once Slack has accepted its token; tried for `patience` seconds, or until `ending`.

    Raises SettingsError for a wrong token, Unavailable where Slack does not answer.
    """
    ending = ending or threading.Event()
    deadline, pause = time.monotonic() + patience, FIRST_PAUSE
    while True:
        try:
            return _verified_app(bot_token, signing_secret, api_base_url)
        except Unavailable as away:
            if time.monotonic() + pause > deadline:
                raise
            log.warning("starting", why=str(away), again=pause)
            if ending.wait(pause):
                raise
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
        raise refused(error, api_base_url, "slack.bot_token") from error
    # It would write the whole body of a request with a wrong signature into the log.
    logging.getLogger("slack_bolt.RequestVerification").setLevel(logging.WARNING)
    # Bolt gives it the level of all; bot/log.py has set another for what its authors want to know.
    app.logger.setLevel(logging.NOTSET)
    return app


def refused(error: Exception, api_base_url: str, key: str) -> Exception:
    """SettingsError where the token at `key` is wrong, Unavailable for everything that may pass."""
    if isinstance(error, SlackApiError):
        code = str(error.response.get("error"))
        if code in WRONG_TOKEN:
            return SettingsError(f"{key}: Slack does not accept it ({code})")
        return Unavailable(f"asking Slack at {api_base_url}: {code}")
    return Unavailable(f"asking Slack at {api_base_url}: {error}")
