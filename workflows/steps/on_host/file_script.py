"""The shell that lists files and tells how their agent fares: it writes nothing, and hangs nowhere."""

from __future__ import annotations

from workflows.steps.on_host.shell import Shell

FILES = Shell(r"""
newline='
'

packed() {
  if command -v gzip >/dev/null; then printf 'z='; gzip -c | base64 | tr -d '\n'
  else printf '='; base64 | tr -d '\n'; fi
}

octets() { od -An -v -tx1 | tr -d ' \n'; }

# Paths, each ended by a NUL, of the files that the settings mean and that find says more of.
those() {
  number=0
  while [ "$number" -lt "$paths" ]; do
    eval "root=\$root$number folder=\$folder$number pattern=\$pattern$number depth=\$depth$number"
    number=$((number + 1))
    within 20 find -H "$root" -mindepth 1 -maxdepth "$((depth + 1))" -type f \
      -path "$folder/*" -name "$pattern" "$@" -print0
    case $? in 124 | 137 | 143) echo "looking into $root: not done after 20 s" >&2 ;; esac
  done
}

# A row for each, the newest first; one more than wanted tells that there are others.
listed_files() {
  those ! -path "*$newline*" | xargs -0 -r stat -c '%Y %s %d %i %n' -- |
    sort -rn | uniq | head -n "$((most + 1))"
}

# What would break a row gets one of its own.
odd_files() {
  those -path "*$newline*" 2>/dev/null | tr '\n\000' '\001\n' | head -n 50 |
    while IFS= read -r name; do
    path=$(printf '%sx' "$name" | tr '\001' '\n')
    path=${path%x}
    told=$(stat -c '%Y %s %d %i' -- "$path" 2>/dev/null) || continue
    printf 'fact odd %s =%s\n' "$told" "$(printf '%s' "$path" | octets)"
  done
}

# What comes and goes while we look is no trouble; what may not be looked into is.
files() {
  exec 4>&1
  printf 'fact files '
  trouble=$( { listed_files 2>&3 | packed >&4; } 3>&1 )
  printf '\n'
  trouble=$(printf '%s\n' "$trouble" | grep -v 'No such file' | head -n 3 | cut -c 1-200)
  [ -z "$trouble" ] || printf 'fact unseen %s\n' "$(printf '%s' "$trouble" | octets)"
}

# By way of find, so that a pipe or a giant is left alone.
checkpoint() {
  for place in /tmp/logtail_check_point "$agent/data/file_check_point"; do
    told=$(stat -c '%Y' -- "$place" 2>/dev/null) || continue
    [ -n "$told" ] || continue
    held=$(within 5 find -H "$place" -maxdepth 0 -type f -size -4096 -exec cat {} + 2>/dev/null |
      packed)
    [ "${#held}" -gt 400000 ] || printf 'fact checkpoint %s %s\n' "$told" "$held"
  done
}

# How long each of its processes lives, how long it had a core, and its KiB.
used() {
  within 3 ps -eo etime=,time=,rss=,args= 2>/dev/null |
    grep -E 'ilogtail|loongcollector' | head -n 100 |
    while read -r lived worked kib program rest; do
    case ${program##*/} in
      *.json | *.LOG) ;;
      ilogtail | ilogtail[_-]* | loongcollector | loongcollector[_-]*)
        printf 'fact used %s %s %s\n' "$lived" "$worked" "$kib" ;;
    esac
  done
}

cores() {
  count=$(grep -c '^processor' /proc/cpuinfo 2>/dev/null) || count=0
  printf 'fact cores %s\n' "$count"
}

file_look() {
  for tool in base64 od find stat xargs sort; do
    command -v "$tool" >/dev/null ||
      die "listing the log files: $tool is missing; install coreutils and findutils"
  done
  need_short "$agent/app_info.json" "$agent/ilogtail_config.json"
  printf '\nfact date %s\nfact most %s\n' "$(date -u +%s)" "$most"
  content app "$agent/app_info.json"
  content config "$agent/ilogtail_config.json"
  files
  odd_files
  checkpoint
  used
  cores
  printf 'fact end\n'
}
""")
