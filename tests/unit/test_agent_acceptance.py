"""Agents that accept several configs for one file."""

from __future__ import annotations

import pytest

from sandbox.hosts.matching import Acceptance, choose
from sandbox.hosts.startup import read_acceptance
from sandbox.hosts.understand import read_config
from tests.unit.agent_kit import LOG, delivered

RELEASE = (3, 3, 5)
ALL = Acceptance(several=True, most=3)


def test_the_nearest_and_oldest_come_first_and_those_beyond_the_limit_are_left_out() -> None:
    wanted = {"far": ("/var/log", 1), "c": ("/var/log/app-b", 30), "b": ("/var/log/app-b", 20)}
    wanted["a"] = ("/var/log/app-b", 10)
    configs = [
        read_config(delivered(name, logPath=path, created=at))
        for name, (path, at) in wanted.items()
    ]
    choice = choose(configs, LOG, RELEASE, ALL)

    assert [one.logstore for one in choice.taken] == ["a-store", "b-store", "c-store"]
    assert [one.logstore for one in choice.left_out] == ["far-store"]
    assert choice.rivals == ()


def test_the_force_flag_is_of_no_account_where_all_are_accepted() -> None:
    forced = read_config(delivered("a", created=99, advanced={"force_multiconfig": True}))
    choice = choose([forced, read_config(delivered("b", created=1))], LOG, RELEASE, ALL)

    assert [one.logstore for one in choice.taken] == ["b-store", "a-store"]


@pytest.mark.parametrize(
    ("told", "env", "accepted"),
    [
        ({}, {}, Acceptance(several=False, most=20)),
        ({"accept_multi_config": True}, {}, Acceptance(several=True, most=20)),
        ({"accept_multi_config": "true"}, {}, Acceptance(several=False, most=20)),
        ({}, {"ALIYUN_LOGTAIL_ACCEPT_MULTI_CONFIG": "true"}, Acceptance(several=True, most=20)),
        (
            {"accept_multi_config": False, "max_multi_config": 5},
            {"ALIYUN_LOGTAIL_ACCEPT_MULTI_CONFIG": "true", "ALIYUN_LOGTAIL_MAX_MULTI_CONFIG": "7"},
            Acceptance(several=False, most=5),
        ),
    ],
)
def test_the_file_counts_before_the_environment(
    told: dict[str, object], env: dict[str, str], accepted: Acceptance
) -> None:
    assert read_acceptance(told, env) == accepted
