"""A process that stands between client and hosts and holds everything back for half a round trip.

`python -m bench.fleet.proxy PORT TO MS ADDRESS…` listens on the addresses and passes on to the same
address at port TO; it says `ready` once.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

PIECE = 65536


async def main(port: int, to: int, round_trip: float, addresses: list[str]) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = writer.get_extra_info("sockname")[0]
        # The kernel has taken the connection at once; over a network that is a round trip, too.
        await asyncio.sleep(round_trip)
        with suppress(OSError):
            far = await asyncio.open_connection(address, to)
            await asyncio.gather(
                _pass_on(reader, far[1], round_trip / 2), _pass_on(far[0], writer, round_trip / 2)
            )

    servers = [await asyncio.start_server(serve, one, port, backlog=500) for one in addresses]
    print("ready", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float
) -> None:
    """Each piece a while after it came; the pieces do not wait for each other."""
    loop = asyncio.get_running_loop()
    with suppress(OSError):
        while piece := await reader.read(PIECE):
            loop.call_later(delay, writer.write, piece)
    loop.call_later(delay, writer.close)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(
            main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) / 1000, sys.argv[4:])
        )
