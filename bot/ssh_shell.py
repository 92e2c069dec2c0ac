"""/bin/sh on the other side, fed by its standard input; marks tell its words from all others."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from contextlib import suppress

from paramiko import Channel, SSHException

from bot.ssh_target import Answer

OUTPUT_LIMIT = 1 << 20  # bytes of output and error output together
PIECE = 65536
MARK = f"--{secrets.token_hex(8)}--"  # by chance, so that no host can know it
ENDED = re.compile(rb"%s (\d+)\n" % MARK.encode())
SLICE = 0.5  # seconds between two looks at the error output while the output is silent


class Shell:
    """One shell for one command, or for a conversation: look, then change."""

    def __init__(self, channel: Channel, *, sudo: bool) -> None:
        self._channel = channel
        self._out, self._err, self._begun = bytearray(), bytearray(), False
        channel.settimeout(SLICE)
        # By standard input: what is in the command line, everybody on the host can read.
        channel.exec_command("sudo -n -- /bin/sh -s" if sudo else "/bin/sh -s")

    def ask(self, script: str, *, last: bool) -> Answer:
        """Run a script; after the `last` one, or after one that goes wrong, the shell ends."""
        # A login shell may print a greeting of its own before ours begins.
        text = "" if self._begun else f"echo {MARK}\n"
        if last and not self._begun:
            self._send(f"{text}{script}")
            return self._rest()
        # A shell of its own, so that its `exit` ends no more than itself. In a conversation the
        # last one too: its mark comes before the end of the shell and of the channel.
        self._send(f"{text}(\n{script}\n) </dev/null\necho {MARK} $?\n", more=True)
        return self._up_to_the_mark()

    def _send(self, text: str, *, more: bool = False) -> None:
        # What ends without reading, as a sudo that wants a password, tells why in its output.
        with suppress(OSError):
            self._channel.sendall(text.encode())
            if not more:
                self._channel.shutdown_write()

    def _up_to_the_mark(self) -> Answer:
        while not (ended := ENDED.search(self._out)):
            if not self._hear():
                return self._rest()
        self._skip_greeting()
        if status := int(ended[1]):
            self._send("")
            answer = self._rest()  # all of the error output has come only when the shell has ended
            return Answer(status, ENDED.sub(b"", answer.out), answer.err)
        out, self._out = ENDED.sub(b"", self._out), bytearray()
        return Answer(0, out, b"")

    def _rest(self) -> Answer:
        while self._hear():
            pass
        while self._keep(self._channel.recv_stderr, self._err):
            pass
        self._skip_greeting()
        status = self._channel.recv_exit_status()
        return Answer(status, bytes(self._out), bytes(self._err), begun=self._begun)

    def _skip_greeting(self) -> None:
        if not self._begun:
            _, mark, rest = self._out.partition(f"{MARK}\n".encode())
            if mark:
                self._out, self._begun = rest, True

    def _hear(self) -> bool:
        """Keep what is said within a slice of time; False once the output has ended."""
        more = self._keep(self._channel.recv, self._out)
        # Errors in between, since either one can fill the window.
        while self._channel.recv_stderr_ready():
            self._keep(self._channel.recv_stderr, self._err)
        return more

    def _keep(self, receive: Callable[[int], bytes], kept: bytearray) -> bool:
        try:
            piece = receive(PIECE)
        except TimeoutError:
            return True
        kept += piece
        if len(self._out) + len(self._err) > OUTPUT_LIMIT:
            raise SSHException("more than 1 MiB of output; look at the files it reads")
        return bool(piece)
