"""Which configs are moved: all that feed the app's logstore, and none that the settings did not mean."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from workflows.collection import facts_of
from workflows.collection.forms import Form
from workflows.collection.found import Config
from workflows.errors import Blocked
from workflows.hints import by_settings
from workflows.step import Context


def feeding(context: Context) -> tuple[Config, ...]:
    """The configs that are moved, by name. Raises Blocked where they are not what was named."""
    source, logstore = context.source, context.app.source.logstore
    found = [_config(context, name, form) for name, form in source.configs(logstore)]
    ours = sorted(
        (config for config in found if logstore in facts_of.logstores(config.body)),
        key=lambda config: config.name,
    )
    applied = [replace(one, groups=tuple(sorted(source.groups_of(one.name)))) for one in ours]
    meant = tuple(one for one in applied if _meant(one, context.app.source.configs))
    _as_named(context, [config.name for config in meant])
    return meant


def _meant(config: Config, named: Collection[str]) -> bool:
    """By a config without a group nobody collects: who names the others leaves it where it is."""
    return bool(config.groups) or not named or config.name in named


def _config(context: Context, name: str, form: Form) -> Config:
    body = context.source.config(name, form)
    if body is None:
        text = f"config {name} of project {context.app.source.project} went away while it was read"
        raise Blocked(text, "Retry looks again.")
    return Config(name, form, body)


def _as_named(context: Context, found: list[str]) -> None:
    """The settings name none, or exactly those that feed the logstore."""
    app, side, named = context.app.name, context.app.source, context.app.source.configs
    for name in named:
        if name not in found:
            raise _absent(context, name)
    if not found:
        text = f"no config of project {side.project} feeds logstore {side.logstore}"
        raise Blocked(text, by_settings(f"correct apps.{app}.source.logstore"))
    if named and (more := [name for name in found if name not in named]):
        feed = "feeds" if len(more) == 1 else "feed"
        raise Blocked(
            f"config {', '.join(more)} {feed} logstore {side.logstore} too, so {', '.join(named)} "
            "alone would not be all of it",
            by_settings(
                f"leave apps.{app}.source.config out (every config that feeds it is moved)"
            ),
        )


def _absent(context: Context, name: str) -> Blocked:
    side = context.app.source
    hint = by_settings(f"correct apps.{context.app.name}.source.config or leave it out")
    for form in Form:
        if (body := context.source.config(name, form)) is not None:
            feeds = ", ".join(facts_of.logstores(body)) or "none"
            text = f"config {name} feeds logstore {feeds} and not {side.logstore}"
            return Blocked(text, hint)
    text = f"config {name} does not exist in project {side.project}"
    return Blocked(text, hint)
