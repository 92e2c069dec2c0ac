"""Fields of logstores, indexes and machine groups.

Sources: help pages CreateLogStore, CreateIndex, CreateMachineGroup, and the API's models of
2020-12-30.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.collection.schema.nodes import (
    NUMBER,
    READ_ONLY,
    TEXTS,
    Bag,
    Field,
    Fields,
    Named,
    fields,
)

_OWN_KEY = Fields(fields("cmk_key_id arn region_id"))
_ENCRYPTION = Fields(fields("encrypt_type", enable=False, user_cmk_info=_OWN_KEY))
_LOGSTORE = fields(
    "logstoreName enableModify",
    ttl=NUMBER,
    shardCount=NUMBER,
    enable_tracking=False,
    autoSplit=False,
    maxSplitShard=0,
    appendMeta=False,
    telemetryType=Field("", spelled={"None": ""}),
    hot_ttl=NUMBER,
    infrequentAccessTTL=NUMBER,
    mode="standard",
    encrypt_conf=_ENCRYPTION,
    processorId="",
    shardingPolicy=TEXTS,
    createTime=READ_ONLY,
    lastModifyTime=READ_ONLY,
    productType=READ_ONLY,
    resourceGroupId=READ_ONLY,
    resourceQuota=READ_ONLY,
)


_ALL_HOT = (0, -1)  # or as long as ttl; the official client leaves -1 out


@dataclass(frozen=True)
class _Logstore(Fields):
    """Where all of ttl is hot, hot_ttl says nothing."""

    def plain(self, value: Any) -> Any:
        found = Fields.plain(self, value)
        if isinstance(found, Mapping) and found.get("hot_ttl") in (found.get("ttl"), *_ALL_HOT):
            return {key: one for key, one in found.items() if key != "hot_ttl"}
        return found


def idle(*stores: Mapping[str, Any]) -> frozenset[str]:
    """What says nothing in any of these logstores, by whether they split their shards themselves."""
    splits = [bool(store.get("autoSplit")) for store in stores]
    names = {"shardCount": all(splits), "maxSplitShard": not any(splits)}
    return frozenset(name for name, none in names.items() if none)


LOGSTORE = _Logstore(_LOGSTORE)
_WORDS = fields(token=Bag(), caseSensitive=False, chn=False, chn_list=Bag())
_INNER = _WORDS | fields("type doc_value embedding vector_index", alias="")
_INDEX_KEY = Fields(
    _INNER
    | fields(
        index_all=False,
        max_depth=NUMBER,
        json_keys=Named(Fields(_INNER)),
        auto_key_detect=False,
    )
)
_LINE = Fields(
    _WORDS
    | fields(include_keys=Bag(), exclude_keys=Bag(), auto_text_keys=Bag(), auto_key_detect=False)
)
INDEX = Fields(
    fields(
        line=_LINE,
        keys=Named(_INDEX_KEY),
        log_reduce=False,
        log_reduce_white_list=Bag(),
        log_reduce_black_list=Bag(),
        max_text_len=Field(2048, number=True, spelled={0: 2048}),
        scan_index=False,
        ttl=READ_ONLY,
        storage=READ_ONLY,
        index_mode=READ_ONLY,
        lastModifyTime=READ_ONLY,
    )
)
GROUP = Fields(
    fields(
        "groupName machineIdentifyType",
        groupType="",
        machineList=Bag(),
        groupAttribute=Fields(
            fields(
                groupTopic="", externalName="", osType=READ_ONLY, region=READ_ONLY, policy=READ_ONLY
            )
        ),
        createTime=READ_ONLY,
        lastModifyTime=READ_ONLY,
    )
)
