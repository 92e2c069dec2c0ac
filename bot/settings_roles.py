"""The part of an app's settings that names the roles by which the service copies its past."""

from __future__ import annotations

from bot.settings_read import Table
from workflows.apps import Roles

ROLES = ("source_role", "target_role")
ARN = (
    r"acs:ram::[0-9]+:role/[A-Za-z0-9.-]{1,64}",
    "it must be the ARN of a RAM role: acs:ram::<account id>:role/<name>",
)


def read_roles(table: Table) -> Roles:
    """Both, or none: then the bot itself pulls and writes."""
    source, target = (table.matching(key, *ARN, "") for key in ROLES)
    for key, given, other in ((ROLES[0], source, target), (ROLES[1], target, source)):
        if other and not given:
            raise table.wrong(key, "missing beside the other; set both roles, or none")
    return Roles(source, target)
