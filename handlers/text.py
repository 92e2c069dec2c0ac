"""Text for Slack: escaped, dated, and cut where it is too long, so that one sees that it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

SECTION = 2900  # characters; Slack refuses a section text of more than 3,000
FALLBACK = 3500  # characters; Slack advises at most 4,000 for a message's text
LINE = 500  # characters of one line before escaping, which may make it five times as long

# What our own sentences contain and Slack has to read: a person, and a moment in time.
_MARK = re.compile(r"(<@[UW][A-Z0-9]{2,}>|<!date\^\d+\^[^<>|^]+\|[^<>|]+>)")


def safe(text: str) -> str:
    """Nothing in it means anything to Slack any more."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def told(text: str) -> str:
    """Safe, but people and dates stay what they are; never `<!channel>`, never a link."""
    parts = _MARK.split(text)
    return "".join(part if odd % 2 else safe(part) for odd, part in enumerate(parts))


def cut(text: str, limit: int = LINE) -> str:
    """At most `limit` characters of it, and how many are missing."""
    if len(text) <= limit:
        return text
    return f"{text[:limit].rstrip()}… ({len(text) - limit:,} more characters)"


def one_line(text: str, limit: int = LINE) -> str:
    return cut(" ".join(text.split()), limit)


def lines_of(text: str) -> list[str]:
    """Each line of it, cut and safe."""
    return [told(cut(line)) for line in text.strip().splitlines()]


def fit(lines: Sequence[str], limit: int = SECTION) -> str:
    """The lines that fit, and how many do not."""
    whole = "\n".join(lines)
    if len(whole) <= limit:
        return whole
    kept, room = [], limit - len("\n… 1,000,000 more lines")
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join([*kept, f"… {len(lines) - len(kept):,} more lines"])


def pages(lines: Iterable[str], limit: int = SECTION, most: int = 10) -> list[str]:
    """The lines in at most `most` texts of at most `limit` characters each."""
    rest, found = list(lines), list[str]()
    while rest and len(found) < most - 1:
        taken = _fitting(rest, limit)
        found.append("\n".join(rest[:taken]))
        rest = rest[taken:]
    return [*found, fit(rest, limit)] if rest else found


def _fitting(lines: Sequence[str], limit: int) -> int:
    """How many of the lines fit into one text; at least one."""
    length = -1
    for number, line in enumerate(lines):
        length += len(line) + 1
        if length > limit:
            return max(number, 1)
    return len(lines)


def person(user: str) -> str:
    """A mention; what is no user id comes back bare, without a mark that could mean something."""
    if re.fullmatch(r"[UW][A-Z0-9]{2,}", user):
        return f"<@{user}>"
    return re.sub("[<>&]", "", user) or "somebody"


def date(at: float) -> str:
    """A moment as each reader's own clock shows it; seconds since the epoch."""
    utc = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{at:.0f}^{{date_short_pretty}} {{time}}|{utc}>"


def code(text: str) -> str:
    plain = one_line(text, 80).replace("`", "'")
    return f"`{safe(plain)}`"
