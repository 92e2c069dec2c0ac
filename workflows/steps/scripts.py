"""The shell that runs on hosts: POSIX sh, for dash, bash and busybox; `script` puts values in."""

from __future__ import annotations

from shlex import quote

PRELUDE = r"""
LC_ALL=C; export LC_ALL
umask 022
set -f
temp=''
trap '[ -z "$temp" ] || rm -f -- "$temp"' EXIT
trap 'exit 1' HUP INT TERM

die() { printf '%s\n' "$1" >&2; exit 1; }

# What a tool says last of all is the reason: "cat: /x: Permission denied".
reason() { printf '%s' "${1##*: }" | tr 'A-Z' 'a-z'; }

try() {
  doing=$1; shift
  said=$("$@" 2>&1) || die "$doing: $(reason "$said")"
}

# A folder that may not be entered is trouble, not an absent file; test -e takes one for the other.
exists() {
  said=$(ls -d -- "$1" 2>&1) && return 0
  case $said in *'No such file or directory') return 1 ;; esac
  die "looking at $1: $(reason "$said")"
}

need_folder() { exists "$1" || die "looking at $1: no such folder; install the agent, or set $2"; }
"""

LOOK = r"""
content() {
  if said=$(cat -- "$2" 2>&1 >/dev/null); then
    printf 'fact %s =' "$1"; base64 <"$2" | tr -d '\n'; printf '\n'
    return
  fi
  case $said in
    *'No such file or directory') printf 'fact %s -\n' "$1" ;;
    *) die "reading $2: $(reason "$said")" ;;
  esac
}

presence() { if exists "$2"; then printf 'fact %s yes\n' "$1"; else printf 'fact %s no\n' "$1"; fi; }

look() {
  need_folder "$conf" conf_dir
  command -v base64 >/dev/null || die "reading $conf: base64 is missing; install coreutils"
  printf '\nfact custom_id %s\n' "$id"
  presence users_dir "$conf/users"
  presence user_file "$conf/users/$account"
  content ids "$conf/user_defined_id"
  content app "$agent/app_info.json"
  printf 'fact end\n'
}
"""

EDIT = r"""
# The folder itself is locked, so no lock file stays behind; mkdir is for hosts without flock.
lock() {
  tries=0
  if command -v flock >/dev/null; then
    [ -r "$conf" ] || die "reading $conf: permission denied"
    exec 9<"$conf"
    until flock -n 9; do wait_for_lock 'wait for the process that holds it, then retry'; done
    return
  fi
  until said=$(mkdir -- "$conf/.logmigrate.lock" 2>&1); do
    case $said in *'File exists') ;; *) die "locking $conf: $(reason "$said")" ;; esac
    wait_for_lock "if no other move is at work here, rmdir $conf/.logmigrate.lock"
  done
  trap '[ -z "$temp" ] || rm -f -- "$temp"; rmdir -- "$conf/.logmigrate.lock"' EXIT
}

wait_for_lock() {
  tries=$((tries + 1))
  [ "$tries" -le 20 ] || die "locking $conf: held for over 20 s; $1"
  sleep 1
}

# Sets file: the id file, or where its link leads, so that the link stays a link.
find_file() {
  file=$conf/user_defined_id
  if [ -L "$file" ]; then
    file=$(readlink -f -- "$file") || die "following $conf/user_defined_id: it leads nowhere"
  fi
  exists "$file" || return 0
  [ -f "$file" ] || die "editing $file: not a plain file; move it away"
  [ -r "$file" ] || die "reading $file: permission denied"
}

holds_line() { [ -s "$file" ] && grep -qxF -e "$id" -- "$file"; }

hex() { od -An -tx1 | tr -d ' \n'; }

ends_in_newline() { [ "$(tail -c 1 -- "$1" | hex)" = 0a ]; }

owner() { set -- $(ls -ldn -- "$1"); printf '%s' "$3:$4"; }

# Sets temp: a copy with the file's owner and mode, in its folder so that mv replaces in one step.
copy_file() {
  temp=${file%/*}/.user_defined_id.logmigrate
  try "making $temp" rm -f -- "$temp"
  if [ ! -e "$file" ]; then try "making $temp" touch -- "$temp"; return; fi
  [ "$(tr -d '\000' <"$file" | wc -c)" -eq "$(wc -c <"$file")" ] ||
    die "editing $file: it holds NUL bytes, so it is no list of ids; repair it by hand"
  try "making $temp" cp -p -- "$file" "$temp"
  [ "$(owner "$temp")" = "$(owner "$file")" ] ||
    die "keeping the owner of $file: not permitted; log in as its owner, or set sudo = true"
}

write_temp() { said=$( { "$@" >"$temp"; } 2>&1) || die "writing $temp: $(reason "$said")"; }

replace_file() { try "replacing $file" mv -f -- "$temp" "$file"; temp=''; state=changed; }
"""

ADD = r"""
with_line() {
  if [ -s "$file" ]; then
    cat -- "$file" || return
    ends_in_newline "$file" || echo || return
  fi
  # The agent takes a carriage return for part of the id, so a CRLF file gets no CRLF from us.
  printf '%s\n' "$id"
}

add() {
  need_folder "$conf" conf_dir
  lock
  find_file
  state=same
  if ! holds_line; then copy_file; write_temp with_line; replace_file; fi
  if ! exists "$conf/users/$account"; then
    try "making $conf/users" mkdir -p -- "$conf/users"
    try "making $conf/users/$account" touch -- "$conf/users/$account"
    state=changed
  fi
  printf '\n%s\n' "$state"
}
"""

REMOVE = r"""
remove_line() {
  number=$(grep -nxF -e "$id" -- "$file" | tail -n 1 | cut -d : -f 1)
  lines=$(wc -l <"$file")
  copy_file
  write_temp sed "${number}d" -- "$file"
  # We ended the line before ours, which had no newline, to put ours after it.
  if [ "$final_newline" = no ] && [ "$number" -ge "$lines" ] && ends_in_newline "$temp"; then
    size=$(wc -c <"$temp")
    write_temp head -c "$((size - 1))" -- "$file"
  fi
  replace_file
}

remove_user() {
  exists "$conf/users/$account" || return 0
  try "removing $conf/users/$account" rm -f -- "$conf/users/$account"
  state=changed
}

remove_users_dir() {
  [ -d "$conf/users" ] && [ -z "$(ls -A -- "$conf/users")" ] || return 0
  try "removing $conf/users" rmdir -- "$conf/users"
  state=changed
}

remove_empty_file() {
  [ -f "$file" ] && [ ! -s "$file" ] || return 0
  try "removing $file" rm -f -- "$file"
  state=changed
}

remove() {
  state=same
  if exists "$conf"; then
    lock
    if [ -n "$id" ]; then
      find_file
      if holds_line; then remove_line; fi
      [ "$drop_file" = no ] || remove_empty_file
    fi
    [ -z "$account" ] || remove_user
    [ "$drop_users_dir" = no ] || remove_users_dir
  fi
  printf '\n%s\n' "$state"
}
"""

DELIVERED = r"""
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
"""


def script(entry: str, *parts: str, **values: str | bool) -> str:
    """The parts as one script that sets `values` and calls `entry`.

    All of it is read before anything runs, so a connection that breaks half-way changes nothing.
    """
    settings = "\n".join(f"{name}={_shell(value)}" for name, value in values.items())
    return "\n".join(("main() {", PRELUDE, *parts, settings, entry, "}", "main </dev/null", ""))


def _shell(value: str | bool) -> str:
    return quote(value) if isinstance(value, str) else ("yes" if value else "no")
