"""A worker process that helps with batches: `python -m tests.contract.helper URL CLAIM NAME`.

Whom it asks it adds to the list asked:NAME, before the host answers.
"""

from __future__ import annotations

import sys
import threading
from contextlib import closing

from bot.mover import by_shape
from bot.queue import TICKS, DramatiqQueue, Ticker, open_broker, run_worker
from bot.redis_address import Address
from bot.redis_server import connect
from bot.store import RedisStore
from bot.wire import Cipher
from tests.contract.errand_kit import PREFIX, Counting, a_crew, errands_at
from tests.contract.redis_servers import KEY


def no_jobs(job_id: str) -> None:
    """Its job has another worker."""


def main() -> None:
    url, claim, name = sys.argv[1], float(sys.argv[2]), sys.argv[3]
    address, client = Address(url), connect(url)
    reach = Counting(asking=lambda host: client.rpush(f"asked:{name}", host), seconds=0.005)
    crew = a_crew(errands_at(url, claim), reach)
    store = RedisStore(connect(url), Cipher((KEY,)), claim, hint_seconds=0.5, prefix=PREFIX)
    Ticker(store, DramatiqQueue(open_broker(address), TICKS), every=0.05).start()
    print("ready", flush=True)
    with closing(client):
        run_worker(address, by_shape(no_jobs, crew.look), 2, threading.Event())


if __name__ == "__main__":
    main()
