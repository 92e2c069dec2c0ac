"""Inputs that two configs cannot have at once on one host: the second takes lines from the first.

Sources: LoongCollector docs/cn/plugins/input (service-kafka, service-canal, service-syslog,
service-http-server, service-otlp, input-forward).
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.collection.reach import Json, Plugin, plugins

_LISTENS = "only one config can listen at {value!r}"
_WHY = {
    "service_kafka": (
        "ConsumerGroup",
        "two configs in consumer group {value!r} share the messages, so each would get a part",
    ),
    "service_canal": (
        "ServerID",
        "the database hangs up on one of two readers with server id {value!r}",
    ),
    "service_syslog": ("Address", _LISTENS),
    "service_http_server": ("Address", _LISTENS),
    "service_otlp": ("Protocals", _LISTENS),
    "service_skywalking_agent_v3": ("Address", _LISTENS),
    "input_forward": ("Endpoint", _LISTENS),
}
_DEFAULTS = {"service_canal": 125, "service_syslog": "tcp://127.0.0.1:9999"}


@dataclass(frozen=True)
class OnlyOnce:
    """Why, and the field that says so."""

    path: str
    text: str


def why_only_once(body: Json) -> OnlyOnce | None:
    """None where source and target can collect at the same time."""
    why = (_why(plugin) for plugin in plugins(body, "inputs"))
    return next((one for one in why if one), None)


def _why(plugin: Plugin) -> OnlyOnce | None:
    if plugin.kind not in _WHY:
        return None
    key, said = _WHY[plugin.kind]
    value = plugin.options.get(key, _DEFAULTS.get(plugin.kind, ""))
    return OnlyOnce(f"{plugin.at}.{key}", f"{plugin.kind}: {said.format(value=value)}")
