"""Every client: lines written, pulled, searched and counted."""

from __future__ import annotations

import time

import pytest
from Tea.exceptions import TeaException

from tests.contract.sls.samples import INDEX, sample
from tests.contract.sls.speakers import Noun, Refused, Speaker, all_but

TEXTS = ["one", "two ways", "naïve 日志 🎈", "a=b&c d+e%20*"]


@pytest.fixture
def logstore(speaker: Speaker) -> str:
    speaker.create(Noun.LOGSTORE, sample(Noun.LOGSTORE, "app"))
    speaker.create_index("app", INDEX)
    return "app"


@all_but("tea", "it reads PullLogs as JSON and there is only protobuf", TeaException)
def test_lines_are_pulled_as_they_were_put(speaker: Speaker, logstore: str) -> None:
    speaker.put(logstore, int(time.time()), TEXTS)

    assert sorted(speaker.pull(logstore)) == sorted(TEXTS)


def test_lines_are_found_and_counted_in_their_time(speaker: Speaker, logstore: str) -> None:
    now = int(time.time())
    speaker.put(logstore, now - 60, TEXTS)
    speaker.put(logstore, now - 600, ["one"])

    assert sorted(speaker.search(logstore, now - 120, now, "*")) == sorted(TEXTS)
    assert speaker.count(logstore, now - 120, now, "*") == 4
    assert speaker.count(logstore, now - 900, now, "*") == 5
    assert speaker.count(logstore, now - 120, now - 90, "*") == 0


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("one", ["one"]),
        ("two and ways", ["two ways"]),
        ('"日志"', ["naïve 日志 🎈"]),
        ("nothing", []),
    ],
)
def test_a_query_means_the_same_in_a_search_and_in_a_count(
    speaker: Speaker, logstore: str, query: str, found: list[str]
) -> None:
    now = int(time.time())
    speaker.put(logstore, now, TEXTS)

    assert speaker.search(logstore, now - 60, now + 60, query) == found
    assert speaker.count(logstore, now - 60, now + 60, query) == len(found)


def test_a_search_without_an_index_is_refused(speaker: Speaker, logstore: str) -> None:
    speaker.delete_index(logstore)
    now = int(time.time())

    for ask in (speaker.search, speaker.count):
        with pytest.raises(Refused) as caught:
            ask(logstore, now - 60, now, "*")
        assert (caught.value.status, caught.value.code) == (400, "IndexConfigNotExist")


def test_lines_of_last_month_are_refused(speaker: Speaker, logstore: str) -> None:
    with pytest.raises(Refused) as caught:
        speaker.put(logstore, int(time.time()) - 30 * 86_400, TEXTS)

    assert (caught.value.status, caught.value.code) == (400, "PostBodyInvalid")
