"""One host as a dict of files, doing what the scripts do."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tests.fake_agent import FakeAgent
from tests.fake_files import listed
from tests.fake_ledger import FakeLedger, sum_of
from workflows.ports import Command
from workflows.steps.on_host.commands import AddIdentity, Delivered, Look, RemoveIdentity
from workflows.steps.on_host.examine import Examine, Restart
from workflows.steps.on_host.file_look import FileLook


class Refusal(Exception):
    """What the script would write as its last word."""


@dataclass
class FakeHost:
    """One host: contents by path, links by path, folders that exist though empty."""

    files: dict[str, bytes] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    read_only: set[str] = field(default_factory=set)
    agent: FakeAgent = field(default_factory=FakeAgent)
    written: dict[str, int] = field(default_factory=dict)  # when, by path; else just now

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
            case Examine():
                told = self.agent.facts(self.files, self.folders, command.host)
                return "\n".join(f"fact {line}" for line in told)
            case FileLook():
                now = int(self.agent.clock())
                rows = listed(command, self.files, self.written, now)
                return "\n".join(f"fact {row}" for row in rows)
            case Restart():
                self.agent.restart()
                return "changed"
        raise NotImplementedError(f"FakeHost knows no {type(command).__name__}; teach it")

    def _look(self, look: Look) -> str:
        app = self._encoded(f"{look.host.agent_dir}/app_info.json")
        held = self._held(look.host.conf_dir, look.account_id, look.custom_id)
        return _facts({**held, "app": app})

    def _held(self, conf: str, account: str, custom: str) -> dict[str, str]:
        return {
            "account": account,
            "custom_id": custom,
            "users_dir": _word(self._has(f"{conf}/users")),
            "user_file": _word(f"{conf}/users/{account}" in self.files),
            "ids": self._encoded(self._id_file(conf)),
            "ledger": self._encoded(f"{conf}/.logmigrate"),
        }

    def _add(self, add: AddIdentity) -> str:
        conf, path = add.host.conf_dir, self._id_file(add.host.conf_dir)
        user_file, line = f"{conf}/users/{add.account_id}", add.custom_id.encode()
        ledger, untouched = self._ledger(conf), dict(self.files)
        lacks_line, lacks_user = line not in self._lines(path), user_file not in self.files
        if lacks_line:
            self._check_writable(path, "making")
            ledger.note_file(self.files.get(path))
            ledger.note(f"made custom {add.custom_id}")
        if lacks_user:
            if not self._has(f"{conf}/users"):
                ledger.note("made users")
            ledger.note(f"made account {add.account_id}")
        ledger.sign(add.app, f"account {add.account_id}", f"custom {add.custom_id}")
        self._keep(conf, ledger)
        if lacks_user:
            self._write(user_file, b"")
            self.folders.add(f"{conf}/users")
        if lacks_line:
            self._write(path, with_line(self.files.get(path, b""), line))
        return _changed(self.files != untouched)

    def _remove(self, remove: RemoveIdentity) -> str:
        conf, untouched = remove.host.conf_dir, dict(self.files)
        ledger = self._ledger(conf)
        line, was = self._take_custom(remove, ledger) if remove.custom_id else ("nothing", "")
        user = self._take_account(remove, ledger) if remove.account_id else "nothing"
        gone = self._take_users_dir(remove, ledger)
        self._keep(conf, ledger)
        held = self._held(conf, remove.account_id, remove.custom_id)
        facts = _facts({**held, "line": line, "user": user, "was": was or "?"})
        return f"{facts}\n{_changed(gone or self.files != untouched)}"

    def _take_custom(self, remove: RemoveIdentity, ledger: FakeLedger) -> tuple[str, str]:
        path, was = self._id_file(remove.host.conf_dir), remove.sha256
        if ours := ledger.has(f"made custom {remove.custom_id}"):
            was, ended = ledger.starting("was ")[0].split(" ")[1:]
        if users := ledger.release(remove.app, f"custom {remove.custom_id}"):
            return f"left {users}", was
        if ours and ledger.starting("made custom "):
            remove = replace(remove, drop_file=False, final_newline=True)
        elif ours:
            ledger.strike(f"was {was} {ended}")
            remove = replace(remove, drop_file=was == "-", final_newline=ended == "newline")
        return self._remove_line(replace(remove, sha256=was), path), was

    def _remove_line(self, remove: RemoveIdentity, path: str) -> str:
        line, word = remove.custom_id.encode(), "absent"
        if line in self._lines(path):
            kept = without_line(self.files[path], line, final_newline=True)
            if not remove.final_newline:
                trimmed = without_line(self.files[path], line, final_newline=False)
                kept = trimmed if remove.sha256 in {"", sum_of(trimmed)} else kept
            self._write(path, kept)
            word = "taken"
        if remove.drop_file and self.files.get(path) == b"":
            self._delete(path)
        return word

    def _take_account(self, remove: RemoveIdentity, ledger: FakeLedger) -> str:
        path = f"{remove.host.conf_dir}/users/{remove.account_id}"
        if users := ledger.release(remove.app, f"account {remove.account_id}"):
            return f"left {users}"
        if remove.keep_account:
            return "asked"
        if self.files.get(path):
            return "written"
        if path not in self.files:
            return "absent"
        self._delete(path)
        return "taken"

    def _take_users_dir(self, remove: RemoveIdentity, ledger: FakeLedger) -> bool:
        users = f"{remove.host.conf_dir}/users"
        if ledger.starting("made account "):
            return False
        drop = remove.drop_users_dir or ledger.has("made users")
        ledger.strike("made users")
        if not drop or users not in self.folders or self._below(users):
            return False
        self.folders.discard(users)
        return True

    def _delivered(self, delivered: Delivered) -> str:
        agent = delivered.host.agent_dir
        paths = [f"{agent}/user_log_config.json", *sorted(self._below(f"{agent}/config"))]
        held = [path for path in paths if path in self.files]
        return "\n".join([*(f"{p} {self.files[p].decode()}" for p in held), "end of keys"])

    def _ledger(self, conf: str) -> FakeLedger:
        return FakeLedger(self.files.get(f"{conf}/.logmigrate"))

    def _keep(self, conf: str, ledger: FakeLedger) -> None:
        path, content = f"{conf}/.logmigrate", ledger.content
        if content == self.files.get(path):
            return
        if content is None:
            self._delete(path)
        else:
            self._write(path, content)

    def _id_file(self, conf: str) -> str:
        path = f"{conf}/user_defined_id"
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
        self._check_writable(path, "making")
        self.files[path] = content

    def _delete(self, path: str) -> None:
        self._check_writable(path, "removing")
        del self.files[path]

    def _check_writable(self, path: str, doing: str) -> None:
        if any(path.startswith(f"{folder}/") for folder in self.read_only):
            raise Refusal(f"{doing} {path}: permission denied")
        if b"\0" in self.files.get(path, b""):
            raise Refusal(f"editing {path}: it holds NUL bytes, so it is no list of ids")


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


def _facts(facts: dict[str, str]) -> str:
    return "\n".join([*(f"fact {name} {value}" for name, value in facts.items()), "fact end"])


def _word(there: bool) -> str:
    return "yes" if there else "no"


def _changed(changed: bool) -> str:
    return "changed" if changed else "same"
