"""The settings: what is accepted, and how everything else is refused."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import pytest

from bot.secret import Secret
from bot.settings import Settings, WorkSettings, load
from bot.settings_apps import SIDE_KEYS
from bot.settings_hosts import HOST_KEYS
from bot.settings_store import REDIS
from workflows.apps import App, Host, Prices, Proving, Ramp, Side, Waits
from workflows.errors import SettingsError

ROOT = Path(__file__).parents[2]
KEY = "bG9nbWlncmF0ZSBsb2dtaWdyYXRlIGxvZ21pZ3JhdGU="
SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-bot",
    "SLACK_APP_TOKEN": "xapp-app",
    "SLACK_SIGNING_SECRET": "hush-hush",
    "LOGMIGRATE_SOURCE_ACCESS_KEY_ID": "source-id",
    "LOGMIGRATE_SOURCE_ACCESS_KEY_SECRET": "source-secret",
    "LOGMIGRATE_TARGET_ACCESS_KEY_ID": "target-id",
    "LOGMIGRATE_TARGET_ACCESS_KEY_SECRET": "target-secret",
    "LOGMIGRATE_SNAPSHOT_KEYS": KEY,
}
SMALLEST = """
[accounts.source]
endpoint = "cn-hangzhou.log.aliyuncs.com"
[accounts.target]
endpoint = "cn-hangzhou.log.aliyuncs.com"
[people]
approvers = ["UBOB"]
[ssh]
known_hosts = "known_hosts"
user = "ops"
key_file = "key"
[hosts.h1]
[hosts.h2]
address = "10.0.0.12"
[apps.app-b]
custom_id = "app-b-moved"
hosts = ["h1", "h2"]
source = { project = "company-b", logstore = "app-b", config = "AppB", machine_group = "app-b" }
target = { project = "company-a" }
"""
APP = 'source = { project = "company-b", logstore = "app-b", config = "AppB", machine_group = "app-b" }'


def settings(folder: Path, text: str = SMALLEST, environ: Mapping[str, str] = SECRETS) -> Settings:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ)


def refusal(folder: Path, text: str, environ: Mapping[str, str] = SECRETS) -> str:
    with pytest.raises(SettingsError) as caught:
        settings(folder, text, environ)
    return str(caught.value)


def with_top(text: str) -> str:
    return text + SMALLEST


def swapped(old: str, new: str) -> str:
    assert old in SMALLEST
    return SMALLEST.replace(old, new, 1)


def test_a_small_file_becomes_apps_and_hosts(tmp_path: Path) -> None:
    found = settings(tmp_path)

    assert found.apps["app-b"] == App(
        name="app-b",
        custom_id="app-b-moved",
        source=Side("company-b", "app-b", "AppB", "app-b"),
        target=Side("company-a", "app-b", "{config}", "app-b"),
        hosts=(Host("h1"), Host("h2")),
    )
    assert found.hosts["h1"].address == "h1"
    assert found.hosts["h2"].address == "10.0.0.12"
    assert found.waits == Waits()
    assert found.redis is None


def test_relative_paths_start_from_the_folder_of_the_file(tmp_path: Path) -> None:
    found = settings(tmp_path)

    assert found.ssh.known_hosts == tmp_path / "known_hosts"
    assert found.hosts["h1"].key_file == tmp_path / "key"


def test_an_endpoint_is_https_unless_http_is_written_out(tmp_path: Path) -> None:
    endpoint = 'endpoint = "cn-hangzhou.log.aliyuncs.com"'

    found = settings(
        tmp_path, swapped(endpoint, 'endpoint = "http://cn-hangzhou.log.aliyuncs.com"')
    )

    assert found.source.endpoint == "http://cn-hangzhou.log.aliyuncs.com"
    assert found.target.endpoint == "https://cn-hangzhou.log.aliyuncs.com"


def test_no_secret_is_printed_with_the_settings(tmp_path: Path) -> None:
    found = settings(tmp_path, with_top('[redis]\nurl = "redis://h:6379/0"\n'))

    for secret in SECRETS.values():
        assert secret not in repr(found)
        assert secret not in f"{found.slack.bot_token} {found.source!s} {found.snapshot_keys}"
    assert found.slack.bot_token == Secret("xoxb-bot")


def test_a_secret_may_come_from_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("xoxb-from-file\n")

    found = settings(tmp_path, with_top('[slack]\nbot_token_file = "token"\n'))

    assert found.slack.bot_token.plain == "xoxb-from-file"


def test_the_health_file_lies_in_the_data_folder_unless_the_environment_says_where(
    tmp_path: Path,
) -> None:
    usual = settings(tmp_path, with_top('data_dir = "data"\n'))
    named = settings(tmp_path, environ={**SECRETS, "LOGMIGRATE_ALIVE": "/run/alive"})

    assert usual.alive == tmp_path / "data" / "alive"
    assert named.alive == Path("/run/alive")


def test_several_snapshot_keys_are_kept_in_order(tmp_path: Path) -> None:
    other = "YW5vdGhlciBvbmUgYW5vdGhlciBvbmUgYW5vdGhlciE="

    found = settings(tmp_path, environ={**SECRETS, "LOGMIGRATE_SNAPSHOT_KEYS": f"{KEY}, {other}"})

    assert [key.plain for key in found.snapshot_keys] == [KEY, other]


def test_http_mode_wants_a_signing_secret_and_no_app_token(tmp_path: Path) -> None:
    environ = {name: value for name, value in SECRETS.items() if name != "SLACK_APP_TOKEN"}

    found = settings(tmp_path, with_top('[slack]\nmode = "http"\n'), environ)

    assert found.slack.app_token is None
    assert found.slack.signing_secret == Secret("hush-hush")


def test_prices_are_told_where_the_operator_knows_them(tmp_path: Path) -> None:
    told = with_top('[prices]\ncurrency = "CNY"\ningest = 0.4\nindex = 1\n')

    assert settings(tmp_path, told).prices == Prices("CNY", 0.4, 1.0)
    assert settings(tmp_path, told).prices.of(2.5e9) == "3.50 CNY"
    assert settings(tmp_path).prices.of(2.5e9) == ""


@pytest.mark.parametrize("name", sorted(SECRETS.keys() - {"SLACK_SIGNING_SECRET"}))
def test_a_missing_secret_is_named_with_its_variable(tmp_path: Path, name: str) -> None:
    environ = {key: value for key, value in SECRETS.items() if key != name}

    said = refusal(tmp_path, SMALLEST, environ)

    assert re.match(r"[a-z_.]+: missing; set " + name, said)
    assert "\n" not in said


WRONG = {
    "colour = 1\n" + SMALLEST: "colour: no such setting; known are data_dir, snapshot_keys,",
    with_top("[wait]\nlook = 1.0\n"): "wait: no such setting; did you mean waits?",
    with_top("[waits]\nheartbeet = 1.0\n"): (
        "waits.heartbeet: no such setting; did you mean heartbeat?"
    ),
    with_top('[waits]\nlook = "10"\n'): "waits.look: is a text ('10'); it must be a number",
    with_top("[waits]\nlook = true\n"): "waits.look: is true or false; it must be a number",
    with_top("[waits]\nlook = 0\n"): "waits.look: is 0; it must be at least 1",
    with_top("[waits]\nlook = -0.5\n"): "waits.look: is -0.5; it must be above 0",
    with_top("[waits]\nlook = inf\n"): "waits.look: is inf; it must be above 0",
    with_top("[waits]\nminute = 60.0\n"): (
        "waits.minute: is a number (60.0); it must be a whole number"
    ),
    with_top(
        '[proof]\nengine = "guess"\n'
    ): "proof.engine: is 'guess'; it must be auto or sql or pull",
    with_top("[proof]\nleast = 0\n"): "proof.least: is 0; it must be at least 1",
    with_top('[prices]\ncurrency = "yuan"\n'): "prices.currency: is 'yuan'; a currency is three",
    with_top("[prices]\nindex = 0.35\n"): "prices.currency: missing; the prices need one, such as",
    with_top("[prices]\ningest = 0.0\n"): "prices.ingest: is 0.0; it must be above 0",
    with_top("waits = 3\n"): "waits: is a whole number (3); it must be a table",
    with_top('[work]\nthreads = "8"\n'): "work.threads: is a text ('8'); it must be a whole number",
    with_top('[log]\nlevel = "loud"\n'): (
        "log.level: is 'loud'; it must be debug or info or warning or error"
    ),
    with_top('[slack]\nbot_token = "xoxb-1"\n'): (
        "slack.bot_token: a secret does not belong in this file; set SLACK_BOT_TOKEN, or name a"
    ),
    with_top('[slack]\nbot_token_file = "nowhere"\n'): "slack.bot_token_file: reading ",
    with_top('[slack]\napi_base_url = "http://127.0.0.1:1/api/"\n'): (
        "slack.api_base_url: is not https://slack.com/api/; tokens would go elsewhere."
    ),
    with_top('[slack]\napi_base_url = "https://slack.com/api"\n'): (
        "slack.api_base_url: is 'https://slack.com/api'; it must be a URL that ends in /"
    ),
    with_top('[slack]\nlisten = "h:99999"\n'): "slack.listen: port 99999; it must be from 1 to",
    with_top('[slack]\nlisten = "3000"\n'): "slack.listen: is '3000'; it must be host:port",
    with_top('[redis]\nurl = "redis://:pw@h:6379/0"\n'): (
        "redis.url: a secret does not belong in this file; set LOGMIGRATE_REDIS_URL, or name a"
    ),
    with_top('[redis]\nurl = "redis://h:six/0"\n'): "redis.url: its port is no number; in a",
    with_top('[redis]\nurl = "redis://h/one"\n'): "redis.url: must end with the database's number",
    with_top('[redis]\nurl = "redis://h/0?timeout=3"\n'): "redis.url: must end with the database",
    with_top('[redis]\nurl = "unix:///r?password=x"\n'): "redis.url: must end with the database",
    with_top('[redis]\nurl = "h:6379"\n'): "redis.url: must start with redis://, rediss:// or",
    swapped('["UBOB"]', "[]"): "people.approvers: names nobody, so no step could ever be approved",
    swapped('["UBOB"]', '["UBOB", "bob"]'): "people.approvers[1]: 'bob' is no Slack user id",
    swapped('["UBOB"]', '["UBOB", "UBOB"]'): "people.approvers[1]: 'UBOB' stands in the list twice",
    swapped('"h1", "h2"]', '"h1", "h2", "h9"]'): (
        'apps.app-b.hosts[2]: no such host "h9"; known are h1, h2'
    ),
    swapped('["h1", "h2"]', "[]"): "apps.app-b.hosts: names no host; known are h1, h2",
    swapped('["h1", "h2"]', '["h1", 2]'): "apps.app-b.hosts[1]: is a whole number (2)",
    swapped('"app-b-moved"', '"app b"'): "apps.app-b.custom_id: is 'app b'; it may hold",
    swapped('"company-a"', '"Company"'): "apps.app-b.target.project: is 'Company'; a project's",
    swapped('"company-a"', '"company-b"'): (
        "apps.app-b.target.project: is the source's project too"
    ),
    swapped('"company-a"', '"company-a", logstore = "App"'): "apps.app-b.target.logstore: is 'App'",
    swapped('"company-a"', '"company-a", config = "{conf}"'): (
        "apps.app-b.target.config: is '{conf}'; such a name is 2 to 128 of a-z, 0-9, '_' and '-', "
        "with a letter or digit at both ends; {config} and {app} stand for names"
    ),
    swapped('"AppB"', '["AppB", "App B"]'): "apps.app-b.source.config: names 'App B'; only",
    swapped('"AppB"', '["AppB", "AppB"]'): "apps.app-b.source.config[1]: 'AppB' stands in the list",
    swapped('"AppB"', "7"): "apps.app-b.source.config: is a whole number (7); it must be a text",
    swapped("target = {", "targt = {"): "apps.app-b.targt: no such setting; did you mean target?",
    swapped("[apps.app-b]", '[apps."app b"]'): 'apps."app b": an app\'s name holds a-z, 0-9,',
    SMALLEST[: SMALLEST.index("[apps")]: "apps: no app is named; add [apps.<name>]",
    swapped("[hosts.h1]", "[hosts.h1]\nport = 70000"): (
        "hosts.h1.port: is 70000; it must be from 1 to 65535"
    ),
    swapped("[hosts.h1]", '[hosts.h1]\nconf_dir = "etc"'): "hosts.h1.conf_dir: is 'etc'; it must",
    swapped('user = "ops"\n', ""): "ssh.user: missing; it must be a text, see config.example.toml",
    swapped('known_hosts = "known_hosts"', ""): "ssh.known_hosts: missing; it must be a text",
    swapped('endpoint = "cn-hangzhou.log.aliyuncs.com"', ""): (
        "accounts.source.endpoint: missing; it must be a text, see config.example.toml"
    ),
    swapped('aliyuncs.com"', 'aliyuncs.com/x"'): "accounts.source.endpoint: is 'cn-hangzhou",
    swapped('aliyuncs.com"', 'aliyuncs.com"\nregion = "cn-beijing"'): (
        "accounts.source.region: is 'cn-beijing', but the endpoint is cn-hangzhou.log.aliyuncs.com"
    ),
    swapped('aliyuncs.com"', 'aliyuncs.com"\nproxy = "http://u:p@h:1"'): (
        "accounts.source.proxy: holds a password"
    ),
    swapped('aliyuncs.com"', 'aliyuncs.com"\nproxy = "http://u:p/q@h:1"'): (
        "accounts.source.proxy: holds a password, which does not belong in this file"
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.items(), ids=WRONG.values())
def test_what_is_wrong_is_said_in_one_line_that_starts_with_the_path(
    tmp_path: Path, text: str, expected: str
) -> None:
    said = refusal(tmp_path, text)

    assert said.startswith(expected)
    assert "\n" not in said


def test_swapped_tokens_are_told_apart_without_being_shown(tmp_path: Path) -> None:
    said = refusal(tmp_path, SMALLEST, {**SECRETS, "SLACK_BOT_TOKEN": "xapp-secret"})

    assert said == "slack.bot_token: does not start with xoxb-; swapped tokens?"


def test_a_bad_snapshot_key_is_told_by_its_number_and_not_shown(tmp_path: Path) -> None:
    said = refusal(tmp_path, SMALLEST, {**SECRETS, "LOGMIGRATE_SNAPSHOT_KEYS": f"{KEY},hush"})

    assert said.startswith("snapshot_keys: number 2 is no Fernet key; make one with: openssl")
    assert "hush" not in said


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('custom_id = "x"', 'custom_id = "app-b-moved"', "apps.app-c.custom_id"),
        ('config = "AppC"', 'config = "AppB"', "apps.app-c.source.config"),
        ('logstore = "theirs"', 'logstore = "app-b"', "apps.app-c.source.logstore"),
        ('logstore = "own"', 'logstore = "app-b"', "apps.app-c.target.logstore"),
        ('config = "own"', 'config = "moved"', "apps.app-c.target.config"),
        ('machine_group = "own"', 'machine_group = "app-b"', "apps.app-c.target.machine_group"),
    ],
)
def test_two_apps_never_share_what_a_job_makes_or_takes_away(
    tmp_path: Path, old: str, new: str, path: str
) -> None:
    second = f"""
