"""Every verdict that was given, with its figures. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.model import Facts

# As workflows.proof.comparison keeps them; an older program's may lack some.
ONES = ("engine", "start", "end")
COUNTS = ("late", "overlap", "doubled", "restarts", "repeated", "strange", "size")


def proofs(story: Sequence[Facts]) -> list[Facts]:
    """Of each event whose evidence is a comparison; the minutes and hosts themselves lie there."""
    found = []
    for number, event in enumerate(story, 1):
        facts = event.get("facts", {})
        if compared := facts.get("comparison"):
            said = {"verdict": facts.get("verdict", ""), "why": facts.get("why", "")}
            step = event.get("step", "")
            found.append({"event": number, "step": step, **said, **_summed(compared)})
    return found


def _summed(compared: Facts) -> Facts:
    minutes = compared.get("minutes", ())
    return {
        **{name: compared.get(name, "") for name in ONES},
        "minutes": len(minutes),
        "unequal": sum(not minute["equal"] for minute in minutes),
        "hosts": len(compared.get("hosts", ())),
        "source": sum(minute["source"] for minute in minutes),
        "target": sum(minute["target"] for minute in minutes),
        **{name: compared.get(name, 0) for name in COUNTS},
    }
