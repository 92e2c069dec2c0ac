"""Hosts as dicts of files, doing what the scripts do; trusted through tests/contract/test_hosts."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workflows.model import HostResult
from workflows.ports import Command
from workflows.steps.commands import AddIdentity, Delivered, Look, RemoveIdentity


class Refusal(Exception):
    """What the script would write as its last word."""


@dataclass
class FakeHost:
    """One host: contents by path, links by path, folders that exist though empty."""

    files: dict[str, bytes] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    read_only: set[str] = field(default_factory=set)

    def run(self, command: Command) -> str:
        match command:
            case Look():
                return self._look(command)
            case AddIdentity():
                return self._add(command)
            case RemoveIdentity():
                return self._remove(command)
            case Delivered():
                return self._delivered(command)
        raise NotImplementedError(f"FakeHost knows no {type(command).__name__}; teach it")

    def _look(self, look: Look) -> str:
        users = f"{look.host.conf_dir}/users"
        facts = {
            "custom_id": look.custom_id,
            "users_dir": _word(self._has(users)),
            "user_file": _word(f"{users}/{look.account_id}" in self.files),
            "ids": self._encoded(self._id_file(look.host.conf_dir)),
            "app": self._encoded(f"{look.host.agent_dir}/app_info.json"),
        }
        return "\n".join([*(f"fact {name} {value}" for name, value in facts.items()), "fact end"])

    def _add(self, add: AddIdentity) -> str:
        users, path = f"{add.host.conf_dir}/users", self._id_file(add.host.conf_dir)
        user_file, line = f"{users}/{add.account_id}", add.custom_id.encode()
        lacks_line, lacks_user = line not in self._lines(path), user_file not in self.files
        if lacks_line:
            self._write(path, with_line(self.files.get(path, b""), line))
        if lacks_user:
            self._write(user_file, b"")
            self.folders.add(users)
        return _changed(lacks_line or lacks_user)

    def _remove(self, remove: RemoveIdentity) -> str:
        users, path = f"{remove.host.conf_dir}/users", self._id_file(remove.host.conf_dir)
        changed = bool(remove.custom_id) and self._remove_id(remove, path)
        if remove.account_id and f"{users}/{remove.account_id}" in self.files:
            self._delete(f"{users}/{remove.account_id}")
            changed = True
        if remove.drop_users_dir and users in self.folders and not self._below(users):
            self.folders.discard(users)
            changed = True
        return _changed(changed)

    def _remove_id(self, remove: RemoveIdentity, path: str) -> bool:
        line, changed = remove.custom_id.encode(), False
        if line in self._lines(path):
            kept = without_line(self.files[path], line, final_newline=remove.final_newline)
            self._write(path, kept)
            changed = True
        if remove.drop_file and self.files.get(path) == b"":
            self._delete(path)
            changed = True
        return changed

    def _delivered(self, delivered: Delivered) -> str:
        agent = delivered.host.agent_dir
        paths = [f"{agent}/user_log_config.json", *sorted(self._below(f"{agent}/config"))]
        held = [path for path in paths if path in self.files]
        return "\n".join([*(f"{p} {self.files[p].decode()}" for p in held), "end of keys"])

    def _id_file(self, conf_dir: str) -> str:
        path = f"{conf_dir}/user_defined_id"
        return self.links.get(path, path)

    def _lines(self, path: str) -> list[bytes]:
        return self.files.get(path, b"").split(b"\n")

    def _encoded(self, path: str) -> str:
        return f"={base64.b64encode(self.files[path]).decode()}" if path in self.files else "-"

    def _below(self, folder: str) -> Iterable[str]:
        return [path for path in self.files if path.startswith(f"{folder}/")]

    def _has(self, folder: str) -> bool:
        return folder in self.folders or bool(self._below(folder))

    def _write(self, path: str, content: bytes) -> None:
        self._need_writable(path, "making")
        if b"\0" in content:
            raise Refusal(f"editing {path}: it holds NUL bytes, so it is no list of ids")
        self.files[path] = content

    def _delete(self, path: str) -> None:
        self._need_writable(path, "removing")
        del self.files[path]

    def _need_writable(self, path: str, doing: str) -> None:
        if any(path.startswith(f"{folder}/") for folder in self.read_only):
            raise Refusal(f"{doing} {path}: permission denied")


class FakeHosts:
    """Implements ports.Hosts; `refusing` holds the sentence of each host that cannot be asked."""

    def __init__(self, files: Mapping[str, Mapping[str, bytes]]) -> None:
        self.hosts = {name: FakeHost(dict(content)) for name, content in files.items()}
        self.refusing: dict[str, str] = {}

    def refuse(self, name: str, said: str = "connection refused") -> None:
        self.refusing[name] = f"connecting to {name}: {said}"

    def allow(self, name: str) -> None:
        self.refusing.pop(name, None)

    def run(self, commands: Mapping[str, Command]) -> tuple[HostResult, ...]:
        return tuple(self._on(name, command) for name, command in commands.items())

    def _on(self, name: str, command: Command) -> HostResult:
        if name not in self.hosts:
            said = f"looking for {name}: no such host; add it under [hosts]"
            return HostResult(name, ok=False, said=said)
        if name in self.refusing:
            return HostResult(name, ok=False, said=self.refusing[name])
        try:
            said = self.hosts[name].run(command)
        except Refusal as refusal:
            return HostResult(name, ok=False, said=f"{refusal} ({name}, exit status 1)")
        return HostResult(name, ok=True, changed=said.endswith("changed"), said=said)


def with_line(content: bytes, line: bytes) -> bytes:
    """The content with the line at its end, after a newline where the last line has none."""
    gap = b"\n" if content and not content.endswith(b"\n") else b""
    return content + gap + line + b"\n"


def without_line(content: bytes, line: bytes, *, final_newline: bool) -> bytes:
    """The content without the last such line, and without the newline put before it."""
    lines = re.findall(rb"[^\n]*\n|[^\n]+", content)
    number = max(n for n, held in enumerate(lines) if held.removesuffix(b"\n") == line)
    kept = b"".join(lines[:number] + lines[number + 1 :])
    was_last = number == len(lines) - 1
    return kept[:-1] if was_last and not final_newline and kept.endswith(b"\n") else kept


def _word(there: bool) -> str:
    return "yes" if there else "no"


def _changed(changed: bool) -> str:
    return "changed" if changed else "same"