[apps.app-c]
custom_id = "x"
hosts = ["h1"]
{APP.replace("AppB", "AppC").replace('logstore = "app-b"', 'logstore = "theirs"')}
target = {{ project = "company-a", logstore = "own", config = "own", machine_group = "own" }}
"""
    first = swapped('"company-a" }', '"company-a", config = "moved" }')
    settings(tmp_path, first + second)

    said = refusal(tmp_path, first + second.replace(old, new))

    assert said.startswith(f"{path}: ")
    assert said.endswith("is app-b's too; give each app its own")


SOURCES = {
    '{ project = "company-b", logstore = "app-b" }': Side("company-b", "app-b"),
    '{ project = "company-b", logstore = "app-b", config = "" }': Side("company-b", "app-b"),
    '{ project = "company-b", logstore = "app-b", config = ["x"] }': Side(
        "company-b", "app-b", "x"
    ),
    '{ project = "company-b", logstore = "app-b", config = ["x", "y"], machine_group = "g" }': Side(
        "company-b", "app-b", "x", "g", ("y",)
    ),
}


@pytest.mark.parametrize(("text", "expected"), SOURCES.items())
def test_the_sources_configs_are_all_or_one_or_a_list(
    tmp_path: Path, text: str, expected: Side
) -> None:
    found = settings(tmp_path, swapped(APP, f"source = {text}"))

    assert found.apps["app-b"].source == expected
    assert found.apps["app-b"].names["source.config"] == ", ".join(expected.configs)


@pytest.mark.parametrize("template", ["{config}", "{app}-{config}", "b-{config}", "fixed"])
def test_a_targets_config_may_be_a_template(tmp_path: Path, template: str) -> None:
    text = swapped('"company-a" }', f'"company-a", config = "{template}" }}')

    assert settings(tmp_path, text).apps["app-b"].target.config == template


def test_a_name_that_a_template_gives_is_one_apps_alone_too(tmp_path: Path) -> None:
    second = """
