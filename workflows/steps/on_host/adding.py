"""The shell that gives a host its ids, and writes down first what of them is ours."""

from __future__ import annotations

from workflows.steps.on_host.shell import Shell

ADD = Shell(r"""
draft_line() {
  copy_file
  gap=''
  if [ -s "$file" ] && ! ends_in_newline "$file"; then gap='
'; fi
  if ! makes_lines; then note_file; fi
  note "made custom $id"
  # The agent takes a carriage return for part of the id, so a CRLF file gets no CRLF from us.
  put "$gap$id
" "$temp" writing
}

note_file() {
  if [ ! -e "$file" ]; then note 'was - newline'; return; fi
  sum_of "$file"
  if [ -n "$gap" ]; then note "was $sum open"; else note "was $sum newline"; fi
}

note_user() {
  exists "$conf/users" || note 'made users'
  note "made account $account"
}

note_uses() {
  for thing in "account $account" "custom $id"; do
    if has "made $thing"; then note "use $app $thing"; fi
  done
}

make_user() {
  [ -d "$conf/users" ] || try "making $conf/users" mkdir -p -- "$conf/users"
  put '' "$conf/users/$account" making
  state=changed
}

has_line() { [ -s "$1" ] && grep -qxF -e "$id" -- "$1"; }

# Both ids are there, and nobody can take them away under this app; asked without the lock, since
# most hosts are asked again with nothing to do.
is_served() {
  [ -e "$conf/users/$account" ] || return 1
  has_line "$conf/user_defined_id" 2>/dev/null || return 1
  open_ledger
  for thing in "account $account" "custom $id"; do
    if has "made $thing" && ! has "use $app $thing"; then return 1; fi
  done
}

make_both() {
  lock
  find_file
  open_ledger
  lacks_user=no
  has_line "$file" || draft_line
  if ! exists "$conf/users/$account"; then lacks_user=yes; note_user; fi
  note_uses
  # Before the changes, so that a death in between does not make ours look like somebody else's.
  save_ledger
  [ "$lacks_user" = no ] || make_user
  [ -z "$temp" ] || replace_file
}

add() {
  need_folder "$conf" conf_dir
  state=same
  if ! is_served; then
    make_both
    is_served || die "reading back $conf: the ids are gone again; find out who writes there, retry"
  fi
  printf '%s\n' "$state"
}
""")
