"""The shell that takes an app's ids back, and leaves what another app uses."""

from __future__ import annotations

from workflows.steps.on_host.shell import Shell

REMOVE = Shell(r"""
# Whether it is to be taken away; sets users where others need it. What the ledger does not know
# comes from a version without one: then what was seen before us decides.
release() {
  strike "use $app $1"
  users=''
  has "made $1" || return 0
  users_of "$1"
  [ -z "$users" ] || return 1
  strike "made $1"
}

# Only the last of our lines takes the file, or the newline that was put before them.
last_of_ours() {
  if makes_lines; then drop_file=no; final_newline=yes; return; fi
  strike "was $was $ended"
  drop_file=no; final_newline=yes
  if [ "$was" = - ]; then drop_file=yes; fi
  if [ "$ended" = open ]; then final_newline=no; fi
}

take_custom() {
  find_file
  was=$sha256; ended=''
  if has "made custom $id"; then read_was; fi
  if ! release "custom $id"; then took_line="left $users"; return; fi
  [ -z "$ended" ] || last_of_ours
  took_line=absent
  [ ! -s "$file" ] || remove_line
  if [ "$drop_file" = yes ] && [ -f "$file" ] && [ ! -s "$file" ]; then
    try "removing $file" rm -f -- "$file"
    state=changed
  fi
}

remove_line() {
  number=$(grep -nxF -e "$id" -- "$file" | tail -n 1)
  [ -n "$number" ] || return 0
  number=${number%%:*}
  lines=$(wc -l <"$file")
  copy_file
  write_temp sed "${number}d" -- "$file"
  if [ "$final_newline" = no ] && [ "$number" -ge "$lines" ]; then trim; fi
  replace_file
  took_line=taken
}

# We ended the line before ours, which had no newline, to put ours after it.
trim() {
  ends_in_newline "$temp" && [ -s "$temp" ] || return 0
  size=$(($(wc -c <"$temp") - 1))
  if [ -n "$was" ]; then
    sum=$(head -c "$size" -- "$file" | sha256sum)
    [ "${sum%% *}" = "$was" ] || return 0
  fi
  write_temp head -c "$size" -- "$file"
}

take_account() {
  if ! release "account $account"; then took_user="left $users"; return; fi
  if [ "$keep_account" = yes ]; then took_user=asked; return; fi
  took_user=absent
  exists "$conf/users/$account" || return 0
  if [ -s "$conf/users/$account" ]; then took_user=written; return; fi
  try "removing $conf/users/$account" rm -f -- "$conf/users/$account"
  took_user=taken; state=changed
}

take_users_dir() {
  case $ledger in *'
made account '*) return ;; esac
  if has 'made users'; then drop_users_dir=yes; strike 'made users'; fi
  # Where somebody put a link in its place, that is theirs.
  [ "$drop_users_dir" = yes ] && [ -d "$conf/users" ] && [ ! -L "$conf/users" ] || return 0
  [ -z "$(ls -A -- "$conf/users")" ] || return 0
  try "removing $conf/users" rmdir -- "$conf/users"
  state=changed
}

remove() {
  state=same; took_line=nothing; took_user=nothing; was=''
  printf '\n'
  if exists "$conf"; then
    lock
    open_ledger
    [ -z "$id" ] || take_custom
    [ -z "$account" ] || take_account
    take_users_dir
    save_ledger
    held
  fi
  printf 'fact line %s\nfact user %s\nfact was %s\n' "$took_line" "$took_user" "${was:-?}"
  printf 'fact end\n%s\n' "$state"
}
""")
