"""What every client is told: the hosts, how to log in, and what to leave there.

Standard library and workflows only: clients read it in environments of their own.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from shlex import quote

from workflows.apps import Host
from workflows.steps.on_host.commands import AddIdentity

APP = "shop"
ACCOUNT = "1234567890123456"
CUSTOM_ID = "shop-frontend"
KEX = "curve25519-sha256"

# The work, as somebody would write it who is alone on the host and never dies half-way.
PLAIN = f"""\
cd "$conf" || exit
state=same
[ -e users/{ACCOUNT} ] || {{ : > users/{ACCOUNT} && state=changed; }}
grep -qxF -e {CUSTOM_ID} user_defined_id 2>/dev/null || {{
  printf '%s\\n' {CUSTOM_ID} >> user_defined_id && state=changed
}}
ls users/{ACCOUNT} && cat user_defined_id && echo "$state"
"""


@dataclass(frozen=True)
class Fleet:
    """Hosts by name with their addresses; each has the folder `root`/name. Times are seconds.

    `careful`: tools that bring no work of their own run the product's script, with its lock, its
    temporary file and its ledger, instead of the plain one.
    """

    hosts: dict[str, str]
    port: int
    user: str
    key: str
    known_hosts: str
    root: str
    concurrency: int = 50
    patience: float = 60.0
    careful: bool = False

    def save(self, path: Path) -> Path:
        path.write_text(json.dumps(asdict(self)), "utf-8")
        return path

    @classmethod
    def read(cls) -> Fleet:
        """The fleet in the file that the command line names."""
        return cls(**json.loads(Path(sys.argv[1]).read_text("utf-8")))

    def script(self, name: str) -> str:
        """For the account's login shell; its last line is `changed` or `same`."""
        plain = f"conf={self.root}/{name}\n{PLAIN}"
        careful = AddIdentity(self._host(name), APP, ACCOUNT, CUSTOM_ID).script
        return f"exec /bin/sh -c {quote(careful if self.careful else plain)}"

    def command(self, name: str) -> AddIdentity:
        """What the product's own step does on a host."""
        return AddIdentity(self._host(name), APP, ACCOUNT, CUSTOM_ID)

    def _host(self, name: str) -> Host:
        folder = f"{self.root}/{name}"
        return Host(name, conf_dir=folder, agent_dir=folder)


def begin() -> None:
    """Say how much CPU went into starting, before the first host is asked."""
    print(f"started {time.process_time():.3f}")


def tell(name: str, said: str) -> None:
    """Say what became of a host, from the last line that it wrote."""
    words = said.split()
    print(f"host {name} {words[-1] if words else 'nothing'}")
