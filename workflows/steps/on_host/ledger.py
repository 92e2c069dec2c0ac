"""The shell that keeps a host's ledger: what we made there, and which apps use it."""

from __future__ import annotations

from workflows.steps.on_host.shell import Shell

LEDGER = Shell(r"""
# Which app uses what we made here: lines such as "made account 12" and "use app-b account 12".
open_ledger() {
  book=$conf/.logmigrate; ledger='
'
  opened=$ledger
  exists "$book" || return 0
  [ -f "$book" ] || die "reading $book: not a plain file; move it away"
  said=$(cat -- "$book" 2>&1) || die "reading $book: $(reason "$said")"
  ledger="
$said
"
  opened=$ledger
}

has() { case $ledger in *"
$1
"*) return 0 ;; esac; return 1; }

note() { has "$1" || ledger="$ledger$1
"; }

strike() {
  has "$1" || return 0
  ledger="${ledger%%"
$1
"*}
${ledger#*"
$1
"}"
}

makes_lines() { case $ledger in *'
made custom '*) return 0 ;; esac; return 1; }

# Sets was and ended from the line that tells of the id file before us, if nobody took it out.
read_was() {
  was=${ledger#*'
was '}
  [ "$was" != "$ledger" ] || { was=$sha256; return; }
  was=${was%%'
'*}
  ended=${was#* }; was=${was%% *}
}

in_use() { case $ledger in *'
use '*) return 0 ;; esac; return 1; }

# Sets users: the apps that use it.
users_of() {
  users=''
  IFS='
'
  for line in $ledger; do
    case $line in
      "use "*" $1") line=${line#use }; users="$users${users:+, }${line%" $1"}" ;;
    esac
  done
  unset IFS
}

sum_of() {
  command -v sha256sum >/dev/null || die "reading $1: sha256sum is missing; install coreutils"
  sum=$(sha256sum <"$1") || die "reading $1: sha256sum gave no sum"
  sum=${sum%% *}
}

save_ledger() {
  [ "$ledger" != "$opened" ] || return 0
  if ! in_use; then drop_ledger; return; fi
  draft=$book.new
  if [ -e "$draft" ] || [ -L "$draft" ]; then try "making $draft" rm -f -- "$draft"; fi
  ledger=${ledger#'
'}
  put "$ledger" "$draft" writing
  try "replacing $book" mv -f -- "$draft" "$book"
  draft=''; state=changed
}

drop_ledger() {
  exists "$book" || return 0
  try "removing $book" rm -f -- "$book"
  state=changed
}
""")
