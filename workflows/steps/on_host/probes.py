"""The shell that looks for what keeps an agent silent, and the one that restarts it.

Looking writes nothing, not even a temporary file. What may hang has a limit of its own, and what
asks the network or the disks runs side by side, so that all of it ends within ten seconds.
"""

from __future__ import annotations

from workflows.steps.on_host.shell import Shell

SERVICE = Shell(r"""
# A tool, no longer than so many seconds; its status is 124, 137 or 143 if it had to be ended. One
# that does not listen is ended harder.
within() {
  if timeout -k 1 1 true 2>/dev/null; then timeout -k 1 "$@"; return; fi
  seconds=$1; shift
  "$@" & child=$!
  ( sleep "$seconds" && kill "$child" && sleep 1 && kill -9 "$child" ) >/dev/null 2>&1 & guard=$!
  wait "$child"; ended=$?
  kill "$guard" 2>/dev/null
  return "$ended"
}

# The settings' own, or whichever of the two that the packages bring.
service_scripts() {
  if [ -n "$service" ]; then set -- "$service"
  else set -- /etc/init.d/ilogtaild /etc/init.d/loongcollectord; fi
  for candidate; do
    if [ -f "$candidate" ] && [ -x "$candidate" ]; then printf '%s\n' "$candidate"; fi
  done
}
""")

FACTS = Shell(r"""
hex() { od -An -v -tx1 | tr -d ' \n'; }

short() { printf '%s' "$1" | head -c 400 | hex; }

# One write for each line, since some come side by side.
fact() { printf 'fact %s\n' "$*"; }

kind() {
  if said=$(ls -d -- "$1" 2>&1); then
    if [ -d "$1" ]; then echo folder; elif [ -f "$1" ]; then echo file; else echo other; fi
    return
  fi
  case $said in *'No such file or directory') echo absent ;; *) echo denied ;; esac
}

content() {
  found=$(kind "$2")
  if [ "$found" = file ] && [ ! -r "$2" ]; then found=denied; fi
  if [ "$found" = file ]; then found="file =$(head -c 65536 <"$2" | hex)"; fi
  fact "$1 $found"
}

user_files() {
  found=$(kind "$conf/users")
  if [ "$found" = folder ] && [ ! -r "$conf/users" ]; then found=denied; fi
  if [ "$found" = folder ]; then
    found="folder =$(ls -A -- "$conf/users" | head -c 65536 | hex)"
  fi
  fact "users $found"
}

# What the agent reads and somebody wrote after it started: it writes its own file at its start.
newer() {
  [ -f "$agent/app_info.json" ] || return 0
  for file in "$conf/user_defined_id" "$conf/users" "$agent/ilogtail_config.json"; do
    if [ "$file" -nt "$agent/app_info.json" ]; then fact "newer =$(short "$file")"; fi
  done
}
""")

AGENTS = Shell(r"""
from_proc() {
  set +f
  for process in $(grep -lE 'ilogtail|loongcollector' /proc/[0-9]*/cmdline 2>/dev/null); do
    process=${process%/cmdline}
    parent=$(sed -n 's/^PPid:[[:space:]]*//p' "$process/status" 2>/dev/null) || continue
    printf '%s %s %s\n' "${process#/proc/}" "$parent" "$(tr '\000' ' ' <"$process/cmdline")"
  done
  set -f
}

processes() {
  # Who does not even see the first process sees none of others (hidepid).
  if all=$(within 3 ps -eo pid=,ppid=,args= 2>/dev/null); then
    if ! printf '%s\n' "$all" | grep -q '^ *1 '; then fact 'lacks ps'; return; fi
  else
    if [ ! -r /proc/1/cmdline ]; then fact 'lacks ps'; return; fi
    all=$(from_proc 2>/dev/null)
  fi
  fact 'processes seen'
  # Anybody may call a hundred thousand of his own so.
  printf '%s\n' "$all" | grep -E 'ilogtail|loongcollector' | head -n 100 |
    while read -r pid parent called; do
    set -- $called
    case ${1##*/} in
      ilogtail | ilogtail[_-]* | loongcollector | loongcollector[_-]*)
        case ${1##*/} in *.json | *.LOG) continue ;; esac
        fact "process $pid $parent =$(short "$called")"
        environment "$pid" ;;
    esac
  done
}

environment() {
  names='ALIYUN_LOGTAIL_USER_ID|ALIYUN_LOGTAIL_USER_DEFINED_ID|LOONG_USER_DEFINED_ID'
  if [ -e "/proc/$1/environ" ]; then
    told=$( { tr '\000' '\n' <"/proc/$1/environ"; } 2>/dev/null) || { fact 'lacks environ'; return; }
  else
    told=$(within 3 ps eww -o args= -p "$1" 2>/dev/null) || { fact 'lacks environ'; return; }
    told=$(printf '%s' "$told" | tr ' ' '\n')
  fi
  printf '%s\n' "$told" | grep -E "^($names)=" | head -n 3 | while read -r pair; do
    fact "env =$(short "$pair")"
  done
}

# Where it says that it restarts itself, and its last line, whose time tells how long ago that was.
log() {
  log=$agent/ilogtail.LOG other=$agent/loongcollector.LOG
  if [ ! -f "$log" ] || [ "$other" -nt "$log" ]; then log=$other; fi
  [ -f "$log" ] && [ -r "$log" ] || { fact 'lacks log'; return; }
  wanted='Resource used by program exceeds'
  fact "log =$(tail -c 1000000 "$log" | tr -d '\000' | grep -e "$wanted" | tail -n 5 |
    cut -c 1-400 | hex)"
  fact "last =$(tail -n 1 "$log" | head -c 400 | hex)"
}

keys() {
  shape='##1\.0##[A-Za-z0-9_-]+[$][A-Za-z0-9_-]+'
  {
    grep -rhoE "$shape" "$agent/user_log_config.json" "$agent/config" "$conf/config"
    find "$agent/config" "$conf/config" -name '##1.0##*' | grep -oE "$shape"
  } 2>/dev/null | sort -u | head -n 500 | while read -r key; do fact "key $key"; done
}
""")

