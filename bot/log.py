"""Structured logs on standard error: one line an event, no secret in any of them."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from bot.settings import LogSettings

SECRET_NAME = re.compile(
    r"token|secret|passw|authorization|cookie|api_?key|access_?key|private_?key|signature",
    re.IGNORECASE,
)
SECRET_VALUE = re.compile(
    r"xox[a-z]-[\w-]+"  # Slack: bot, user and refresh tokens
    r"|xapp-[\w-]+"  # Slack: app-level tokens
    r"|\bLTAI\w{8,}|\bSTS\.\w{8,}"  # Alibaba Cloud: access key ids
    r"|\bCAIS[\w+/=-]{16,}"  # and the tokens of temporary ones
    r"|(?<=Token=)[^&\s\"']+|(?<=Signature=)[^&\s\"']+"  # in the address of a request
    r"|(?<=://)[^\s/]{0,200}:[^\s/]{0,200}(?=@)"  # user and password in a URL; it may hold an @
)
HIDDEN = "***"
# What these say at info is of use to their authors; their warnings are of use to an operator.
CALMED = ("slack_bolt", "slack_sdk", "urllib3", "paramiko", "dramatiq", "websocket", "aliyun")


def configure(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's logging through one chain; may be called again."""
    stream = stream or sys.stderr
    structlog.configure(
        processors=[*_common(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_common(), processors=_last(settings.format, stream)
        )
    )
    logging.basicConfig(handlers=[handler], level=settings.level.upper(), force=True)
    logging.captureWarnings(capture=True)
    _calm(settings.level)


def _calm(level: str) -> None:
    for name in CALMED:
        logging.getLogger(name).setLevel("DEBUG" if level == "debug" else "WARNING")


def _common() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,  # job, step and host, where they are bound
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,  # before hide, so that tracebacks are looked at too
    ]


def _last(form: str, stream: TextIO) -> list[Processor]:
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        hide,
        _renderer(form, stream),
    ]


def _renderer(form: str, stream: TextIO) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    return structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def hide(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Put *** in the place of secrets, told by their field's name or by their look."""
    return {key: _hidden(key, value) for key, value in event.items()}


def _hidden(key: str, value: object) -> object:
    if SECRET_NAME.search(key):
        return HIDDEN
    if isinstance(value, str):
        return SECRET_VALUE.sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {str(k): _hidden(str(k), v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_hidden("", item) for item in value]
    return value if isinstance(value, (int, float, type(None))) else _hidden("", str(value))
