"""What may be shown of a connection to a reader, in words."""

import msgspec

from edge.llrp.capabilities import Capabilities
from edge.llrp.clock import ClockState
from edge.llrp.setup import Found

VERSIONS = {1: "1.0.1", 2: "1.1", 3: "2.0"}


class SessionFacts(msgspec.Struct, frozen=True):
    """`faults` counts by cause what could not be read; `without`: what the reader refuses."""

    state: str
    version: str
    newest_version: str | None
    capabilities: Capabilities
    antennas: dict[int, bool]  # whether each is connected, where the reader tells
    foreign_rospecs: tuple[int, ...]
    without: tuple[str, ...]
    clock: ClockState
    faults: dict[str, int]

    @classmethod
    def of(
        cls, found: Found, state: str, clock: ClockState, faults: dict[str, int]
    ) -> "SessionFacts":
        newest = found.newest_version
        return cls(
            state=state,
            version=VERSIONS[found.version],
            newest_version=None if newest is None else VERSIONS.get(newest, str(newest)),
            capabilities=found.capabilities,
            antennas={one.antenna_id: one.antenna_connected for one in found.antennas},
            foreign_rospecs=found.foreign_rospecs,
            without=found.without,
            clock=clock,
            faults=faults,
        )
