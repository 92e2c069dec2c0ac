"""A Slack on loopback, as strict as Slack where a migration bot can notice."""

from __future__ import annotations

from sandbox.slack.limits import Limits, Pace
from sandbox.slack.people import Channel, User
from sandbox.slack.server import SlackServer

__all__ = ["Channel", "Limits", "Pace", "SlackServer", "User"]
