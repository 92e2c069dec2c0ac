"""Fields of `/pipelineconfigs`.

Sources: API structure LogtailPipelineConfig; LoongCollector docs/cn/plugins (the options of each
plugin) and core/collection_pipeline/GlobalConfig.cpp.
"""

from __future__ import annotations

from workflows.collection.schema.nodes import READ_ONLY, TEXTS, Each, Field, Fields, fields
from workflows.collection.schema.plugins import FLAT

_GLOBAL = Fields(
    fields(
        "TopicFormat Priority PipelineMetaTagKey AgentMetaTagKey AgentEnvMetaTagKey",
        TopicType=Field("", spelled={"none": ""}),
        EnableTimestampNanosecond=False,
        UsingOldContentTag=False,
    )
)
PIPELINE = Fields(
    fields(
        "configName",
        logSample="",
        inputs=Each(FLAT),
        processors=Each(FLAT),
        aggregators=Each(FLAT),
        flushers=Each(FLAT),
        extensions=Each(FLAT),
        task=TEXTS,
        createTime=READ_ONLY,
        lastModifyTime=READ_ONLY,
        **{"global": _GLOBAL},
    )
)
