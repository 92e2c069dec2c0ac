"""Raw JSON of the service: what is carried from the source's objects to the target's, and compared."""

from __future__ import annotations

from typing import Any

from workflows.apps import App
from workflows.errors import Blocked
from workflows.model import Facts

LOGSTORE_KEYS = (
    "ttl",
    "shardCount",
    "autoSplit",
    "maxSplitShard",
    "enable_tracking",
    "appendMeta",
    "mode",
    "hot_ttl",
    "telemetryType",
    "infrequentAccessTTL",
)
MOST_SHARDS = 10  # CreateLogstore takes 1 to 10; a split source may list more
INDEX_READ_ONLY = frozenset({"ttl", "index_mode", "storage", "lastModifyTime"})
CONFIG_READ_ONLY = frozenset({"createTime", "lastModifyTime"})
OUTPUT_OF_SOURCE = frozenset({"endpoint", "region", "projectName", "logstoreName"})
TOKENS = [",", " ", "'", '"', ";", "=", "(", ")", "[", "]", "{", "}", "?", "@", "&"]
TOKENS += ["<", ">", "/", ":", "\n", "\t", "\r"]
FULL_TEXT: Facts = {"line": {"token": TOKENS, "caseSensitive": False, "chn": False}}


def logstore_body(source: Facts, name: str) -> Facts:
    """The target's logstore with the settings of the source's."""
    if source.get("encrypt_conf", {}).get("enable"):
        raise Blocked(
            f"logstore {source.get('logstoreName')} is encrypted with a key of the source account",
            f"Create logstore {name} in the target with a key of its own, then start again.",
        )
    body = {key: source[key] for key in LOGSTORE_KEYS if key in source}
    body["shardCount"] = min(int(body.get("shardCount", 2)), MOST_SHARDS)
    return {**body, "logstoreName": name}


def index_body(source: Facts | None) -> Facts:
    """The source's index, or the full-text default where the source has none."""
    if source is None:
        return FULL_TEXT
    return {key: value for key, value in source.items() if key not in INDEX_READ_ONLY}


def group_body(app: App) -> Facts:
    return {
        "groupName": app.target.machine_group,
        "groupType": "",
        "machineIdentifyType": "userdefined",
        "machineList": [app.custom_id],
        "groupAttribute": {"groupTopic": "", "externalName": ""},
    }


def config_body(source: Facts, app: App) -> Facts:
    """The target's config: the source's with other names, and the force flag.

    The agent lets every forced config collect beside the one best other
    (LoongCollector core/file_server/ConfigManager.cpp, FindMatchWithForceFlag), so the source's
    config needs no change.
    """
    if source.get("inputType") != "file":
        raise Blocked(
            f"config {app.source.config} has input type {source.get('inputType')!r}",
            "Only file collection is moved; move this config by hand.",
        )
    body = restorable(source)
    inputs = dict(body["inputDetail"])
    inputs["advanced"] = {**inputs.get("advanced", {}), "force_multiconfig": True}
    output = {k: v for k, v in body.get("outputDetail", {}).items() if k not in OUTPUT_OF_SOURCE}
    output["logstoreName"] = app.target.logstore
    names = {"configName": app.target.config, "inputDetail": inputs, "outputDetail": output}
    return {**body, **names}


def restorable(config: Facts) -> Facts:
    """The config without what the service sets by itself."""
    return {key: value for key, value in config.items() if key not in CONFIG_READ_ONLY}


def difference(wanted: Any, found: Any, path: str = "") -> str:
    """Path of the first key of `wanted` that `found` does not hold; "" where it holds them all.

    Keys that only `found` has are defaults of the service.
    """
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key, value in wanted.items():
            if where := difference(value, found.get(key), f"{path}.{key}" if path else key):
                return where
        return ""
    return "" if wanted == found else path or "the whole"
