"""Where an item is, from one epoch's observations: a plain rule, without training.

The zone with the most hits leads, best RSSI breaking a tie.  An item stays where it is unless
another zone leads *clearly* in MOVE_EPOCHS epochs in a row among those in which the item was read
at all: so one loud cross-read moves nothing, and a tag at the edge of two zones rests.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edge.model import Observation

MOVE_EPOCHS = 3
CLEAR_HITS = 2.0  # times the hits of the zone where the item is …
CLEAR_DB = 6.0  # … or not fewer hits, and louder by this much


@dataclass(slots=True)
class Evidence:
    hits: int
    best_rssi_dbm: float

    def strength(self) -> tuple[int, float]:
        return self.hits, self.best_rssi_dbm

    def is_clearly_above(self, other: "Evidence") -> bool:
        return self.hits >= CLEAR_HITS * other.hits or (
            self.hits >= other.hits and self.best_rssi_dbm >= other.best_rssi_dbm + CLEAR_DB
        )


def evidence_by_zone(
    observations: Iterable[Observation], zones: Mapping[tuple[str, int], str]
) -> dict[str, Evidence]:
    found: dict[str, Evidence] = {}
    for observation in observations:
        zone = zones[observation.reader, observation.antenna_port]
        evidence = found.get(zone)
        if evidence is None:
            found[zone] = Evidence(observation.hits, observation.best_rssi_dbm)
        else:
            evidence.hits += observation.hits
            evidence.best_rssi_dbm = max(evidence.best_rssi_dbm, observation.best_rssi_dbm)
    return found


def leading_zone(evidence: Mapping[str, Evidence]) -> str:
    """Give the zone with the strongest evidence; of equals the first by name."""
    return min(
        evidence, key=lambda zone: (-evidence[zone].hits, -evidence[zone].best_rssi_dbm, zone)
    )


class Whereabouts:
    """The zone of one item, with the memory that hysteresis needs."""

    __slots__ = ("_challenger", "_wins", "zone")

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self._challenger = ""
        self._wins = 0

    def weigh(self, evidence: Mapping[str, Evidence]) -> str:
        """Give the zone in which the item is after this epoch; the caller moves it there."""
        leader = leading_zone(evidence)
        mine = evidence.get(self.zone)
        if leader == self.zone or (mine and not evidence[leader].is_clearly_above(mine)):
            self._wins = 0
            return self.zone
        self._wins = self._wins + 1 if leader == self._challenger else 1
        self._challenger = leader
        return leader if self._wins >= MOVE_EPOCHS else self.zone

    def move(self, zone: str) -> None:
        self.zone = zone
        self._wins = 0
