"""What a host's own tools say of it, in files beside its root: ps, curl, getent, date, df, mount.

The tools are small shell scripts that one folder holds for all hosts; each host's usr/local/bin is
a link to it. A tool finds its host by the path by which it was called.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.hosts.commands import TOOLS
from sandbox.hosts.network import Reach
from sandbox.hosts.root import AGENT_HOME, replace_text

if TYPE_CHECKING:
    from collections.abc import Mapping

# Close to the highest number that Linux gives, so that no process of this machine has it.
PIDS_FROM = 4_100_000
DAY = 86_400  # seconds
LIVES = 90_000  # after which the numbers begin anew
USUAL = (
    (1, 0, "/sbin/init"),
    (612, 1, "/usr/sbin/cron -f"),
    (688, 1, "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups"),
    (913, 1, "java -jar /srv/app-b/order-service.jar"),
)
EF_HEAD = "UID          PID    PPID  C STIME TTY          TIME CMD\n"
DF_HEAD = "Filesystem     1024-blocks     Used Available Capacity Mounted on\n"
DFI_HEAD = "Filesystem       Inodes   IUsed   IFree IUse% Mounted on\n"
BLOCKS, BLOCKS_USED, INODES, INODES_USED = 41_152_736, 12_031_408, 2_621_440, 91_224


@dataclass(frozen=True)
class AgentProcesses:
    """Daemon and worker of one agent: its program, its environment, and which life it lives.

    `works`: the worker is there; for a while after it ended itself the daemon is alone. `cores` and
    `memory` (MB) are what they use at rest.
    """

    program: str
    env: Mapping[str, str]
    life: int
    works: bool = True
    cores: float = 0.012
    memory: float = 30.0

    @property
    def pids(self) -> tuple[int, int]:
        """The daemon's and the worker's."""
        first = PIDS_FROM + self.life % LIVES
        return first, first + 1


@dataclass(frozen=True)
class Told:
    """What the tools go by; `skew` in whole seconds."""

    ip: str
    agents: tuple[AgentProcesses, ...] = ()
    reach: Reach = Reach.OK
    skew: int = 0
    full: bool = False
    read_only: bool = False
    sudo: bool = True

    def files(self) -> dict[str, str]:
        """Return what each file says."""
        rows = [*USUAL, *(row for agent in self.agents for row in _rows(agent))]
        return {
            "ip": f"{self.ip}\n",
            "network": f"{self.reach}\n",
            "skew": f"{self.skew}\n",
            "sudo": "free\n" if self.sudo else "password\n",
            "processes": "".join(f"{pid:>7} {ppid:>7} {args}\n" for pid, ppid, args in rows),
            "used": "".join(_used(agent) for agent in self.agents),
            "ps-ef": EF_HEAD + "".join(_ef(*row) for row in rows),
            "df-P": DF_HEAD + _row(15, BLOCKS, BLOCKS if self.full else BLOCKS_USED),
            "df-Pi": DFI_HEAD + _row(12, INODES, INODES if self.full else INODES_USED),
            "mounts": f"/dev/vda1 on / type ext4 ({'ro' if self.read_only else 'rw'},relatime)\n",
            **{
                f"environment-{pid}": _environment(agent)
                for agent in self.agents
                for pid in agent.pids
            },
        }


def lay_tools(world: Path) -> Path:
    """Put the tools where all hosts of a world find them; returns the folder."""
    to = world / "hosts" / "tools"
    to.mkdir(parents=True)
    for tool in (Path(__file__).parent / "tools").iterdir():
        shutil.copyfile(tool, to / tool.name)
        (to / tool.name).chmod(0o755)
    return to


def give_tools(root: Path, tools: Path) -> None:
    """Put the tools first on the path of a host's logins."""
    (root / TOOLS).parent.mkdir(parents=True, exist_ok=True)
    (root / TOOLS).symlink_to(tools, target_is_directory=True)


def tell(root: Path, now: Told, before: Told | None = None) -> None:
    """Write what changed; the processes last, so that who sees them sees the rest."""
    folder = root.with_name(f"told-{root.name}")
    folder.mkdir(exist_ok=True)
    had = before.files() if before else {}
    wanted = now.files()
    for name in sorted(wanted, key=lambda name: name in ("processes", "ps-ef")):
        if had.get(name) != wanted[name]:
            replace_text(folder / name, wanted[name])
    for name in had.keys() - wanted.keys():
        (folder / name).unlink()


def program(root: Path, name: str) -> str:
    """Return the agent's program as `ps` shows it."""
    return str(root / AGENT_HOME / name)


def _rows(agent: AgentProcesses) -> list[tuple[int, int, str]]:
    daemon, worker = agent.pids
    rows = [(daemon, 1, agent.program), (worker, daemon, agent.program)]
    return rows if agent.works else rows[:1]


def _used(agent: AgentProcesses) -> str:
    """Return both processes after a day, of which the worker had a core for its share."""
    worked = time.strftime("%H:%M:%S", time.gmtime(round(DAY * min(agent.cores, 0.99))))
    rows = [("00:00:01", 2048.0), (worked, agent.memory * 1024)][: 1 + agent.works]
    return "".join(f"1-00:00:00 {busy} {kib:.0f} {agent.program}\n" for busy, kib in rows)


def _ef(pid: int, ppid: int, args: str) -> str:
    return f"root     {pid:>7} {ppid:>7}  0 08:00 ?        00:00:01 {args}\n"


def _row(width: int, total: int, used: int) -> str:
    share = f"{-(-100 * used // total)}%"
    return f"/dev/vda1 {total:>{width}} {used:>8} {total - used:>9} {share:>8} /\n"


def _environment(agent: AgentProcesses) -> str:
    shown = {"LANG": "C", "PATH": "/sbin:/usr/sbin:/bin:/usr/bin", **agent.env}
    return " ".join((agent.program, *(f"{name}={value}" for name, value in shown.items()))) + "\n"
