"""Engine and file joined by the recorder, driven turn by turn with a clock of the test's."""

from collections.abc import Callable, Mapping
from pathlib import Path

from edge.engine.changes import EngineSettings
from edge.engine.pipeline import Pipeline
from edge.epc import encode_sgtin96
from edge.health import Health
from edge.model import Polled, StockRow, TagRead, Tick, ZoneKind
from edge.readers.buffer import ReadBuffer
from edge.recorder import Recorder
from edge.storage.database import open_database
from edge.storage.items import Items
from edge.storage.ledger import Ledger
from edge.storage.stock import Stock
from tests.support.clocks import ManualClock

GTIN = "80614141123458"
_FLOOR = ("floor-1", 1)
_BACK = ("floor-1", 2)


class RecordedStore:
    """A recorder over a file, driven turn by turn; `steps` are done before a turn each."""

    def __init__(
        self,
        path: Path,
        kinds: Mapping[str, ZoneKind] | None = None,
        absence_s: float | None = 60.0,
        wrong_s: float = 0.0,
    ) -> None:
        self.db = open_database(path)
        self.clock, self.buffer = ManualClock(), ReadBuffer()
        self.clock.step_utc(wrong_s)
        self.health = Health(["floor-1"])
        self.pipeline = Pipeline(
            EngineSettings(epoch_s=1.0, absence_s=absence_s),
            {_FLOOR: "floor", _BACK: "back"},
            Items(self.db).all(),
            kinds=kinds,
        )
        self.recorder = Recorder(self.db, self.pipeline, self.buffer, self.health, self.clock)
        self.commits = 0
        self.at_us = self.clock.now().utc_us

    def run(self, *steps: Callable[[], object]) -> None:
        """Do each step and let the recorder take a turn after it; then let it end."""
        left = iter(steps)

        def is_over() -> bool:
            step = next(left, None)
            if step:
                step()
                self.clock.advance(1)
                self.buffer.wake()
            return step is None

        self.recorder.run(is_over, self.note_commit)

    def note_commit(self) -> None:
        self.commits += 1

    def read(self, *serials: int, antenna_port: int = 1) -> None:
        """Let the reader see these items in a new epoch, and close the epoch."""
        epcs = [encode_sgtin96(GTIN, serial, 7) for serial in serials]
        self.read_epcs(*epcs, antenna_port=antenna_port)

    def read_epcs(self, *epcs: bytes, antenna_port: int = 1) -> None:
        self.at_us += 1_000_000
        reads = [TagRead(epc, antenna_port, -50.0, self.at_us) for epc in epcs]
        self.buffer.put("floor-1", Polled(reads=reads, tick=Tick(self.at_us + 1_000_000)))

    def rows(self) -> list[StockRow]:
        assert Ledger(self.db).mismatches() == []
        return Stock(self.db).rows()

    def counts(self) -> dict[str, int]:
        return {zone: count for row in self.rows() for zone, count in row.zones.items()}
