"""Answers of Log Service that are JSON, and not as documented."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.credentials import fixed
from bot.sls import SlsProject, sls_client
from workflows.collection.found import Reader
from workflows.errors import Unavailable

STORE = {"queryList": [{"store": "app-b"}]}


def answering(*answers: tuple[int, Any]) -> SlsProject:
    """A project whose service gives these answers, one after the other."""
    client, left = sls_client("http://sls.example", fixed("LTAI5tOddAnswers", "s3cret")), [*answers]

    def respond(*_: Any) -> tuple[int, bytes, dict[str, str]]:
        status, body = left.pop(0)
        return status, json.dumps(body).encode(), {"x-log-requestid": "R1"}

    client._getHttpResponse = respond  # what the SDK calls for each attempt
    return SlsProject(client, "shop-b", "source")


@pytest.mark.parametrize("charts", [None, [None], "none", [{"search": None}], [{"search": "*"}]])
def test_a_dashboard_of_another_shape_reads_nothing(charts: Any) -> None:
    listed = {"dashboards": ["d1", "d2"], "total": 2, "count": 2}
    reading = {"charts": [{"search": {"logstore": "app-b"}}], "displayName": None}
    sls = answering((200, listed), (200, {"charts": charts}), (200, reading))

    assert sls.readers("app-b", "dashboard") == (Reader("dashboard", "d2"),)


@pytest.mark.parametrize("job", [None, {"name": "a", "configuration": None}, {"name": "a"}])
def test_an_alert_of_another_shape_reads_nothing(job: Any) -> None:
    results = [job, {"name": "b", "displayName": "B", "configuration": STORE}]
    sls = answering((200, {"results": results, "total": 2, "count": 2}))

    assert sls.readers("app-b", "alert") == (Reader("alert", "b", "B"),)


def test_a_name_that_is_no_part_of_a_path_hides_no_other_and_is_listed() -> None:
    listed = {"savedsearches": ["errors/hour", "ok"], "total": 2, "count": 2}
    sls = answering((200, listed), (200, {"logstore": "app-b"}))

    assert sls.readers("app-b", "saved search") == (
        Reader("saved search", "errors/hour", "errors/hour (not looked at, for its name)"),
        Reader("saved search", "ok"),
    )


def test_too_many_requests_are_tried_again_by_themselves() -> None:
    sls = answering((429, {"errorCode": "TooManyRequests", "errorMessage": "slow down"}))

    with pytest.raises(Unavailable, match="TooManyRequests: slow down"):
        sls.shards("app-b")


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_token_that_has_ended_is_renewed_whatever_the_status(status: int) -> None:
    said = "The security token you provided has expired"
    sls = answering((status, {"errorCode": "SecurityTokenExpired", "errorMessage": said}))

    with pytest.raises(Unavailable, match="the temporary credential has ended"):
        sls.shards("app-b")
