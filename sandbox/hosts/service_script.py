"""The service script of an agent, as a file on the host: start, stop, force-stop, restart, status.

The script and the model speak through two files under the host's root: `wanted`, what was last
asked for and by which call, and `state`, what is. Time comes from the machine's own date: the host's
may be wrong, and answers few calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.hosts.versions import Traits

RUN = "var/run"
SCRIPT = r"""#!/bin/sh
# Starts and ends the log agent.
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
state=$root/@RUN@/@SERVICE@.state
wanted=$root/@RUN@/@SERVICE@.wanted

is() { [ "$(cat "$state" 2>/dev/null)" = "$1" ]; }

ask() {
  printf '%s %s-%s\n' "$1" "$(/bin/date +%s%N)" "$$" >"$wanted.$$" && mv "$wanted.$$" "$wanted" || exit 1
  tries=0
  until is "$2"; do
    tries=$((tries + 1))
    [ "$tries" -le 100 ] || return 0
    sleep 0.1
  done
}

status() {
  if is running; then echo '@NAME@ is running'; return 0; fi
  echo '@NAME@ is stopped'; return 3
}

case "$1" in
  start) is running || ask running running; status ;;
  stop) is stopped || ask stopped stopped; status; is stopped ;;
  force-stop) is stopped || ask killed stopped; status; is stopped ;;
  restart) is stopped || ask stopped stopped; ask running running; status ;;
  status) status ;;
  *) echo "Usage: $0 { start | stop (graceful, flush data and save checkpoints) |\
 force-stop | restart | status | -h for help }"
     [ "$1" = -h ] ;;
esac
"""


def path_of(row: Traits) -> str:
    """Return where the script lies. Source: help pages 58910, loongcollector-management-linux."""
    return f"etc/init.d/{row.service}"


def script_of(row: Traits) -> str:
    """Return the script; `<name> is running` is the documented word, exit 3 is an init script's."""
    values = {"@RUN@": RUN, "@SERVICE@": row.service, "@NAME@": row.name}
    script = SCRIPT
    for name, value in values.items():
        script = script.replace(name, value)
    return script
