"""One command on a host: started in the host's folder, fed, listened to, and ended."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

import asyncssh

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NOT_PERMITTED = 126  # what a shell answers for a command that may not be run
PIECE = 64 * 1024
TOOLS = "usr/local/bin"  # in the host's root; they answer for the host before the machine's own
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


async def serve(
    process: asyncssh.SSHServerProcess[bytes], argv: Sequence[str], root: Path, user: str
) -> None:
    """Run the command to its end; a cut connection does not end it before it next speaks.

    OpenSSH without a terminal does the same: the command goes on until it writes.
    """
    child = await _spawn(argv, root, user)
    feeding = asyncio.create_task(_feed(process, child))
    try:
        await asyncio.gather(
            _pass_on(child.stdout, process.stdout), _pass_on(child.stderr, process.stderr)
        )
        _leave(process, await child.wait())
    except (asyncssh.Error, ConnectionError):
        process.close()  # the client went away: nobody is left to tell
    finally:
        feeding.cancel()
        await _end_group(child)


def decline(process: asyncssh.SSHServerProcess[bytes], why: str) -> None:
    """Run nothing, and say why."""
    process.stderr.write(f"{why}\n".encode())
    process.exit(NOT_PERMITTED)


async def _spawn(argv: Sequence[str], root: Path, user: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *argv,
        cwd=root,
        env=_environment(root, user),
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        start_new_session=True,
    )


def _environment(root: Path, user: str) -> dict[str, str]:
    """Return what a login has; nothing of this process's own environment."""
    names = {"USER": user, "LOGNAME": user, "SHELL": "/bin/sh", "LANG": "C.UTF-8"}
    return {"PATH": f"{root / TOOLS}:{PATH}", "HOME": str(root), **names}


async def _feed(
    process: asyncssh.SSHServerProcess[bytes], child: asyncio.subprocess.Process
) -> None:
    """Pass the client's input on; a command that does not read it is no error."""
    if child.stdin is None:
        return
    with suppress(ConnectionError, asyncssh.Error):
        while piece := await process.stdin.read(PIECE):
            child.stdin.write(piece)
            await child.stdin.drain()
    child.stdin.close()


async def _pass_on(source: asyncio.StreamReader | None, sink: asyncssh.SSHWriter[bytes]) -> None:
    while source and (piece := await source.read(PIECE)):
        sink.write(piece)
        await sink.drain()


def _leave(process: asyncssh.SSHServerProcess[bytes], code: int) -> None:
    if code >= 0:
        process.exit(code)
    else:
        process.exit_with_signal(signal.Signals(-code).name.removeprefix("SIG"))


async def _end_group(child: asyncio.subprocess.Process) -> None:
    """End a command that still runs, the shell's children too."""
    if child.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        await child.wait()
