"""What levels say of zones: the numbers of a model, shipped or fitted to one store.

The evidence of an epoch for a zone is

    share * ln(FLOOR + the zone's share of all power heard) + the zone's bias
        + the sum over antennas of their weight for that zone * ln(1 + the antenna's share / FLOOR)

Shares do not depend on how well a tag answers, nor on how often it is asked.  GENERIC knows nothing
of a floor plan but what each zone is for; fitted weights (`calibration`) know each antenna.
"""

from collections.abc import Mapping

import msgspec

from edge.model import ZoneKind

FLOOR = 0.02  # below 1/50 of the power a share says nothing more


class ZoneWeights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    bias: float = 0.0
    antennas: dict[str, float] = {}  # by `reader:port`


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`zones` by name; one that is not in it has the bias of its kind, and no antenna weights."""

    share: float
    memory_reads: float  # levels are forgotten with each epoch in which the tag is read …
    memory_s: float  # … and with time …
    zones: dict[str, ZoneWeights] = {}
    trust: float | None = None  # in place of the profiles', where it could be fitted
    version: int = 1
    memory_gaps: float = 2.5  # … but not sooner than so many usual gaps between two reads pass
    doubt: float = 2.5  # spreads of another zone's lead that are taken for chance (`usual`)


GENERIC = Weights(share=1.31, memory_reads=2.0, memory_s=20.0)

# Fitted by tests/benchmarks/inventory/train.py; docks and tills have those of what is like them.
# Before anything is heard: goods hang on the floor, wait in the back, and pass through the rest.
KIND_BIAS: Mapping[ZoneKind, float] = {
    ZoneKind.SALES_FLOOR: 0.0,
    ZoneKind.BACK_ROOM: -0.5,
    ZoneKind.DOCK: -0.5,
    ZoneKind.FITTING_ROOM: -2.2,
    ZoneKind.POINT_OF_SALE: -2.2,
    ZoneKind.EXIT: -4.0,
}
