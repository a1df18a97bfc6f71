"""Which zones are being watched, and since when.

A zone is watched while every antenna port of it is: the reader is up and heard, the antenna is not
reported down, nobody has muted it.  A zone with half its antennas would let items seem gone that
only the other half can see; one without any antenna is never watched.
"""

from collections.abc import Mapping

from edge.engine.watermark import Watermark
from edge.model import HealthEvent, HealthKind

_Antenna = tuple[str, int]  # reader and antenna port


class Coverage:
    def __init__(self, zones: Mapping[_Antenna, str], watermark: Watermark) -> None:
        self._watermark = watermark
        self._antennas: dict[str, list[_Antenna]] = {}
        for antenna, zone in zones.items():
            self._antennas.setdefault(zone, []).append(antenna)
        self._down: set[_Antenna] = set()
        self._up_from_us: dict[_Antenna, int] = {}
        self._muted: set[str] = set()

    def connect(self, reader: str) -> None:
        """Forget what an earlier connection has said of the reader's antennas."""
        self._down = {antenna for antenna in self._down if antenna[0] != reader}
        self._up_from_us = {a: at for a, at in self._up_from_us.items() if a[0] != reader}

    def heed(self, reader: str, event: HealthEvent) -> None:
        """Take an event of one antenna; it counts from the reader's latest stamp on."""
        if event.antenna_port is None:
            return
        antenna = reader, event.antenna_port
        if event.kind is HealthKind.ANTENNA_DOWN:
            self._down.add(antenna)
        elif event.kind is HealthKind.ANTENNA_UP and antenna in self._down:
            self._down.remove(antenna)
            heard = self._watermark.heard_us(reader)
            if heard is not None:
                self._up_from_us[antenna] = heard

    def mute(self, zone: str) -> None:
        """Take it that the zone's antennas hear nothing, until it is unmuted."""
        self._muted.add(zone)

    def unmute(self, zone: str) -> None:
        self._muted.discard(zone)
        for antenna in self._antennas.get(zone, ()):
            heard = self._watermark.heard_us(antenna[0])
            if heard is not None:
                self._up_from_us[antenna] = heard

    def watched_from_us(self, zone: str) -> int | None:
        """Give the stamp since which a tag in the zone would have been read; None if not so now."""
        watched: int | None = None
        if zone in self._muted:
            return None
        for antenna in self._antennas.get(zone, ()):
            heard_from = self._watermark.watches_from_us(antenna[0])
            if heard_from is None or antenna in self._down:
                return None
            since = max(heard_from, self._up_from_us.get(antenna, heard_from))
            watched = since if watched is None else max(watched, since)
        return watched

    def deaf(self) -> list[_Antenna]:
        """Give the antennas that hear nothing now: muted, reported down, or their reader is."""
        return [
            antenna
            for zone, antennas in self._antennas.items()
            for antenna in antennas
            if zone in self._muted
            or antenna in self._down
            or self._watermark.watches_from_us(antenna[0]) is None
        ]
