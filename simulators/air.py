"""What a simulated reader needs of the world around it, and no more."""

from collections.abc import Collection, Sequence
from typing import Protocol

from edge.model import TagRead


class Air(Protocol):
    """Holds what the antennas will hear.  All times are of the reader's own clock."""

    def hear(
        self, antenna_ports: Collection[int], from_us: int, until_us: int, limit: int
    ) -> Sequence[TagRead]:
        """Give the reads from `from_us` up to `until_us`, by those antennas, in order of time.

        It gives `limit` reads at most; those that are left come with the next call.
        """
        ...

    def delivered(self, reads: int) -> None:
        """Learn that so many more reads, in the order in which they were given, have arrived."""
        ...

    def lost(self) -> None:
        """Learn that what was given and is not delivered by now did not arrive."""
        ...
