"""What hosts said, as values: pure parsers of what the scripts print."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.errors import StepFailed
from workflows.model import Facts

ABSENT = "-"  # instead of the sum of a file that is not there
LONGEST = 200  # characters of what an agent calls itself; what is longer is none


@dataclass(frozen=True)
class Ledger:
    """What we made on a host, such as `custom app-b`, and which apps use it."""

    made: frozenset[str] = frozenset()
    uses: frozenset[tuple[str, str]] = frozenset()  # app, thing
    was: str = ""  # sum of the id file before our first line

    @classmethod
    def parse(cls, content: bytes) -> Ledger:
        """Lines that it does not know are no trouble: a newer version may have written them."""
        lines = [line.split(" ") for line in content.decode(errors="replace").splitlines()]
        made = frozenset(" ".join(line[1:]) for line in lines if line[0] == "made")
        uses = frozenset((w[1], " ".join(w[2:])) for w in lines if w[0] == "use" and len(w) > 2)
        was = next((line[1] for line in lines if line[0] == "was" and len(line) > 1), "")
        return cls(made, uses, was)

    @property
    def lines(self) -> tuple[bytes, ...]:
        """Our lines in the id file."""
        prefix = "custom "
        made = sorted(thing for thing in self.made if thing.startswith(prefix))
        return tuple(thing.removeprefix(prefix).encode() for thing in made)


@dataclass(frozen=True)
class HostFacts:
    """What a host holds of the identity, and how its agent introduces itself ("" if unknown)."""

    user_file: bool
    users_dir: bool
    ids: tuple[str, ...]  # as the agent reads them: a carriage return or a blank is part of one
    id_file: bool
    ends_in_newline: bool  # or is empty or absent: a line can follow as it is
    listed: bool
    ip: str
    unique_id: str
    version: str
    account_id: str = ""  # what was looked for
    custom_id: str = ""
    sha256: str = ABSENT  # of the id file
    ledger: Ledger = Ledger()

    @classmethod
    def parse(cls, said: str) -> HostFacts:
        """Read the output of Look. Raises StepFailed for a cut answer."""
        facts = fact_lines(said)
        try:
            app = names_in(json_object(content(facts["app"])))
            return cls._of(facts, content(facts["ids"]), app)
        except (KeyError, ValueError) as trouble:
            raise incomplete("the host's identity") from trouble

    @classmethod
    def _of(cls, facts: Mapping[str, str], ids: bytes | None, app: dict[str, str]) -> HostFacts:
        held = ids or b""
        lines = tuple(line for line in held.split(b"\n") if line.strip())
        return cls(
            user_file=facts["user_file"] == "yes",
            users_dir=facts["users_dir"] == "yes",
            ids=tuple(line.decode(errors="backslashreplace") for line in lines),
            id_file=ids is not None,
            ends_in_newline=not held or held.endswith(b"\n"),
            listed=facts["custom_id"].encode() in lines,
            ip=app.get("ip", ""),
            unique_id=app.get("UUID", ""),
            version=app.get("loongcollector_version") or app.get("logtail_version", ""),
            account_id=facts["account"],
            custom_id=facts["custom_id"],
            sha256=sum_of(ids),
            ledger=Ledger.parse(content(facts["ledger"]) or b""),
        )

    def lacks(self, app: str) -> tuple[str, ...]:
        """What the app has to see to; () where both ids are there and nobody can take them away.

        An id that another app made counts only once this app is written down as its user too.
        """
        things = (
            ("account id", self.user_file, f"account {self.account_id}"),
            ("custom id", self.listed, f"custom {self.custom_id}"),
        )
        gone = [f"no {name}" for name, there, _ in things if not there]
        used = [(name, thing) for name, there, thing in things if there and self._made(thing)]
        unsigned = [f"{name} not signed for by {app}" for name, t in used if not self._uses(app, t)]
        return (*gone, *unsigned)

    def before(self, app: str) -> Facts:
        """To be kept until `take_back`: what is there and not the app's to take away.

        `user_file` and `listed` are False where the id is there and another app of ours made it.
        """
        return {
            "user_file": self.user_file and self._fixed(app, f"account {self.account_id}"),
            "listed": self.listed and self._fixed(app, f"custom {self.custom_id}"),
            "users_dir": self.users_dir,
            "id_file": self.id_file,
            "final_newline": self.ends_in_newline,
            "sha256": self.sha256,
        }

    def _made(self, thing: str) -> bool:
        return thing in self.ledger.made

    def _uses(self, app: str, thing: str) -> bool:
        return (app, thing) in self.ledger.uses

    def _fixed(self, app: str, thing: str) -> bool:
        # What an earlier job of the same app made stays for that job to take back.
        return not self._made(thing) or self._uses(app, thing)


def fact_lines(said: str) -> dict[str, str]:
    """The `fact` lines; a login shell may print other lines before them."""
    lines = [line.split(" ", 2) for line in said.splitlines() if line.startswith("fact ")]
    if not lines or lines[-1] != ["fact", "end"]:
        raise incomplete("the host's identity")
    return {words[1]: words[2] for words in lines[:-1] if len(words) == 3}


def content(fact: str) -> bytes | None:
    """The bytes of a file, None where there is none."""
    return None if fact == ABSENT else base64.b64decode(fact.removeprefix("="), validate=True)


def sum_of(content: bytes | None) -> str:
    return ABSENT if content is None else hashlib.sha256(content).hexdigest()


def without_lines(content: bytes, lines: Iterable[bytes]) -> tuple[bytes, ...]:
    """The content without the last of each of these lines: as it stands, and without a newline.

    Which of the two was there before them, only the sum of that can tell.
    """
    kept = content.split(b"\n")
    for line in lines:
        if line in kept[:-1]:
            del kept[len(kept) - 2 - kept[-2::-1].index(line)]
    rest = b"\n".join(kept)
    return rest, rest.removesuffix(b"\n")


def json_object(content: bytes | None) -> dict[str, Any]:
    """{} for what is none: somebody was writing it, or filled it with brackets."""
    try:
        found = json.loads(content or b"{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def names_in(app_info: Mapping[str, Any]) -> dict[str, str]:
    """How the agent introduces itself: the short, printable texts of its app_info.json."""
    texts = {key: value for key, value in app_info.items() if isinstance(value, str)}
    return {k: text for k, text in texts.items() if len(text) <= LONGEST and text.isprintable()}


def incomplete(what: str) -> StepFailed:
    text = f"reading {what}: the answer is not complete"
    return StepFailed(text, "Retry; if it stays so, look at what the login shell prints.")
