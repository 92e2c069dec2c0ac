"""A consumer group: how far each shard was read, and which consumer reads which shard."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sandbox.sls import errors


@dataclass
class ConsumerGroup:
    """Checkpoints are cursors by shard; `timeout` is in seconds, and so are all times here.

    A consumer that was silent for longer than `timeout` loses its shards. One that shall give a
    shard up keeps it until it no longer names it, so that no two consumers read one shard.
    """

    name: str
    order: bool
    timeout: int
    checkpoints: dict[int, str] = field(default_factory=dict)
    updated: dict[int, float] = field(default_factory=dict)
    holders: dict[int, str] = field(default_factory=dict)
    heard: dict[str, float] = field(default_factory=dict)  # by consumer, in order of arrival

    def beat(
        self, consumer: str, held: Collection[int], shards: Collection[int], now: float
    ) -> list[int]:
        """Which of `shards` the consumer, who says it holds `held`, is to read from now on.

        Raises NotExistConsumerWithBody for one that holds some and is not, or no longer, known.
        """
        self.forget_silent(now)
        if held and consumer not in self.heard:
            raise errors.consumer_unknown()
        self.heard[consumer] = now
        self._give_up(consumer, held, shards)
        share = self._share(consumer, len(shards))
        free = [shard for shard in shards if shard not in self.holders]
        for shard in free[: max(0, share - len(self._of(consumer)))]:
            self.holders[shard] = consumer
        return self._of(consumer)[:share]

    def forget_silent(self, now: float) -> None:
        """Drop the consumers whose time is over; their shards are free again."""
        self.heard = {who: at for who, at in self.heard.items() if now - at <= self.timeout}
        self.holders = {n: who for n, who in self.holders.items() if who in self.heard}

    def check_holder(self, consumer: str, shard: int, now: float) -> None:
        """Refuse a checkpoint from anybody but the consumer that holds the shard."""
        self.forget_silent(now)
        if consumer not in self.heard:
            raise errors.consumer_missing()
        if self.holders.get(shard) != consumer:
            raise errors.consumer_mismatch(shard)

    def keep(self, shard: int, cursor: str, now: float) -> None:
        """Write down how far a shard was read."""
        self.checkpoints[shard] = cursor
        self.updated[shard] = now

    def _give_up(self, consumer: str, held: Collection[int], shards: Collection[int]) -> None:
        self.holders = {
            shard: who
            for shard, who in self.holders.items()
            if shard in shards and (who != consumer or shard in held)
        }

    def _share(self, consumer: str, shards: int) -> int:
        each, over = divmod(shards, len(self.heard))
        return each + (list(self.heard).index(consumer) < over)

    def _of(self, consumer: str) -> list[int]:
        return sorted(shard for shard, who in self.holders.items() if who == consumer)