SIDE_BY_SIDE = Shell(r"""
status() {
  service_scripts | while IFS= read -r path; do
    { within 3 "$path" status 2>&1; printf '\nended %s\n' "$?"; } | answer "$path"
  done
}

# Up to our own last line: a child that outlives its script may keep the pipe open for long.
answer() {
  said=''
  while IFS= read -r line; do
    case $line in 'ended ' | 'ended '*[!0-9]*) ;; 'ended '*) break ;; esac
    [ "${#said}" -gt 400 ] || said="$said$line "
  done
  fact "service ${line#ended } =$(short "$1") =$(short "$said")"
}

# The addresses under either age's name; what else stands there is not handed to a tool.
servers() {
  tr -d '\r\n' <"$agent/ilogtail_config.json" 2>/dev/null |
    grep -oE '"config_(servers"[[:space:]]*:[[:space:]]*\[[^]]*\]|server_address"[[:space:]]*:[[:space:]]*"[^"]*")' |
    sed 's/^[^:]*://' | grep -oE '"[^"]+"' | tr -d '"' | grep -E '^[A-Za-z0-9][A-Za-z0-9./:_-]*$' |
    head -n 3
}

name_of() { host=${1#*://}; printf '%s' "${host%%[:/]*}"; }

resolve() {
  case $1 in *[!0-9.]*) ;; *) return ;; esac
  command -v getent >/dev/null || { fact 'lacks getent'; return; }
  said=$(within 3 getent hosts "$1" 2>&1)
  fact "resolve getent $? =$(short "$1") =$(short "$said")"
}

reach() {
  if command -v curl >/dev/null; then
    tool=curl said=$(within 4 curl -sS -m 3 "$1" 2>&1)
  elif command -v wget >/dev/null; then
    tool=wget said=$(within 4 wget -qO- -T 3 "$1" 2>&1)
  else
    fact 'lacks curl'; return
  fi
  fact "reach $tool $? =$(short "$1") =$(short "$said")"
}

room() {
  said=$(within 3 df -P "$2" 2>/dev/null | tail -n 1)
  [ -n "$said" ] || { fact 'lacks df'; return; }
  point=${said##* }
  table=$(within 3 mount 2>/dev/null) || table=$(cat /proc/mounts 2>/dev/null)
  how=$(printf '%s\n' "$table" | grep -F " $point " | tail -n 1)
  inodes=$(within 3 df -Pi "$2" 2>/dev/null | tail -n 1)
  can=no; if [ -w "$2" ]; then can=yes; fi
  fact "room $1 $can =$(short "$said") =$(short "$inodes") =$(short "$how")"
}
""")

EXAMINE = Shell(r"""
examine() {
  command -v od >/dev/null || die "looking at the agent: od is missing; install coreutils"
  printf '\n'
  fact "user $(id -u)"
  fact "conf $(kind "$conf")"
  fact "agent $(kind "$agent")"
  content ids "$conf/user_defined_id"
  content app "$agent/app_info.json"
  content config "$agent/ilogtail_config.json"
  user_files
  newer
  processes
  log
  keys
  status &
  for address in $(servers); do
    resolve "$(name_of "$address")" &
    reach "$address" &
  done
  if [ -d "$conf" ]; then room conf "$conf" & fi
  if [ -d "$agent" ]; then room agent "$agent" & fi
  wait
  fact "date $(date -u +%s)"
  fact end
}
""")

RESTART = Shell(r"""
running() {
  service_scripts | while IFS= read -r path; do
    case $(within 5 "$path" status 2>&1) in *'is running'*) printf '%s' "$path"; break ;; esac
  done
}

restart() {
  verb=restart
  chosen=$(running)
  if [ -z "$chosen" ]; then verb=start chosen=$(service_scripts | head -n 1); fi
  [ -n "$chosen" ] ||
    die "looking for the agent's service script: none at ${service:-its usual places}; set service"
  # What it starts would hold the connection open by an output of ours.
  "$chosen" "$verb" >/dev/null 2>&1 || die "$chosen $verb: exit status $?; try it by hand there"
  printf '\nchanged\n'
}
""")
