"""One config for the target: the source's with other names, another place, and the force flag.

The agent lets every forced config collect beside the one best other
(LoongCollector core/file_server/ConfigManager.cpp, FindMatchWithForceFlag), so the source's own
config needs no change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from workflows.collection import facts_of
from workflows.collection.cannot import CannotCarry
from workflows.collection.exclusive import why_only_once
from workflows.collection.forms import Form, form_of
from workflows.collection.found import Config, Found
from workflows.collection.names import Names
from workflows.collection.reach import Json, Plugin, part, plugins, text
from workflows.model import Facts

_READ_ONLY = ("createTime", "lastModifyTime", "modifyTime")
_OF_SOURCE = ("endpoint", "region", "projectName")
_REPORTS = ("data_integrity", "line_count")  # ConfigManagerBase.cpp of 1.8.8, customized_fields
_CREATED_AS = {"streamlog": "syslog"}  # as the service calls a syslog input when it is read
_REGIONAL = re.compile(r"((?:https?://)?)([a-z0-9-]+?)((?:-intranet|-internal|-share)?\.log\..+)")


def restorable(body: Json) -> Facts:
    """The config as it can be created again: without what the service sets by itself."""
    kept = {key: value for key, value in body.items() if key not in _READ_ONLY}
    kind = text(body, "inputType")
    return {**kept, "inputType": _CREATED_AS[kind]} if kind in _CREATED_AS else kept


def config_body(config: Config, found: Found, name: str, names: Names) -> Facts:
    """Raises CannotCarry for what would not be the same."""
    _check(f"config {config.name}", config, found)
    body = restorable(config.body) | {"configName": name}
    if config.form is Form.CLASSIC:
        return body | _classic(body, names)
    return body | _pipeline(body, found.region, names)


def _check(thing: str, config: Config, found: Found) -> None:
    _check_shape(thing, config)
    if why := why_only_once(config.body):
        hint = "Move this config by hand: delete it in the source, create it in the target."
        raise CannotCarry(thing, why.path, why.text, hint)
    logstore = text(found.logstore, "logstoreName")
    for path, store in facts_of.destinations(config.body):
        if store != logstore:
            said = f"it writes to logstore {store!r}, the app's is {logstore}"
            hint = "Correct the app's source.logstore or source.config, or split the config."
            raise CannotCarry(thing, path, said, hint)
    for plugin in plugins(config.body, "flushers"):
        _check_flusher(thing, plugin, nested=config.form is Form.CLASSIC)
    for name in _REPORTS:
        _check_report(thing, name, part(config.body, "inputDetail", "customizedFields", name))


def _check_shape(thing: str, config: Config) -> None:
    hint = "Repair the config in the source, then Retry."
    if form_of(config.body) is not config.form:
        said = f"it was read as {config.form} and is none"
        raise CannotCarry(thing, "", said, hint)
    for family in ("inputs", "flushers") if config.form is Form.PIPELINE else ():
        if not _are_objects(config.body.get(family)):
            raise CannotCarry(thing, family, "it is no list of objects", hint)
    if config.form is Form.CLASSIC:
        detail = config.body.get("inputDetail")
        if not isinstance(detail, Mapping):
            raise CannotCarry(thing, "inputDetail", "it is no object", hint)
        if not isinstance(detail.get("advanced") or {}, Mapping):
            said = "it is no object, so there is no place for the force flag"
            raise CannotCarry(thing, "inputDetail.advanced", said, hint)


def _check_report(thing: str, name: str, report: Json) -> None:
    if report.get("switch") is not True:
        return
    project = text(report, "project_name") or "of the agent's default"
    said = f"it writes its figures to project {project}, past outputDetail"
    hint = "Switch it off in the source, then Retry."
    raise CannotCarry(thing, f"inputDetail.customizedFields.{name}", said, hint)


def _are_objects(listed: Any) -> bool:
    if not isinstance(listed, list):
        return False
    return bool(listed) and all(isinstance(one, Mapping) for one in listed)


def _check_flusher(thing: str, flusher: Plugin, *, nested: bool) -> None:
    hint = "Give what goes elsewhere a config of its own in the source, then Retry."
    options = flusher.options
    if flusher.kind != "flusher_sls":
        said = f"it writes by {flusher.kind} too, and in the target would do so once more"
        raise CannotCarry(thing, flusher.at, said, hint)
    if nested and options:
        said = "a flusher with options of its own goes past outputDetail"
        raise CannotCarry(thing, flusher.at, said, hint)
    if options.get("Workspace"):
        said = f"workspace {options['Workspace']} is the source account's"
        raise CannotCarry(thing, f"{flusher.at}.Workspace", said, hint)


def _classic(body: Facts, names: Names) -> Facts:
    detail, output = body["inputDetail"], part(body, "outputDetail")
    placed = {key: value for key, value in output.items() if key not in _OF_SOURCE}
    placed["logstoreName"] = names.logstore
    if not facts_of.forceable(body):
        return {"outputDetail": placed}
    advanced = {**part(detail, "advanced"), "force_multiconfig": True}
    return {"outputDetail": placed, "inputDetail": {**detail, "advanced": advanced}}


def _pipeline(body: Facts, region: str, names: Names) -> Facts:
    return {
        "inputs": [_forced(one) for one in body["inputs"]],
        "flushers": [_flusher(one, region, names) for one in body["flushers"]],
    }


def _forced(plugin: Facts) -> Facts:
    known = plugin.get("Type") in facts_of.FORCEABLE
    return {**plugin, facts_of.FORCE: True} if known else plugin


def _flusher(source: Json, region: str, names: Names) -> Facts:
    """Project and account go, for they follow from where the config lies."""
    kept: dict[str, Any] = {k: v for k, v in source.items() if k not in ("Project", "Aliuid")}
    kept["Logstore"] = names.logstore
    if "Region" in kept:
        kept["Region"] = names.region
    if "Endpoint" in kept:
        kept.pop("Endpoint")
        if endpoint := _endpoint(text(source, "Endpoint"), region, names.region):
            kept["Endpoint"] = endpoint
    return kept


def _endpoint(source: str, region: str, wanted: str) -> str:
    """The same kind of endpoint for the target's region; "" where it is nobody else's."""
    if source == "log-global.aliyuncs.com":
        return source
    found = _REGIONAL.fullmatch(source)
    return f"{found[1]}{wanted}{found[3]}" if found and found[2] == region else ""
