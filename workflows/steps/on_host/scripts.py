"""The shell that reads on hosts, and what all of it stands on: POSIX sh for dash, bash, busybox."""

from __future__ import annotations

from workflows.steps.on_host.shell import Script, Secret, Shell, Word

PRELUDE = Shell(r"""
LC_ALL=C; export LC_ALL
umask 022
set -f
temp=''; draft=''; lock_dir=''
trap 'tidy' EXIT
trap 'exit 1' HUP INT TERM

tidy() {
  [ -z "$temp$draft" ] || rm -f -- "${temp:-$draft}" "${draft:-$temp}"
  [ -z "$lock_dir" ] || rmdir -- "$lock_dir"
}

die() { printf '%s\n' "$1" >&2; exit 1; }

# What a tool says last of all is the reason: "cat: /x: Permission denied".
reason() { printf '%s' "${1##*: }" | tr 'A-Z' 'a-z'; }

try() {
  doing=$1; shift
  said=$("$@" 2>&1) || die "$doing: $(reason "$said")"
}

# A folder that may not be entered is trouble, not an absent file; test -e takes one for the other.
exists() {
  [ ! -e "$1" ] || return 0
  # A folder that may be entered and does not show it has none: that spares a process.
  if [ -x "${1%/*}" ] && [ ! -L "$1" ]; then return 1; fi
  listed "$1"
}

listed() {
  said=$(ls -d -- "$1" 2>&1) && return 0
  case $said in *'No such file or directory') return 1 ;; esac
  die "looking at $1: $(reason "$said")"
}

need_folder() { exists "$1" || die "looking at $1: no such folder; install the agent, or set $2"; }
""")

LOOK = Shell(r"""
content() {
  exists "$2" || { printf 'fact %s -\n' "$1"; return; }
  if [ -e "$2" ] && [ ! -f "$2" ]; then die "reading $2: not a plain file; move it away"; fi
  if held=$(base64 -- "$2" 2>&1); then
    # Unquoted, so that what base64 wrapped becomes one line.
    printf 'fact %s =' "$1"; printf '%s' $held; printf '\n'
    return
  fi
  case $held in
    *'No such file or directory') printf 'fact %s -\n' "$1" ;;
    *) die "reading $2: $(reason "$held")" ;;
  esac
}

presence() { if exists "$2"; then printf 'fact %s yes\n' "$1"; else printf 'fact %s no\n' "$1"; fi; }

held() {
  printf 'fact account %s\nfact custom_id %s\n' "$account" "$id"
  presence users_dir "$conf/users"
  # The state of the folder is told above, and what it lacks needs no looking for.
  if [ -e "$conf/users" ]; then presence user_file "$conf/users/$account"
  else printf 'fact user_file no\n'; fi
  content ids "$conf/user_defined_id"
  content ledger "$conf/.logmigrate"
}

# Before their bytes are held in memory, here and there.
need_short() {
  long=$(find -L "$@" -prune -size +2048 2>/dev/null)
  [ -z "$long" ] || die "reading ${long%%
*}: over 1 MiB, so it is not what the agent keeps there; look at it, and make it short again"
}

look() {
  need_folder "$conf" conf_dir
  need_short "$conf/user_defined_id" "$conf/.logmigrate" "$agent/app_info.json"
  command -v base64 >/dev/null || die "reading $conf: base64 is missing; install coreutils"
  printf '\n'
  held
  content app "$agent/app_info.json"
  printf 'fact end\n'
}
""")

DELIVERED = Shell(r"""
keys_in() {
  exists "$1" || return 0
  trouble=$( { grep -rhoE '##1\.0##[A-Za-z0-9_-]+[$][A-Za-z0-9_-]+' -- "$1" 2>&3 || :; } 3>&1 >&4)
  [ -z "$trouble" ] || die "reading $1: $(reason "$trouble")"
}

delivered() {
  need_folder "$agent" agent_dir
  exec 4>&1
  keys_in "$agent/user_log_config.json"
  # From 2.0 on there is a folder with a file for each, under the one or the other.
  for place in "$agent/config" "$conf/config"; do
    keys_in "$place"
    # Some agents name the file after the key.
    [ ! -d "$place" ] || find "$place" -name '##1.0##*'
  done
  printf 'end of keys\n'
}
""")


def script(entry: Shell, *parts: Shell, **values: str | bool | Secret) -> Script:
    """The parts as one script that sets `values`, quoted, and calls `entry`."""
    words = tuple((name, Word(value)) for name, value in values.items())
    return Script(entry, (PRELUDE, *parts), words)
