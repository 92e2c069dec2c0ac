"""What a config of the source is called in the target."""

from __future__ import annotations

from dataclasses import dataclass

PLACEHOLDERS = ("{config}", "{app}")


@dataclass(frozen=True)
class Names:
    """The target's names, as the settings have them; `config_template` has PLACEHOLDERS."""

    app: str
    project: str
    logstore: str
    machine_group: str
    config_template: str
    custom_id: str
    region: str


def target_name(template: str, config: str, app: str) -> str:
    """Each placeholder once; braces in a name that was put in stay what they are."""
    pieces = template.split("{config}")
    return config.join(piece.replace("{app}", app) for piece in pieces)
