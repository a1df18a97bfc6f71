"""Which shard is compared with the documents next, and when: pure.

One of all in turn each `every_s`; all of them when that is wanted; and one that had to be sent
again once more, as soon as it has arrived.
"""

from collections import deque

from edge.digest import SHARDS


class Shards:
    def __init__(self, first: int, every_s: float, again_s: float) -> None:
        self.due_s = float("inf")
        self._every_s, self._again_s = every_s, again_s
        self._next = first % SHARDS
        self._wanted: deque[int] = deque()
        self._resent: set[int] = set()

    @property
    def shard(self) -> int:
        """The one whose turn it is."""
        return self._wanted[0] if self._wanted else self._next

    @property
    def is_resent(self) -> bool:
        """Whether it was found to differ before, and sent again since."""
        return self.shard in self._resent

    def begin(self, now_s: float) -> None:
        self.due_s = min(self.due_s, now_s + self._every_s)

    def want_all(self, now_s: float) -> None:
        self._wanted, self.due_s = deque(range(SHARDS)), now_s
        self._resent.clear()

    def agree(self, now_s: float) -> None:
        self._resent.discard(self.shard)
        if self._wanted:
            self._wanted.popleft()
        else:
            self._next = (self._next + 1) % SHARDS
        self.due_s = now_s if self._wanted else now_s + self._every_s

    def differ(self, now_s: float) -> int:
        """Give the shard that is to be sent again."""
        self._resent.add(self.shard)
        self.postpone(now_s)
        return self.shard

    def postpone(self, now_s: float) -> None:
        self.due_s = now_s + self._again_s
