"""Jobs and events as the engine leaves them, and Slack's own judgement of a message."""

from __future__ import annotations

from typing import Any

from slack_sdk.models.blocks import Block

from handlers.blocks import MOST_BLOCKS, Message
from sandbox.slack.reading import render
from workflows.model import Event, EventKind, Evidence, HostResult, Job, JobKind, Plan, Record
from workflows.step import Approval, Context, Step, Workflow

ALICE, BOB, MALLORY = "U0ALICE001", "U0BOB00001", "U0MALLORY1"
NAMES = {ALICE: "alice", BOB: "bob", MALLORY: "mallory"}
AT = 1_700_000_000.0


def _never(context: Context, *before: Any) -> Any:
    raise AssertionError("drawing a job must not run it")


def step(name: str, title: str, costs: str = "", *, looks: bool = False) -> Step:
    return Step(
        name=name, title=title, undo_costs=costs, looks=looks,
        check=_never, do=_never, verify=_never, undo=_never, would=_never,
    )  # fmt: skip


def approval(name: str, title: str) -> Approval:
    return Approval(name=name, title=title, show=_show, green=_green)


def _show(context: Context) -> Plan:
    raise AssertionError("drawing a card must not look at the world")


def _green(context: Context) -> Evidence:
    raise AssertionError("drawing a card must not look at the world")


WORKFLOW = Workflow(
    "toy",
    (
        step("first", "Create the group"),
        approval("go?", "Stop the source?"),
        step("second", "Detach the source", costs="it forgets its position"),
    ),
    also={
        JobKind.DIAGNOSE: (
            step("examine", "Find out why", looks=True),
            approval("fix?", "Put it right?"),
            step("fix", "Put right what was agreed"),
        )
    },
)


def job(**changes: Any) -> Job:
    given = {"id": "7Q2", "app": "app-b", "requested_by": ALICE, "channel": "C0", "created": AT}
    rows = WORKFLOW.rows(changes.get("kind", JobKind.MOVE))
    records = tuple(Record(row.name) for row in rows)
    return Job(**{**given, "records": records, **changes})


def event(kind: EventKind, step: str = "", **more: Any) -> Event:
    return Event(AT, "7Q2", kind, step, **more)


def hosts(number: int, failing: int = 0, said: str = "ok") -> tuple[HostResult, ...]:
    """The last `failing` of them failed."""
    first_bad = number - failing
    return tuple(HostResult(f"h{n}", n < first_bad, said=said) for n in range(number))


def read(message: Message) -> str:
    """What a person sees, after Slack's own limits were checked."""
    accept(message)
    return "\n".join(render({"blocks": list(message.blocks)}, NAMES))


def accept(message: Message) -> None:
    """Fails where Slack would refuse the message or fold it away."""
    parsed = Block.parse_all(list(message.blocks))
    assert None not in parsed
    assert 0 < len([block.to_dict() for block in parsed]) <= MOST_BLOCKS
    assert 0 < len(message.text) <= 4000
    assert message.text.strip()


def buttons(message: Message) -> dict[str, str]:
    """Action id and value of each button."""
    elements = [e for block in message.blocks for e in block.get("elements", [])]
    return {e["action_id"]: e["value"] for e in elements if e["type"] == "button"}
