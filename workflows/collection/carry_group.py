"""The target's machine group: one for all of the app's hosts."""

from __future__ import annotations

from workflows.collection import facts_of
from workflows.collection.cannot import CannotCarry
from workflows.collection.found import Found
from workflows.collection.names import Names
from workflows.collection.reach import part, text
from workflows.model import Facts


def group_body(found: Found, names: Names) -> Facts:
    """Told by the app's custom id, with the topic of the source's groups."""
    return {
        "groupName": names.machine_group,
        "groupType": "",
        "machineIdentifyType": "userdefined",
        "machineList": [names.custom_id],
        "groupAttribute": {"groupTopic": _topic(found), "externalName": ""},
    }


def _topic(found: Found) -> str:
    """Several groups may have several topics; that matters only to a config that writes them."""
    topics = {name: text(part(body, "groupAttribute"), "groupTopic") for name, body in _used(found)}
    if len(set(topics.values())) < 2:
        return next(iter(topics.values()), "")
    writes = [one.name for one in found.configs if facts_of.topic_from_group(one.body)]
    if not writes:
        return ""
    said = ", ".join(f"{name} has {topic!r}" for name, topic in sorted(topics.items()))
    raise CannotCarry(
        f"machine group {min(topics)}",
        "groupAttribute.groupTopic",
        f"config {writes[0]} writes the topic of its group, and the groups differ: {said}; "
        "in the target all hosts are in one group",
        "Make an app for each group in the settings, or give the groups one topic; then Retry.",
    )


def _used(found: Found) -> list[tuple[str, Facts]]:
    groups = {name for config in found.configs for name in config.groups}
    return [(name, body) for name, body in found.groups.items() if name in groups]
