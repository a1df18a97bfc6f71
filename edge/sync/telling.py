"""Which item events head office knows, may be told, and is being told: pure.

An event may be told once the counts that it has changed are committed in the documents: the
stream of events is never ahead of the counts.
"""

from edge.model import NumberedEvent
from edge.sync.portion import Portion
from edge.wire import MAX_EVENTS


class Telling:
    def __init__(self, told: int, *, is_wanted: bool) -> None:
        self.told = self._tellable = told
        self.flying = list[NumberedEvent]()
        self.portion = Portion(MAX_EVENTS)
        self._is_wanted = is_wanted

    @property
    def tellable(self) -> int:
        return self._tellable

    def is_due(self) -> bool:
        return self._is_wanted and self._tellable > self.told

    def allow(self, number: int) -> None:
        """Learn that the counts are committed up to the event of this number."""
        self._tellable = max(self._tellable, number)

    def skip_gap(self) -> None:
        """Learn that the file holds none of those that may be told: they were too old."""
        self.told = self._tellable

    def settle(self) -> int:
        """Be done with those in flight; give up to which number."""
        self.told = self.flying[-1].number
        return self.told
