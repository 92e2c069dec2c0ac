"""Since when the target's config is live, and which file came there when."""

from __future__ import annotations

from workflows.collection.forms import Form
from workflows.proof.starts import Starts
from workflows.step import Context
from workflows.steps.around import addresses

BACK = 3600  # seconds before the first minute that are read at most


def live(context: Context, start: int) -> int:
    """When the first of the target's configs was made; 0 where that was too long before `start`."""
    rows = context.known.get("both", {}).get("configs", ())
    bodies = (context.target.config(row["target"], Form(row["form"])) for row in rows)
    made = min((int(body.get("createTime", 0)) for body in bodies if body), default=0)
    return made if start - made <= BACK else 0


def heads(context: Context, starts: Starts, end: int) -> None:
    """What the target received first of each file, before `end`."""
    if not starts.live or starts.live >= end:
        return
    names, logstore = addresses(context), context.app.target.logstore
    for page in context.target.scan(logstore, starts.live, end):
        for (host, file), at in page.begun.items():
            if name := names.get(host):
                starts.saw(name, file, at)
