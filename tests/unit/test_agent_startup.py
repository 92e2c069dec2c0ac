"""What an agent reads and writes when it starts, and what therefore needs a restart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.hosts.disk import RealDisk
from sandbox.hosts.root import AGENT_CONFIG, APP_INFO
from sandbox.hosts.startup import config_regions, read_startup
from sandbox.hosts.versions import traits
from tests.unit.agent_kit import Bench, delivered

V1, V3 = traits((1, 8, 8)), traits((3, 3, 5))


def tell(bench: Bench, **settings: object) -> None:
    file = bench.root / AGENT_CONFIG
    file.write_text(json.dumps(json.loads(file.read_text()) | settings))


@pytest.mark.parametrize(
    ("address", "region"),
    [
        ("http://logtail.cn-hangzhou-intranet.log.aliyuncs.com", "cn-hangzhou"),
        ("http://logtail.cn-hangzhou.log.aliyuncs.com", "cn-hangzhou"),
        ("https://logtail.ap-southeast-1-share.log.aliyuncs.com", "ap-southeast-1"),
        ("http://logtail.us-west-1.log.aliyuncs.com/", "us-west-1"),
    ],
)
def test_a_config_server_names_its_region(address: str, region: str) -> None:
    assert config_regions({"config_server_address": address}, V1) == (region,)


def test_an_address_that_is_no_config_server_names_none() -> None:
    assert config_regions({"config_server_address": "http://cn-hangzhou.example.com"}, V1) == ()


def test_one_age_does_not_read_the_other_ages_fields() -> None:
    address = "http://logtail.cn-hangzhou.log.aliyuncs.com"

    assert config_regions({"config_server_address": address}, V3) == ()
    assert config_regions({"config_servers": [address]}, V1) == ()
    assert config_regions({"primary_region": "cn-hangzhou"}, V3) == ()


def test_loongcollector_beats_in_the_region_of_every_config_server(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "3.3.5")
    regions = ("cn-hangzhou", "cn-beijing")
    tell(bench, config_servers=[f"http://logtail.{one}.log.aliyuncs.com" for one in regions])
    bench.start()

    assert tuple(beat.region for beat in bench.door.beats) == regions


def test_an_edited_config_server_counts_from_the_next_start_on(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.start()
    tell(bench, config_server_address="http://logtail.cn-beijing.log.aliyuncs.com")
    bench.round(60)
    before = {beat.region for beat in bench.door.beats}
    bench.restart(clean=True)

    assert before == {"cn-hangzhou"}
    assert bench.door.beats[-1].region == "cn-beijing"


def test_without_a_config_server_there_is_no_heartbeat_and_nothing_is_collected(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    (bench.root / AGENT_CONFIG).unlink()
    bench.write("one\n")
    bench.deliver(delivered())

    assert bench.agent.running
    assert (bench.door.beats, bench.door.groups) == ([], [])


@pytest.mark.parametrize(("text", "runs"), [("{,}", False), ("", True), ("{}", True)])
def test_an_agent_does_not_start_on_a_file_that_is_no_json(
    tmp_path: Path, text: str, runs: bool
) -> None:
    bench = Bench(tmp_path)
    (bench.root / AGENT_CONFIG).write_text(text)
    bench.start()

    assert bench.agent.running is runs


def test_app_info_is_written_at_every_start_and_never_read(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.start()
    first = json.loads((bench.root / APP_INFO).read_text())
    (bench.root / APP_INFO).write_text(json.dumps(first | {"ip": "10.9.9.9"}))
    bench.round(60)
    bench.now += 5
    bench.restart(clean=True)
    second = json.loads((bench.root / APP_INFO).read_text())

    assert {beat.ip for beat in bench.door.beats} == {"10.0.0.11"}
    assert second["ip"] == "10.0.0.11"
    assert second["instance_id"] != first["instance_id"]
    assert second["update_time"] != first["update_time"]


def test_a_host_without_an_ip_shows_none_and_sends_no_heartbeat(tmp_path: Path) -> None:
    bench = Bench(tmp_path, ip="")
    bench.deliver(delivered())

    assert json.loads((bench.root / APP_INFO).read_text())["ip"] == ""
    assert bench.door.beats == []


@pytest.mark.parametrize(
    ("hosts", "ip"),
    [
        ("192.168.7.7 h1\n", "192.168.7.7"),
        ("127.0.1.1 h1 # by the installer\n", "10.0.0.11"),
        ("192.168.7.7 h10 h11\n", "10.0.0.11"),
    ],
)
def test_the_ip_is_what_etc_hosts_binds_the_name_to_unless_that_is_loopback(
    tmp_path: Path, hosts: str, ip: str
) -> None:
    bench = Bench(tmp_path)
    (bench.root / "etc/hosts").write_text(hosts)
    bench.start()

    assert bench.door.beats[-1].ip == ip


def test_working_ip_of_the_file_goes_before_everything(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    tell(bench, working_ip="172.16.0.1")
    bench.start()

    assert bench.door.beats[-1].ip == "172.16.0.1"


def test_an_agent_whose_hosts_ip_changes_restarts_under_the_new_one(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.start()
    (bench.root / "etc/hosts").write_text("192.168.7.7 h1\n")
    bench.round(31)
    between = bench.agent.running
    bench.round(10)

    assert not between
    assert bench.door.beats[-1].ip == "192.168.7.7"


def test_the_cpu_limit_is_the_files_or_else_two_fifths_of_a_core(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    before = read_startup(RealDisk(bench.root), V1).cpu_limit
    tell(bench, cpu_usage_limit=2)

    assert (before, read_startup(RealDisk(bench.root), V1).cpu_limit) == (0.4, 2.0)
