"""Logstores and indexes, as people send them."""

from __future__ import annotations

from tests.shapes.kit import Body

TOKENS = list(", '\";=()[]{}?@&<>/:\n\t\r")
TEXT = {"type": "text", "token": TOKENS, "caseSensitive": False, "chn": False, "doc_value": True}
SERVICE_KEY = {"enable": True, "encrypt_type": "default"}
OWN_KEY = {"cmk_key_id": "f5136b95", "arn": "acs:ram::1000000000000002:role/kms",
           "region_id": "cn-hangzhou"}  # fmt: skip
LOGSTORES: dict[str, Body] = {
    "the smallest": {"ttl": 30, "shardCount": 2},
    "for ever, without splitting": {"ttl": 3650, "shardCount": 1, "autoSplit": False},
    "splitting by itself": {"ttl": 7, "shardCount": 3, "autoSplit": True, "maxSplitShard": 64},
    "for queries only": {"ttl": 90, "shardCount": 2, "mode": "query"},
    "hot, then cold": {"ttl": 180, "shardCount": 2, "hot_ttl": 30, "infrequentAccessTTL": 60},
    "all of it hot": {"ttl": 30, "shardCount": 2, "hot_ttl": 30},
    "for figures": {"ttl": 30, "shardCount": 2, "telemetryType": "Metrics"},
    "with the sender's address, by web tracking": {
        "ttl": 30, "shardCount": 2, "appendMeta": True, "enable_tracking": True,
    },
    "that may be changed": {"ttl": 30, "shardCount": 2, "enableModify": True},
    "encrypted with a key of the service": {
        "ttl": 30, "shardCount": 2, "encrypt_conf": SERVICE_KEY,
    },
    "encrypted by sm4": {
        "ttl": 30, "shardCount": 2, "encrypt_conf": {"enable": True, "encrypt_type": "sm4"},
    },
}  # fmt: skip
INDEXES: dict[str, Body] = {
    "full text": {"line": {"token": TOKENS, "caseSensitive": False, "chn": False}},
    "full text in chinese, some fields only": {
        "line": {"token": [",", " "], "caseSensitive": True, "chn": True,
                 "include_keys": ["正文", "msg"]},
    },
    "full text without some fields": {
        "line": {"token": [","], "caseSensitive": False, "chn": False, "exclude_keys": ["secret"]},
    },
    "fields of every type": {
        "keys": {
            "级别": TEXT | {"chn": True, "alias": "level"},
            "status": {"type": "long", "doc_value": True, "alias": ""},
            "耗时": {"type": "double", "doc_value": False},
        },
    },
    "json with fields of its own": {
        "line": {"token": TOKENS, "caseSensitive": False, "chn": False},
        "keys": {"body": {
            "type": "json", "token": TOKENS, "caseSensitive": False, "chn": False,
            "index_all": True, "max_depth": -1, "doc_value": True,
            "json_keys": {"user.id": {"type": "long", "doc_value": True, "alias": "uid"},
                          "姓名": {"type": "text", "token": [" "], "doc_value": False}},
        }},
    },
    "clusters of like lines, and long fields": {
        "line": {"token": TOKENS, "caseSensitive": False, "chn": False},
        "keys": {"msg": TEXT}, "log_reduce": True, "log_reduce_white_list": ["msg"],
        "max_text_len": 16384,
    },
    "names that are odd": {
        "keys": {"__tag__:__path__": TEXT, "a.b[0]": TEXT, "with space": TEXT, "type": TEXT},
    },
    "keys that a later version has": {
        "keys": {"msg": TEXT | {"embedding": "m3", "futureOption": {"x": [1]}}},
        "scan_index": False,
    },
}  # fmt: skip
