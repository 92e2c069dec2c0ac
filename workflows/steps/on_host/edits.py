"""The shell that edits the id file with care: under a lock, by temp file and rename."""

from __future__ import annotations

from workflows.steps.on_host.shell import Shell

EDIT = Shell(r"""
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
  lock_dir=$conf/.logmigrate.lock
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
  # Asked outright: what is taken for absent is replaced.
  [ -e "$file" ] || listed "$file" || return 0
  [ -f "$file" ] || die "editing $file: not a plain file; move it away"
  [ -r "$file" ] || die "reading $file: permission denied"
}

# The shell drops newlines at the end of what it is given, so nothing is left of one.
ends_in_newline() { [ -z "$(tail -c 1 -- "$1")" ]; }

rights_in() { set -- $1; mode=${1%.}; owner=$3:$4; }

# Adds text to a file, which it makes where there is none.
put() {
  { printf '%s' "$1" >>"$2"; } 2>/dev/null && return 0
  # The shell's own printf may not say why.
  said=$( { printf '%s' "$1" | cat >>"$2"; } 2>&1)
  die "$3 $2: $(reason "${said:-no word of why}")"
}

# Sets temp: a copy with the file's owner and rights, in its folder so that mv replaces in one step.
copy_file() {
  temp=${file%/*}/.user_defined_id.logmigrate
  if [ -e "$temp" ] || [ -L "$temp" ]; then try "making $temp" rm -f -- "$temp"; fi
  if [ ! -e "$file" ]; then put '' "$temp" making; return; fi
  # All but NUL becomes a newline, and newlines at the end are dropped.
  [ -z "$(tr '\000\001-\377' 'N\n' <"$file")" ] ||
    die "editing $file: it holds NUL bytes, so it is no list of ids; repair it by hand"
  try "making $temp" cp -p -- "$file" "$temp"
  keep_label
  said=$(ls -ldn -- "$file" "$temp") || die "looking at $temp: gone meanwhile"
  rights_in "$said"; first_mode=$mode; first_owner=$owner
  rights_in "${said#*'
'}"
  [ "$owner" = "$first_owner" ] ||
    die "keeping the owner of $file: not permitted; log in as its owner, or set sudo = true"
  [ "$mode" = "$first_mode" ] ||
    die "keeping mode and ACL of $file: cp does not keep them here; install coreutils"
}

keep_label() {
  [ -e /sys/fs/selinux/enforce ] || return 0
  said=$(chcon --reference="$file" -- "$temp" 2>&1) ||
    die "keeping the SELinux label of $file: $(reason "$said"); write the id by hand"
}

write_temp() { said=$( { "$@" >"$temp"; } 2>&1) || die "writing $temp: $(reason "$said")"; }

replace_file() { try "replacing $file" mv -f -- "$temp" "$file"; temp=''; state=changed; }
""")
