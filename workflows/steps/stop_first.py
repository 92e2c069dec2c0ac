"""The route that stops the source first: asked with a bound, detached, and all the way back.

From *unbind* to the end of *both* nobody collects. So whatever fails meanwhile takes both back by
itself, the source before anything else. The target's configs have the force flag here too: a config
of the source that is made again after *delete* is younger, and would not get a file back from one
that has none.
"""

from __future__ import annotations

from workflows.errors import NotYet, Red
from workflows.model import Evidence, Facts, Plan
from workflows.step import Context
from workflows.steps import config, cutover, forecast, outlook, reverse
from workflows.steps.agreed import noticed, still_as_agreed
from workflows.steps.delivery import delivered, key
from workflows.steps.roster import still_nobody_else

MARGIN = 1.5  # of what is forecast may be accepted: no two looks see the same
MEANWHILE = (
    "until the target's config is on every host nobody collects: what is written may be lost"
)
NO_BOUND = (
    "Put that right and Retry; or Roll back, and start again without --stop-first: both collect "
    "for a while, and nothing is lost."
)
ANEW = "Retry looks anew and asks anew; or Roll back, and start again without --stop-first."


def plan(context: Context) -> Plan:
    found = [one for row in ("source", "hosts") for one in noticed(context.known.get(row, {}))]
    begins = f"project {context.app.target.project} begins to collect after that"
    return Plan((*cutover.removals(context), MEANWHILE, begins, *found))


def within_bound(context: Context) -> Evidence:
    """For the approval: what a fresh look says may be lost, and the bound that is agreed to.

    A bound that was shown stays as long as the forecast is within it.
    """
    _nothing_changed(context)
    figures = _fresh(context, "lose")
    if open_ := _unbounded(figures):
        raise NotYet(f"how much would be lost cannot be told: {open_}", NO_BOUND)
    accepted = context.known.get("lose?", {}).get("accepted")
    if accepted is None or _above(figures, accepted):
        accepted = _rounded(figures)
        context.jot({"accepted": accepted})
    bound = told(accepted)
    text = "\n".join([bound, *(f"forecast, {line}" for line in outlook.about(context, figures))])
    facts = {"forecast": figures, "accepted": accepted}
    return Evidence(text, outlook.hosts(figures), facts, (bound,))


def _unbounded(figures: Facts) -> str:
    """Why there is no bound that anybody could accept; "" where there is one."""
    if figures["unseen"]:
        return str(figures["unseen"][0])
    if figures["missing"]:
        name, why = next(iter(figures["missing"].items()))
        return f"{name} was not looked at: {why}"
    if figures["cut"]:
        return f"not all files of {figures['cut'][0]} could be looked at"
    unsure = figures["total"]["unsure"]
    return f"how fast {unsure} files grow is not known" if unsure else ""


def told(accepted: Facts) -> str:
    """The bound in a sentence."""
    lost, again = (outlook.amount(accepted[what], accepted) for what in ("lost", "again"))
    return f"up to {lost} may be lost, and up to {again} may be in both accounts"


def _fresh(context: Context, errand: str) -> Facts:
    return forecast.anew(context, context.known["bound"][forecast.FIGURES], errand)


def _above(figures: Facts, accepted: Facts) -> bool:
    return any(figures["total"][what] > accepted[what] for what in ("lost", "again"))


def _rounded(figures: Facts) -> Facts:
    """All of each tail may be repeated: how much of it depends on when the agent has read last."""
    lost, again = figures["total"]["lost"], figures["total"]["overlap"]
    return {"lost": _up(MARGIN * lost), "again": _up(MARGIN * again), "line": figures["line"]}


def _up(count: float) -> int:
    """To two digits."""
    step = int(10 ** max(0, len(str(int(count))) - 2))
    return -(-int(count) // step) * step


def _nothing_changed(context: Context) -> None:
    still_nobody_else(context)
    still_as_agreed(context)


def detach(context: Context, before: Facts) -> None:
    """Looks once more before the first removal: a bot that was down may come to it hours later."""
    groups = reverse.bindings(context, before)
    left = {name: set(was) & set(context.source.groups_of(name)) for name, was in groups.items()}
    if any(left.values()):
        _nothing_changed(context)
    if all(left[name] == set(was) for name, was in groups.items()):
        _still_within(context)
    for name, was in groups.items():
        for group in was:
            context.ours()
            context.source.remove(name, group)


def _still_within(context: Context) -> None:
    accepted, figures = context.known["lose?"]["accepted"], _fresh(context, "unbind")
    if open_ := _unbounded(figures):
        raise NotYet(f"how much would be lost cannot be told: {open_}", NO_BOUND)
    if _above(figures, accepted):
        lost, again = (
            outlook.amount(figures["total"][what], figures) for what in ("lost", "again")
        )
        text = f"{lost} would be lost and {again} repeated, and agreed was: {told(accepted)}"
        raise Red(text, ANEW)


def let_go(context: Context, before: Facts) -> Evidence:
    """Applied to no group, and gone from every host: the source has ended."""
    for one in context.collections:
        if left := context.source.groups_of(one.source):
            raise NotYet(f"config {one.source} is still applied to {', '.join(left)}")
    keys = [key(context.app.source.project, one.source) for one in context.collections]
    results = delivered(context, keys, f"unbind:{before['at']:.0f}", wanted=False)
    held = f"{len(results)} of {len(results)} hosts let go of the source's configs"
    return Evidence(f"{held}; nobody collects until they hold the target's", results)


def withdraw(context: Context, before: Facts) -> str:
    """The source collects again and has what the target received, before the target's config goes.

    Once withdrawing has begun the target receives less, so then nothing is compared any more.
    """
    if "filled" in before and not reverse.target_listed(context):
        said = before["filled"]
    else:
        said = reverse.attach_again(context, {**context.known["unbind"], **before})
        context.keep({"filled": said})
    return f"{said}; {config.withdraw(context, {'configs': config.rows(context, before)})}"


def attach_again(context: Context, before: Facts) -> str:
    """Back in the source; what the target received meanwhile was filled in when it was withdrawn."""
    target = context.known.get("both", {})
    if "configs" in target and "filled" not in target:  # it collected before we came
        return reverse.attach_again(context, before)
    return reverse.attached(context, before)


def would(context: Context, before: Facts) -> str:
    removed = ", ".join(
        f"remove config {name} from {', '.join(groups) or 'no group'}"
        for name, groups in reverse.bindings(context, before).items()
    )
    return f"{removed}, wait until no host holds it"