[apps.app-c]
custom_id = "x"
hosts = ["h1"]
source = { project = "company-c", logstore = "theirs", config = "moved" }
target = { project = "company-a", logstore = "own", machine_group = "own" }
"""
    first = swapped('"company-a" }', '"company-a", config = "moved" }')

    said = refusal(tmp_path, first + second)

    assert said == "apps.app-c.target.config: 'moved' is app-b's too; give each app its own"


def test_two_apps_may_keep_their_configs_names(tmp_path: Path) -> None:
    second = """
[apps.app-c]
custom_id = "x"
hosts = ["h1"]
source = { project = "company-b", logstore = "c" }
target = { project = "company-a" }
"""

    assert set(settings(tmp_path, SMALLEST + second).apps) == {"app-b", "app-c"}


def test_a_file_that_is_not_there_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path / "none.toml", SECRETS)

    assert str(caught.value).startswith(
        f"{tmp_path}/none.toml: no such file; copy config.example.toml"
    )


def test_broken_toml_names_file_and_line(tmp_path: Path) -> None:
    said = refusal(tmp_path, "[slack\n")

    assert said.startswith(f"{tmp_path}/config.toml: not valid TOML: ")
    assert "line 1" in said


def test_the_example_is_in_order_as_it_stands() -> None:
    found = load(ROOT / "config.example.toml", SECRETS)

    assert list(found.apps) == ["app-b"]


def uncommented(example: str) -> str:
    """The example with every `# key = value` switched on."""
    return re.sub(r"^# (?=[a-z_]+ = )", "", example, flags=re.MULTILINE)


def test_the_example_shows_every_setting_with_its_true_default() -> None:
    example = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    shown = tomllib.loads(uncommented(example))

    assert shown["waits"] == {field.name: getattr(Waits(), field.name) for field in fields(Waits)}
    assert set(shown["hosts"]["h1"]) == set(HOST_KEYS)
    assert set(shown["apps"]["app-b"]["target"]) == set(SIDE_KEYS)
    assert shown["fleet"] == {field.name: getattr(Ramp(), field.name) for field in fields(Ramp)}
    assert shown["proof"] == {field.name: field.default for field in fields(Proving)}
    assert shown["work"] == {field.name: field.default for field in fields(WorkSettings)}
    assert set(shown["redis"]) == {"url", *(key for key in REDIS if not key.endswith("password"))}


def test_every_setting_of_the_example_is_known_when_switched_on(tmp_path: Path) -> None:
    example = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    secret_files = re.sub(r"^# [a-z_]+_file = .*$", "", example, flags=re.MULTILINE)

    found = settings(tmp_path, uncommented(secret_files))

    assert found.work == load(ROOT / "config.example.toml", SECRETS).work
    assert found.waits == Waits()


def known_keys() -> set[str]:
    """Every key that the code asks for, as the tables announce them."""
    asked = (
        r"\.(?:text|matching|choice|flag|whole|number|texts|file|table|tables)\(\s*\"([a-z_]+)\""
    )
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "bot").glob("settings*.py"))
    return {key for source in sources for key in re.findall(asked, source)}


def test_the_example_leaves_no_setting_out() -> None:
    example = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    left_out = {key for key in known_keys() if not re.search(rf"\b{key}\b", example)}

    assert len(known_keys()) > 30
    assert left_out == set()


def test_the_time_both_sides_collect_must_outlast_the_soak(tmp_path: Path) -> None:
    said = refusal(tmp_path, with_top("[waits]\nsoak = 90000.0\n"))

    assert said == (
        "waits.dual: 86400 s are no longer than the 90000 s of waits.soak, and both sides collect "
        "for both; make it longer"
    )
