"""Who and what is in the workspace: one team, its people, its channels, and the app's bot user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TEAM = {"id": "T0SANDBOX1", "domain": "sandbox", "name": "Sandbox"}
APP_ID = "A0LOGMIG01"
BOT_ID = "B0LOGMIG01"
SLACKBOT = "USLACKBOT"


@dataclass(frozen=True)
class User:
    """A person, or the app's bot user."""

    id: str
    name: str
    real_name: str
    is_bot: bool = False
    is_restricted: bool = False
    is_stranger: bool = False

    def as_slack(self) -> dict[str, Any]:
        """Return the user as users.info shows it."""
        return {
            "id": self.id,
            "team_id": TEAM["id"],
            "name": self.name,
            "real_name": self.real_name,
            "deleted": False,
            "is_bot": self.is_bot,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": False,
            "is_stranger": self.is_stranger,
            "profile": {"real_name": self.real_name, "display_name": self.name},
        }


@dataclass(frozen=True)
class Channel:
    """A channel; every person is in it, the bot only if `bot_is_member`."""

    id: str
    name: str
    is_private: bool = False
    bot_is_member: bool = True

    def as_slack(self) -> dict[str, Any]:
        """Return the channel as conversations.info shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "is_channel": not self.is_private,
            "is_group": self.is_private,
            "is_private": self.is_private,
            "is_archived": False,
            "is_member": self.bot_is_member,
        }

    def scope(self, right: str) -> str:
        """Return the scope that Slack wants for `right` ("read", "history") on this channel."""
        return f"groups:{right}" if self.is_private else f"channels:{right}"


BOT = User("U0LOGMIG01", "logmigrate", "logmigrate", is_bot=True)
USERS = (
    User("U0ALICE001", "alice", "Alice"),
    User("U0BOB00001", "bob", "Bob"),
    User("U0MALLORY1", "mallory", "Mallory"),
)
CHANNELS = (Channel("C0LOGMIG01", "log-migrations"),)
SCOPES = (
    "commands",
    "chat:write",
    "files:write",
    "users:read",
    "channels:read",
    "channels:history",
    "reactions:write",
)
