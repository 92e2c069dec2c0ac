"""RAM policies and roles as documents: what they allow, and what is refused when they are read."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.sls import Account, Key, Policy, Role, ram

WEB = "acs:log:cn-hangzhou:1000000000000002:project/web"
ROLE = "acs:ram::1000000000000002:role/etl-reader"


def document(*statements: tuple[str, Any, Any]) -> dict[str, Any]:
    listed = [{"Effect": e, "Action": a, "Resource": r} for e, a, r in statements]
    return {"Version": "1", "Statement": listed}


def policy(*statements: tuple[str, Any, Any]) -> Policy:
    return Policy.of(document(*statements))


def trust(principal: Any, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal} | more
    return {"Version": "1", "Statement": [statement]}


@pytest.mark.parametrize(
    ("action", "resource", "is_allowed"),
    [
        ("*", "*", True),
        ("log:Get*", "*", True),
        ("log:GetLogStor?", "*", True),
        ("log:GetLogStore?", "*", False),
        ("log:getlogstore", "*", False),
        ("log:List*", "*", False),
        (["log:ListShards", "log:GetLogStore"], ["acs:oss:*:*:*", f"{WEB}/logstore/app"], True),
        ("log:*", "acs:log:*:*:project/*", True),
        ("log:*", "acs:log:*:*:project/w?b/logstore/*", True),
        ("log:*", WEB, False),
        ("log:*", f"{WEB}/logstore/ap", False),
        ("log:*", f"{WEB}/logstore/app/*", False),
        ("log:*", "acs:log:cn-shanghai:*:project/web/logstore/app", False),
        ("log:*", "acs:log:*:1000000000000001:project/web/logstore/app", False),
        ("log:GetLogStor[e]", "*", False),
    ],
)
def test_wildcards_stand_for_any_text_or_one_character(
    action: Any, resource: Any, is_allowed: bool
) -> None:
    found = ram.allowed(
        [policy(("Allow", action, resource))], "log:GetLogStore", f"{WEB}/logstore/app"
    )

    assert found is is_allowed


def test_a_deny_of_any_policy_wins_over_every_allow() -> None:
    both = [
        policy(("Deny", "log:Delete*", "*")),
        policy(("Allow", "log:*", "*"), ("Allow", "log:DeleteLogStore", WEB)),
    ]

    assert not ram.allowed(both, "log:DeleteLogStore", WEB)
    assert ram.allowed(both, "log:GetLogStore", WEB)


def test_what_no_policy_names_is_denied() -> None:
    assert not ram.allowed([policy(("Deny", "log:GetIndex", "*"))], "log:GetLogStore", WEB)


def test_an_action_without_permissions_by_resource_is_allowed_on_the_asterisk_only() -> None:
    action, config = "log:DeleteConfig", f"{WEB}/logtailconfig/nginx"
    named, all_of_them = policy(("Allow", action, config)), policy(("Allow", action, "*"))
    but_one = policy(("Deny", action, config))

    assert not ram.allowed([named], action, config, whole=True)
    assert not ram.allowed([policy(("Allow", action, "acs:log:*"))], action, config, whole=True)
    assert ram.allowed([all_of_them], action, config, whole=True)
    assert not ram.allowed([all_of_them, but_one], action, config, whole=True)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"Condition": {"IpAddress": {"acs:SourceIp": "10.0.0.1"}}}, "Condition"),
        ({"NotAction": "log:Delete*"}, "NotAction"),
        ({"NotResource": "*"}, "NotResource"),
        ({"Principal": {"RAM": ["*"]}}, "Principal"),
        ({"Effect": "allow"}, "'allow' is neither Allow nor Deny"),
        ({"Action": []}, "an Action"),
        ({"Action": "GetLogStore"}, "'GetLogStore' is not <service>:<action>"),
        ({"Resource": ["project/web"]}, "'project/web' is neither"),
        ({"Resource": [1]}, "a Resource"),
    ],
)
def test_a_statement_that_ram_would_not_take_is_refused_by_name(
    change: dict[str, Any], named: str
) -> None:
    statement = {"Effect": "Allow", "Action": "log:*", "Resource": "*"} | change

    with pytest.raises(ValueError, match="reading a") as refused:
        Policy.of({"Version": "1", "Statement": [statement]})
    assert named in str(refused.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"Statement": []},
        {"Version": "2012-10-17", "Statement": [{}]},
        {"Version": "1", "Statement": []},
        {"Version": "1", "Statement": {"Effect": "Allow"}},
        {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "*"}]},
        {"Version": "1", "Id": "x", "Statement": [{}]},
    ],
)
def test_a_document_of_another_form_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="reading a policy"):
        Policy.of(wrong)


def test_a_key_without_policies_may_do_what_it_is_not_denied() -> None:
    key = Key("k", "s", frozenset({"log:DeleteConfig"}))

    assert key.permits("log:GetConfig", WEB)
    assert not key.permits("log:DeleteConfig", WEB)


def test_a_denied_action_stays_denied_whatever_the_policies_say() -> None:
    all_of_it = policy(("Allow", "*", "*"))
    key = Key("k", "s", frozenset({"log:DeleteConfig"}), policies=(all_of_it,))

    assert not key.permits("log:DeleteConfig", WEB)


def test_a_role_trusts_the_service_of_its_own_account_or_of_a_named_one() -> None:
    own = Role.of(ROLE, trust({"Service": "log.aliyuncs.com"}))
    foreign = Role.of(ROLE, trust({"Service": ["1000000000000001@log.aliyuncs.com"]}))

    assert own.trusts_log_service("1000000000000002")
    assert not own.trusts_log_service("1000000000000001")
    assert foreign.trusts_log_service("1000000000000001")
    assert not foreign.trusts_log_service("1000000000000002")


def test_a_trust_in_users_or_for_another_action_is_no_trust_in_the_service() -> None:
    users = trust({"RAM": ["acs:ram::1000000000000002:root"]})
    other = trust({"Service": "log.aliyuncs.com"}, Action="sts:GetCallerIdentity")

    assert not Role.of(ROLE, users).services
    assert not Role.of(ROLE, other).services


def test_a_role_without_policies_may_do_nothing() -> None:
    assert not Role.of(ROLE, trust({"Service": "log.aliyuncs.com"})).permits("log:GetIndex", WEB)


@pytest.mark.parametrize(
    ("principal", "more"),
    [
        ({"Federated": ["x"]}, {}),
        ({}, {}),
        ("*", {}),
        ({"Service": "log.aliyuncs.com"}, {"Effect": "Deny"}),
        ({"Service": "log.aliyuncs.com"}, {"Condition": {}}),
    ],
)
def test_a_trust_policy_beyond_what_is_understood_is_refused(
    principal: Any, more: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="reading a trust policy"):
        Role.of(ROLE, trust(principal, **more))


def test_a_role_has_an_arn_and_belongs_to_its_own_account() -> None:
    with pytest.raises(ValueError, match="acs:ram::<uid>:role/<name>"):
        Role.of("etl-reader", trust({"Service": "log.aliyuncs.com"}))
    role = Role.of(ROLE, trust({"Service": "log.aliyuncs.com"}))
    with pytest.raises(ValueError, match="give it to its own account"):
        Account("1000000000000001", "cn-hangzhou", (), (role,))
