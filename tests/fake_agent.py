"""What Examine finds on a fake host, as the script would print it; `FakeAgent` is its illness."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from workflows.apps import Host

SERVER = "http://logtail.cn-hangzhou-intranet.log.aliyuncs.com"
REACHED = '{"errorCode":"OLSInvalidMethod","errorMessage":"Invalid method"}'
ROOM = "/dev/vda1 41152736 9152736 30000000 24% /"
MOUNT = "/dev/vda1 on / type ext4 (rw,relatime)"
AGENT = "/usr/local/ilogtail/ilogtail"
TWO = (f"101 1 {AGENT}", f"102 101 {AGENT}")


@dataclass
class FakeAgent:
    """A well one; each field is what one probe would see."""

    processes: tuple[str, ...] | None = TWO  # pid, parent, command line; None: no ps
    service: str = "ilogtail is running"  # "" where there is no service script
    env: tuple[str, ...] = ()
    newer: tuple[str, ...] = ()
    resolve: tuple[int, str] = (0, "10.0.0.1 logtail")
    reach: tuple[str, int, str] = ("curl", 0, REACHED)
    log: str = ""
    last: str = ""
    blocks: str = ROOM
    inodes: str = ROOM
    mount: str = MOUNT
    writable: bool = True
    user: int = 0
    lacks: tuple[str, ...] = ()
    clock: Callable[[], float] = field(default=lambda: 1_700_000_000.0)
    restarts: int = 0

    def facts(self, files: Mapping[str, bytes], folders: set[str], host: Host) -> Iterator[str]:
        """The lines of the answer; `files` are the host's by path."""
        conf, agent = host.conf_dir, host.agent_dir
        for name, folder in (("conf", conf), ("agent", agent)):
            yield f"{name} {'folder' if _below(files, folder) else 'absent'}"
        yield f"user {self.user}"
        yield f"ids {_content(files, f'{conf}/user_defined_id')}"
        yield f"app {_content(files, f'{agent}/app_info.json')}"
        yield f"config {_config(files, f'{agent}/ilogtail_config.json')}"
        yield f"users {_users(files, folders, f'{conf}/users')}"
        yield from (f"newer {_hex(path)}" for path in self.newer)
        yield from self._process_facts()
        yield from (f"env {_hex(pair)}" for pair in self.env)
        yield from self._world_facts()
        yield f"log {_hex(self.log)}"
        yield f"last {_hex(self.last)}"
        yield from (f"key {key}" for key in _keys(files, agent))
        yield from (f"lacks {tool}" for tool in self.lacks)
        yield f"date {self.clock():.0f}"
        yield "end"

    def _process_facts(self) -> Iterator[str]:
        if self.processes is None:
            return
        yield "processes seen"
        for process in self.processes:
            pid, parent, called = process.split(" ", 2)
            yield f"process {pid} {parent} {_hex(called)}"

    def _world_facts(self) -> Iterator[str]:
        if self.service:
            status = 0 if "running" in self.service else 3
            yield f"service {status} {_hex('/etc/init.d/ilogtaild')} {_hex(self.service)}"
        status, text = self.resolve
        yield f"resolve getent {status} {_hex('logtail.cn-hangzhou')} {_hex(text)}"
        tool, ended, answer = self.reach
        yield f"reach {tool} {ended} {_hex(SERVER)} {_hex(answer)}"
        can = "yes" if self.writable else "no"
        told = " ".join(map(_hex, (self.blocks, self.inodes, self.mount)))
        yield from (f"room {name} {can} {told}" for name in ("conf", "agent"))

    def restart(self) -> None:
        self.processes, self.service = TWO, "ilogtail is running"
        self.newer = ()
        self.restarts += 1


def _below(files: Mapping[str, bytes], folder: str) -> bool:
    return any(path.startswith(f"{folder}/") for path in files)


def _content(files: Mapping[str, bytes], path: str) -> str:
    return f"file ={files[path].hex()}" if path in files else "absent"


def _config(files: Mapping[str, bytes], path: str) -> str:
    """That of the region of the fakes, where the test gives none."""
    own = json.dumps({"config_server_address": SERVER}).encode()
    return f"file ={files.get(path, own).hex()}"


def _users(files: Mapping[str, bytes], folders: set[str], folder: str) -> str:
    if folder not in folders and not _below(files, folder):
        return "absent"
    names = sorted(p.removeprefix(f"{folder}/") for p in files if p.startswith(f"{folder}/"))
    return f"folder {_hex(chr(10).join(names))}"


def _keys(files: Mapping[str, bytes], agent: str) -> list[str]:
    held = files.get(f"{agent}/user_log_config.json", b"").decode()
    return [word for word in held.split('"') if word.startswith("##1.0##")]


def _hex(text: str) -> str:
    return f"={text.encode().hex()}"
