"""/bin/sh on the other side, fed by its standard input; a mark tells its words from all others."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress

from paramiko import Channel, Message, SSHException, Transport
from paramiko.common import cMSG_CHANNEL_REQUEST

from bot.ssh_target import Answer

OUTPUT_LIMIT = 1 << 20  # bytes of output and error output together
PIECE = 65536
MARK = f"--{secrets.token_hex(8)}--"  # by chance, so that no host can know it
SLICE = 0.5  # seconds between two looks at the error output while the output is silent
# Said in one piece: each piece is a packet, and each packet wakes two threads here.
WHOLE = f"""\
said=$(
%s
) </dev/null
status=$?
printf '%%s\\n' {MARK} "$said"
exit "$status"
"""


class Shell:
    """One shell for one script."""

    def __init__(self, transport: Transport, *, sudo: bool) -> None:
        self._channel = channel = transport.open_session()
        self._out, self._err = bytearray(), bytearray()
        # By standard input: what is in the command line, everybody on the host can read.
        _execute(transport, channel, "sudo -n -- /bin/sh -s" if sudo else "/bin/sh -s")

    def ask(self, script: str) -> Answer:
        """Run a script to the end of the shell."""
        # What ends without reading, as a sudo that wants a password, tells why in its output.
        with suppress(OSError):
            # Without a limit of its own: a busy host may be slow to say that it takes input.
            self._channel.sendall((WHOLE % script).encode())
            self._channel.shutdown_write()
        self._channel.settimeout(SLICE)
        while self._hear():
            pass
        while self._keep(self._channel.recv_stderr, self._err):
            pass
        # A login shell may print a greeting of its own before ours begins.
        greeting, mark, said = self._out.partition(f"{MARK}\n".encode())
        status = self._channel.recv_exit_status()
        out = said if mark else greeting
        return Answer(status, bytes(out), bytes(self._err), begun=bool(mark))

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


def _execute(transport: Transport, channel: Channel, command: str) -> None:
    """As Channel.exec_command, without the way there and back: a refusal closes the channel."""
    request = Message()
    request.add_byte(cMSG_CHANNEL_REQUEST)
    request.add_int(channel.remote_chanid)
    request.add_string("exec")
    request.add_boolean(b=True)
    request.add_string(command)
    # As the channel itself does.
    transport._send_user_message(request)  # type: ignore[attr-defined]  # noqa: SLF001
