"""What is pressed: approve, decline, retry, roll back. The ack goes out first, then the service."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, Respond

from handlers.command import Seen
from handlers.errors import answer_to
from workflows.errors import Refused
from workflows.service import Service

log = logging.getLogger(__name__)

Press = Callable[[str, str], object]  # the button's value, the person; raises JobError


def approve(service: Service) -> Press:
    return lambda value, by: service.approve(*_question(value), by)


def decline(service: Service) -> Press:
    return lambda value, by: service.decline(*_question(value), by)


def retry(service: Service) -> Press:
    return lambda value, by: service.retry(_job(value), by)


def extend(service: Service) -> Press:
    return lambda value, by: service.extend(_job(value), by)


def roll_back(service: Service) -> Press:
    return lambda value, by: service.roll_back(_job(value), by)


def listener(press: Press, seen: Seen) -> Callable[..., None]:
    """A success needs no answer: the message itself changes. A refusal only the presser reads."""

    def pressed(ack: Ack, body: Mapping[str, Any], respond: Respond) -> None:
        ack()
        if text := outcome(press, seen, body):
            _tell(respond, text)

    return pressed


def unknown_button(ack: Ack, body: Mapping[str, Any], respond: Respond) -> None:
    ack()
    log.warning("a button that nobody knows: %s", _action(body).get("action_id"))
    _tell(respond, "logmigrate does not know this button any more. Use the newest message.")


def outcome(press: Press, seen: Seen, body: Mapping[str, Any]) -> str:
    """Carry the press out once; "" or what the presser should read. Never raises."""
    action = _action(body)
    try:
        if seen(str(body["trigger_id"])):
            return ""
        press(str(action.get("value", "")), body["user"]["id"])
    except Exception as error:  # noqa: BLE001 - whoever pressed must read an answer
        return answer_to(error, f"pressing {action.get('action_id')}")
    return ""


def _action(body: Mapping[str, Any]) -> Mapping[str, Any]:
    actions = body.get("actions") or [{}]
    return actions[0] if isinstance(actions[0], Mapping) else {}


def _question(value: str) -> tuple[str, str, str]:
    """Job, approval and the digest of what was shown."""
    parts = value.split(":")
    if len(parts) != 3 or not all(parts):
        raise _garbled()
    return parts[0], parts[1], parts[2]


def _job(value: str) -> str:
    if not value or ":" in value:
        raise _garbled()
    return value


def _garbled() -> Refused:
    return Refused("This button carries no job.", "Use the newest message of the job.")


def _tell(respond: Respond, text: str) -> None:
    try:
        answered = respond(text=text, response_type="ephemeral", replace_original=False)
    except Exception:
        log.exception("telling whoever pressed: %s", text)
        return
    if answered.status_code != 200:
        log.error("telling whoever pressed: Slack answered %s to %s", answered.status_code, text)
