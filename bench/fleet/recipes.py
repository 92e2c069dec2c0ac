"""The same work in the words of ansible and of pyinfra, and what each says has changed."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from bench.fleet.spec import ACCOUNT, CUSTOM_ID, Fleet

PLAY = f"""\
- hosts: all
  strategy: free
  gather_facts: false
  tasks:
    - name: account
      ansible.builtin.file:
        path: "{{{{ conf }}}}/users/{ACCOUNT}"
        state: touch
        access_time: preserve
        modification_time: preserve
    - name: custom id
      ansible.builtin.lineinfile:
        path: "{{{{ conf }}}}/user_defined_id"
        line: {CUSTOM_ID}
        create: true
    - name: read back
      ansible.builtin.command: "cat {{{{ conf }}}}/users/{ACCOUNT} {{{{ conf }}}}/user_defined_id"
      changed_when: false
"""

DEPLOY = f"""\
from pyinfra import host
from pyinfra.operations import files, server

conf = host.data.conf
files.file(name="account", path=f"{{conf}}/users/{ACCOUNT}")
files.line(name="custom id", path=f"{{conf}}/user_defined_id", line="{CUSTOM_ID}")
server.shell(name="read back", commands=[f"cat {{conf}}/users/{ACCOUNT} {{conf}}/user_defined_id"])
"""


def ansible_files(fleet: Fleet, folder: Path) -> list[str]:
    """Write inventory and play; the arguments for ansible-playbook."""
    own = {
        name: {"ansible_host": address, "conf": f"{fleet.root}/{name}"}
        for name, address in fleet.hosts.items()
    }
    shared = {
        "ansible_port": fleet.port,
        "ansible_user": fleet.user,
        "ansible_ssh_private_key_file": fleet.key,
        "ansible_python_interpreter": sys.executable,
    }
    inventory = folder / "inventory.json"
    inventory.write_text(json.dumps({"all": {"hosts": own, "vars": shared}}), "utf-8")
    play = folder / "play.yml"
    play.write_text(PLAY, "utf-8")
    return ["-i", str(inventory), str(play)]


def ansible_environment(fleet: Fleet, folder: Path, ssh: list[str]) -> dict[str, str]:
    """Its settings; `ssh` are OpenSSH's options."""
    sharing = ["-o", "ControlMaster=auto", "-o", "ControlPersist=60s"]
    return {
        "ANSIBLE_CONFIG": str(folder / "none.cfg"),
        "ANSIBLE_FORKS": str(fleet.concurrency),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_HOST_KEY_CHECKING": "true",
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_SSH_ARGS": " ".join([*sharing, *ssh]),
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "cp"),
        "LC_ALL": "C.UTF-8",
    }


def ansible_changed(said: str) -> tuple[int, int]:
    """Hosts done and hosts changed, by its recap."""
    recap = said.partition("PLAY RECAP")[2]
    lines = re.findall(r": ok=3 +changed=(\d+) +unreachable=0 +failed=0 ", recap)
    return len(lines), sum(number != "0" for number in lines)


def pyinfra_files(fleet: Fleet, folder: Path) -> list[str]:
    """Write inventory and deploy; the arguments for pyinfra."""
    shared = {
        "ssh_port": fleet.port,
        "ssh_user": fleet.user,
        "ssh_key": fleet.key,
        "ssh_known_hosts_file": fleet.known_hosts,
        "ssh_strict_host_key_checking": "yes",
        "ssh_look_for_keys": False,
        "ssh_allow_agent": False,
    }
    own = [
        (address, {**shared, "conf": f"{fleet.root}/{name}"})
        for name, address in fleet.hosts.items()
    ]
    inventory = folder / "inventory.py"
    inventory.write_text(f"hosts = {own!r}\n", "utf-8")
    deploy = folder / "deploy.py"
    deploy.write_text(DEPLOY, "utf-8")
    return ["-y", "--parallel", str(fleet.concurrency), str(inventory), str(deploy)]


def pyinfra_changed(said: str) -> tuple[int, int]:
    """Hosts done and hosts changed, by its table of results; `-` is none."""
    rows = {
        name: int(number) if number.isdigit() else 0
        for name, number in re.findall(r"^ +(\w[\w ]*?) +\d+ +(\d+|-) ", said, re.MULTILINE)
    }
    return rows.get("read back", 0), max(rows.get("account", 0), rows.get("custom id", 0))
