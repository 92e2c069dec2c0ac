"""Everything that a person in Slack types, presses or reads. Knows the service, not the world."""

from __future__ import annotations

import re

from slack_bolt import App

from handlers import buttons, command
from handlers.blocks import APPROVE, DECLINE, EXTEND, RETRY, ROLL_BACK
from handlers.command import Seen
from workflows.service import Service

ANYTHING = re.compile(".*", re.DOTALL)


def register(app: App, service: Service, seen: Seen) -> None:
    """Every listener there is; the last two answer what nobody else does."""
    app.command("/logmigrate")(command.listener(service, seen))
    app.action(APPROVE.action_id)(buttons.listener(buttons.approve(service), seen))
    app.action(DECLINE.action_id)(buttons.listener(buttons.decline(service), seen))
    app.action(RETRY.action_id)(buttons.listener(buttons.retry(service), seen))
    app.action(EXTEND.action_id)(buttons.listener(buttons.extend(service), seen))
    app.action(ROLL_BACK.action_id)(buttons.listener(buttons.roll_back(service), seen))
    app.command(ANYTHING)(command.unknown_command)
    app.action(ANYTHING)(buttons.unknown_button)
