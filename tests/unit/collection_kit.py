"""What tests of collections share."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from workflows.collection.derive import CannotCarry, Names, wanted
from workflows.collection.forms import Form, form_of
from workflows.collection.found import Config, Found

Body = dict[str, Any]
NAMES = Names("cart", "shop-a", "store-a", "hosts-a", "{config}", "cart-b", "cn-shanghai")
STORE: Body = {"logstoreName": "app", "ttl": 90, "shardCount": 3, "createTime": 1}

# Any JSON, with keys that mean something here and there.
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "x", "10", '["a"]']),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Type", "type", "detail", "plugin", "keys", "line", "token", "ttl", "x"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


def config(body: Body, name: str = "c", form: Form | None = None) -> Config:
    return Config(name, form or form_of(body), {"configName": name} | body, ("hosts-b",))


def found(*configs: Config, **more: Any) -> Found:
    groups = {"hosts-b": {"groupName": "hosts-b", "groupAttribute": {"groupTopic": "t"}}}
    said = {"logstore": STORE, "index": None, "shards": 3, "groups": groups} | more
    return Found(owner="2", region="cn-hangzhou", configs=configs, **said)


def refusal(what: Found, names: Names = NAMES) -> tuple[str, str, str, str]:
    with pytest.raises(CannotCarry) as caught:
        wanted(what, names)
    error = caught.value
    assert str(error) == ": ".join((", ".join(filter(None, (error.thing, error.path))), error.text))
    return error.thing, error.path, error.text, error.hint
