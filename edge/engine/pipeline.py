"""The engine's parts in a row: reads to observations, to evidence, to events, to stock changes.

One poll of one reader goes in at a time.  First comes what connects, then the reads and the tick,
then what is lost: so the last reads of a reader still count as heard while it was up.  While no
reader that is up has been heard, time stands still, and what is open is decided at once.
"""

from collections.abc import Iterable, Mapping, Sequence

from edge.counts import Applied
from edge.engine.approval import Approval, apply_count
from edge.engine.changes import Changes, Counters, EngineSettings, KnownItem
from edge.engine.counting import Counting, CountSettings
from edge.engine.coverage import Coverage
from edge.engine.matches import AwaitedLine
from edge.engine.observations import Observations
from edge.engine.presence import Presence
from edge.engine.profiles import Profile
from edge.engine.register import Register
from edge.engine.transitions import Cause
from edge.engine.watermark import Watermark
from edge.engine.weights import GENERIC, Weights
from edge.engine.zones import Zones
from edge.epc import EpcDecoder, Stray
from edge.model import (
    EventKind,
    HealthEvent,
    HealthKind,
    ItemState,
    Polled,
    Sgtin,
    TagRead,
    ZoneKind,
)

_STRAYS_KNOWN = 20_000  # items are known by the register
CHECKPOINT_S = 60  # of the engine's time, between two accounts of what was read


