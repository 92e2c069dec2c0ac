"""A worker process for the tests: `python -m tests.contract.worker URL PREFIX hang|finish`."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.mover import Mover
from bot.pulse import Pulse
from bot.queue import TICKS, DramatiqQueue, Ticker, open_broker, run_worker
from bot.redis_address import Address
from bot.redis_server import connect
from bot.store import RedisStore
from bot.wire import Cipher
from tests.contract.redis_servers import KEY, told
from workflows.model import Claim

CLAIM = 1.0  # seconds


@dataclass
class Moves:
    """One move: it hangs for ever, or writes that it was made."""

    store: RedisStore
    mode: str

    def advance(
        self,
        claim: Claim,
        say: Callable[[str], None],
        ours: Callable[[], None],
        saved: Callable[[Claim], None],
    ) -> float | None:
        if claim.job.reason:
            return None
        say("moving")
        if self.mode == "hang":
            threading.Event().wait()
        ours()
        saved(self.store.commit(claim, replace(claim.job, reason="moved"), told("moved")))
        return None

    def give_up(self, claim: Claim, ref: str) -> None:
        raise NotImplementedError


def main() -> None:
    url, prefix, mode = sys.argv[1:]
    store = RedisStore(connect(url), Cipher((KEY,)), CLAIM, hint_seconds=1.0, prefix=prefix)
    address, pulse = Address(url), Pulse(store, CLAIM / 3)
    pulse.start()
    Ticker(store, DramatiqQueue(open_broker(address), TICKS)).start()
    print("ready", flush=True)
    run_worker(address, Mover(store, Moves(store, mode), pulse).look, 2, threading.Event())


if __name__ == "__main__":
    main()
