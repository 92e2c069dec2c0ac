"""What a host said of taking back: what went, what was left and why, and whether it is as before."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.steps.on_host.facts import (
    ABSENT,
    Ledger,
    content,
    fact_lines,
    incomplete,
    sum_of,
    without_lines,
)

UNKNOWN = "?"
ACCOUNT, CUSTOM = "the account id", "the custom id"


@dataclass(frozen=True)
class Removed:
    """`exact`: the id file's bytes are those from before us; None where nothing tells of them.

    Where lines of other apps of ours are still in it, it is judged without those.
    """

    taken: tuple[str, ...] = ()
    left: tuple[str, ...] = ()  # what and why: "the account id, still used by app-a"
    exact: bool | None = None

    @classmethod
    def parse(cls, said: str) -> Removed:
        """Read the output of RemoveIdentity. Raises StepFailed for a cut answer."""
        facts = fact_lines(said)
        try:
            words = ((CUSTOM, facts["line"]), (ACCOUNT, facts["user"]))
            taken = tuple(what for what, word in words if word == "taken")
            left = tuple(text for what, word in words if (text := _left(what, word)))
            return cls(taken, left, _exact(facts, CUSTOM in taken))
        except (KeyError, ValueError) as trouble:
            raise incomplete("what was taken back") from trouble

    @property
    def text(self) -> str:
        """What a person should know; "" where all went and all is as before."""
        others = "somebody else wrote into user_defined_id meanwhile, so only our line went"
        parts = [*(f"left {what}" for what in self.left), *([others] * (self.exact is False))]
        return "; ".join(parts)


def _left(what: str, word: str) -> str:
    if word.startswith("left "):
        return f"{what}, still used by {word.removeprefix('left ')}"
    return f"{what}, since somebody wrote into its file" if word == "written" else ""


def _exact(facts: dict[str, str], taken: bool) -> bool | None:
    was = facts["was"]
    if was == UNKNOWN or "ids" not in facts:
        return None
    held, ledger = content(facts["ids"]), Ledger.parse(content(facts["ledger"]) or b"")
    rests = without_lines(held, ledger.lines) if held is not None else (None,)
    # A file that we made and that other lines of ours still need comes to nothing without them.
    same = was in map(sum_of, rests) or (was == ABSENT and b"" in rests and bool(ledger.lines))
    # Where the line was gone before, an older sum may tell of a time with lines of another app.
    return True if same else (False if taken else None)