class Pipeline:
    """`zones` says which zone an antenna port of a reader covers; `known` is what storage knows.

    What is not said of a zone is its kind's (`kinds`; a sales floor where that is not said either).
    `weights` are a store's own, where it was calibrated.  `handhelds` are readers that cover no
    zone, each with that of the count sessions that it opens: their reads go to `counting` only.
    """

    def __init__(  # noqa: PLR0913  # what an engine can be told, each with a default
        self,
        settings: EngineSettings,
        zones: Mapping[tuple[str, int], str],
        known: Iterable[KnownItem],
        *,
        kinds: Mapping[str, ZoneKind] | None = None,
        profiles: Mapping[str, Profile] | None = None,
        weights: Weights = GENERIC,
        handhelds: Mapping[str, str] | None = None,
        counts: CountSettings | None = None,
    ) -> None:
        self._epoch_us = round(settings.epoch_s * 1e6)
        self._ports: dict[str, set[int]] = {}
        for reader, port in zones:
            self._ports.setdefault(reader, set()).add(port)
        self._watermark = Watermark()
        self._coverage = Coverage(zones, self._watermark)
        self._observations = Observations(self._epoch_us)
        self._zones = dict(zones)
        self._muted: Mapping[str, int] = {}
        decoder = EpcDecoder(_STRAYS_KNOWN, settings.company_prefixes)
        register = Register(decoder, track_strays=settings.track_strays)
        places = Zones(zones, kinds or {}, profiles or {}, weights, settings.epoch_s)
        self._presence = Presence(settings, places, self._coverage, register)
        self._register = register
        self.counting = Counting(register, handhelds or {}, counts or CountSettings())
        for item in known:
            self._presence.recall(item)
        self._counters = Counters()
        self._checkpoint_us: int | None = None

    def feed(self, reader: str, polled: Polled) -> None:
        """Take what one poll of one reader has brought."""
        for event in polled.health:
            self._heed(reader, event)
        self._fold(reader, polled.reads)
        stamps = [read.at_us for read in polled.reads]
        if polled.tick:
            stamps.append(polled.tick.at_us)
        self._watermark.hear(reader, stamps)
        self._advance()
        if _is_lost(polled.health):
            self._watermark.lose(reader)
            self._advance()

    def take(self) -> Changes:
        """Give everything decided since the last take, which is then forgotten here."""
        events, stock, items = self._presence.take_events()
        counters, self._counters = self._counters, Counters()
        counters.unkept_strays, self._presence.unkept_strays = self._presence.unkept_strays, 0
        counters.unclaimed_reads, self.counting.unclaimed_reads = self.counting.unclaimed_reads, 0
        is_checkpoint = self._is_checkpoint()
        return Changes(
            at_us=self._watermark.now_us,
            events=events,
            stock=stock,
            items=items,
            last_reads=self._presence.take_last_reads() if is_checkpoint else [],
            matches=self._presence.take_matches(),
            strays=self._presence.take_strays(is_full=is_checkpoint),
            counts=self.counting.take(),
            counters=counters,
            bulk_exits=self._presence.take_bulk_exits(),
        )

    def approve(self, approval: Approval, at_us: int) -> Applied:
        """Make a count's differences events, at `at_us` or the engine's time if that is later."""

        def tell(sgtin: Sgtin, cause: Cause, zone: str, seen_at_us: int) -> EventKind:
            return self._presence.place(sgtin, cause, zone, seen_at_us, at_us)

        return apply_count(approval, self._register.item, tell)

    def tell(self, sgtin: Sgtin, cause: Cause, zone: str | None = None, at_us: int = 0) -> bool:
        """Take from outside that an item is SOLD, RETURNED (to `zone`) or has LEFT.

        It counts from the engine's present time, or from `at_us` where that is later.  An item that
        nobody knew is made where a `zone` is given.  False if the item cannot be that.
        """
        return self._presence.told.tell(sgtin, cause, zone, max(self._presence.now_us, at_us))

    def tell_some(self, line: AwaitedLine, sold_us: int) -> tuple[str, ...]:
        """Take that some items of a GTIN are SOLD (at `sold_us`) or RETURNED; see `awaited`.

        Gives the serials of those that seem to be the ones.  The others stay in the line until the
        readers show which they are; then they come with take().
        """
        line.told_us = max(self._presence.now_us, line.told_us)
        return self._presence.told.tell_some(line, sold_us)

    def await_line(self, line: AwaitedLine, guesses: Iterable[Sgtin] = ()) -> None:
        """Go on waiting for what an earlier life was told; `guesses` were taken for it then."""
        self._presence.told.awaited.add(line, guesses)

    def state(self, sgtin: Sgtin) -> ItemState | None:
        """Give what is known of an item; None if nothing is."""
        item = self._register.item(sgtin)
        return item.state if item else None

    def identify(self, epc: bytes) -> Sgtin | Stray:
        """Give the item of an EPC, as if it had been read."""
        return self._register.identify(epc, None)

    def mute(self, zone: str, for_s: float) -> bool:
        """Hear nothing in a zone for so long by the engine's time; 0 ends it.

        What passes there then causes nothing, and the clocks of what is there stand still.  False
        while the engine has no time yet.
        """
        now_us = self._watermark.now_us
        if now_us is None:
            return False
        if for_s > 0:
            self._muted = {**self._muted, zone: now_us + round(for_s * 1e6)}
            self._coverage.mute(zone)
        else:
            self._unmute([zone])
        return True

    def muted(self) -> Mapping[str, float]:
        """Give the zones that are muted, each with the seconds that are left; for any thread."""
        now_us = self._watermark.now_us or 0
        return {zone: max(0, until - now_us) / 1e6 for zone, until in self._muted.items()}

    def _unmute(self, zones: Iterable[str]) -> None:
        over = set(zones)
        self._muted = {zone: until for zone, until in self._muted.items() if zone not in over}
        for zone in over:
            self._coverage.unmute(zone)

    def _heed(self, reader: str, event: HealthEvent) -> None:
        if event.kind is HealthKind.CONNECTED:
            self._watermark.connect(reader)
            self._coverage.connect(reader)
        else:
            self._coverage.heed(reader, event)

    def _fold(self, reader: str, reads: Sequence[TagRead]) -> None:
        self._counters.reads += len(reads)
        if self.counting.is_handheld(reader):
            for read, stray in self.counting.hear(reader, reads):
                self._presence.note_stray(read.epc, stray, read.hits, read.at_us)
            return
        if self._muted:
            zone_of, muted = self._zones.get, self._muted
            heard = [r for r in reads if zone_of((reader, r.antenna_port)) not in muted]
            self._counters.muted_reads += len(reads) - len(heard)
            reads = heard
        ports = self._ports.get(reader, set())
        folded = self._observations.add(reader, ports, reads)
        self._counters.unmapped_reads += folded.unmapped
        self._counters.late_reads += len(folded.late)
        for read in folded.late:
            self._presence.see_late(read)

    def _advance(self) -> None:
        """Decide every epoch that is over."""
        now_us = self._watermark.advance()
        if self._muted and now_us is not None:
            self._unmute([zone for zone, until in self._muted.items() if until <= now_us])
        end = self._observations.end() if now_us is None else now_us // self._epoch_us
        for epoch, heard in self._observations.close_before(end):
            self._presence.run_to(epoch * self._epoch_us)
            self._presence.find_missing()
            self._presence.run_to((epoch + 1) * self._epoch_us)
            self._presence.see(epoch, heard)
            if not self.counting.is_idle:
                self.counting.see(heard)
        self._presence.run_to(end * self._epoch_us)
        self._presence.find_missing()

    def _is_checkpoint(self) -> bool:
        """Tell once in CHECKPOINT_S: to write all that was read each time would wear the disk."""
        now_us = self._watermark.now_us
        if now_us is None:
            return False
        if self._checkpoint_us is None:
            self._checkpoint_us = now_us
        is_due = now_us - self._checkpoint_us >= CHECKPOINT_S * 1_000_000
        if is_due:
            self._checkpoint_us = now_us
        return is_due


def _is_lost(health: Sequence[HealthEvent]) -> bool:
    """Tell whether these events leave a reader without its connection."""
    last = None
    for event in health:
        if event.kind in (HealthKind.CONNECTED, HealthKind.LOST):
            last = event.kind
    return last is HealthKind.LOST
