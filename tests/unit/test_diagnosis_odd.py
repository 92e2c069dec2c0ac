"""Whatever a host holds and says, its diagnosis ends, is short, and means nothing to a reader's screen."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.diagnosis_kit import (
    APP_INFO,
    CONFIG,
    IDS,
    RESTARTED,
    USERS,
    Ill,
    app_info,
    log_of,
    without,
)
from workflows.steps.silence.causes import BY_NAME

KEYS = [
    *("ip", "UUID", "logtail_version", "loongcollector_version", "cpu_usage_limit"),
    *("mem_usage_limit", "config_servers", "config_server_address"),
]
TEXT = st.text(max_size=9).filter(lambda text: not re.search("[\ud800-\udfff]", text))
LINE = st.from_regex(
    r"\[[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} "
    r"(cpu_usage:[0-9.]{1,6}\t)?mem_rss:[0-9]{1,400}",
    fullmatch=True,
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=6,
)
BYTES = st.binary(max_size=40) | st.dictionaries(st.sampled_from(KEYS), VALUES).map(
    lambda found: json.dumps(found).encode()
)


@pytest.mark.parametrize(
    "ill",
    [
        Ill(files={APP_INFO: b"[" * 60_000}),
        Ill(files={CONFIG: b'{"a":' * 10_000}),
        Ill(files={APP_INFO: app_info(logtail_version="9" * 5000)}),
        Ill(files={APP_INFO: b'{"ip": "10.0.0.11", "UUID": "\\ud800", "logtail_version": {}}'}),
        Ill(
            files={
                CONFIG: b'{"config_server_address": "x", "cpu_usage_limit": ' + b"9" * 400 + b"}"
            }
        ),
        Ill(agent=log_of(f"{RESTARTED}\tcpu_usage:1.2.3\tmem_rss:{'9' * 300}")),
        Ill(agent=log_of(RESTARTED) | {"last": "[2026-99-99 99:99:99.1] x"}),
        Ill(agent=log_of(f"{RESTARTED}\tmem_rss:1") | {"last": "[2026-99-99 99:99:99.1] x"}),
        Ill(said=lambda said: re.sub("fact date .*", f"fact date {'9' * 400}", said)),
    ],
)
def test_whatever_a_host_holds_its_diagnosis_is_one_of_the_table(ill: Ill) -> None:
    causes = ill.causes

    assert causes
    assert {cause.name for cause in causes} <= BY_NAME.keys()
    assert all(cause.evidence.encode() for cause in causes), "no lone surrogate"


@settings(max_examples=200, deadline=None)
@given(app=BYTES, config=BYTES, log=TEXT | LINE, last=TEXT | LINE, ids=BYTES)
def test_odd_files_and_logs_end_no_diagnosis(
    app: bytes, config: bytes, log: str, last: str, ids: bytes
) -> None:
    files = {APP_INFO: app, CONFIG: config, IDS: ids}

    for cause in Ill(files=files, agent={"log": log, "last": last}).causes:
        assert len(cause.evidence) <= 300
        assert cause.evidence.replace("\n", "").replace("\t", "").isprintable()


def test_terminal_escapes_and_turned_text_are_spelt_out() -> None:
    (cause,) = Ill(files={**without(USERS), f"{USERS}/\x1b[2J\u202eevil\r": b""}).causes

    assert "\\x1b[2J\\u202eevil" in cause.evidence


def test_megabytes_of_last_words_leave_room_for_what_to_do() -> None:
    (cause,) = Ill(refused="x" * 1_000_000).causes

    assert cause.evidence.endswith("x…")
    assert len(cause.evidence) < 300


def test_an_app_info_that_may_not_be_read_is_not_taken_for_silence() -> None:
    ill = Ill(said=lambda said: re.sub("fact app .*", "fact app denied", said))
    (cause,) = ill.causes

    assert cause.name == "not permitted"
    assert cause.evidence.endswith("app_info.json: permission denied")
