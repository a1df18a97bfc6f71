"""Laws of the file: counts are the items, and pending is what changed since."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from edge.engine.changes import Changes, EngineSettings
from edge.engine.pipeline import Pipeline
from edge.model import HealthEvent, HealthKind, Polled, StockRow, TagRead, Tick
from edge.storage.database import open_database
from edge.storage.items import Items
from edge.storage.ledger import Ledger
from edge.storage.stock import Stock
from edge.storage.sync import Sync
from tests.support.engine import GTIN, OTHER_GTIN, ZONES, at, epc
from tests.support.storage import arrived

CONNECTED = HealthEvent(HealthKind.CONNECTED, "", 0)
EPCS = [epc(serial, gtin) for serial in range(3) for gtin in (GTIN, OTHER_GTIN)]


class StoreMachine(RuleBasedStateMachine):
    """Engine and file together, with restarts, as the store's own device has them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.db = open_database(Path(self.folder.name) / "store.db")
        self.second = 0
        self.vers: dict[str, int] = {}
        self.highest_ver = 0
        self.start()

    def start(self) -> None:
        settings = EngineSettings(epoch_s=2, absence_s=20)
        self.pipeline = Pipeline(settings, ZONES, list(Items(self.db).all()))
        for reader in "ab":
            self.pipeline.feed(reader, Polled(health=(CONNECTED,)))

    def teardown(self) -> None:
        self.db.close()
        self.folder.cleanup()

    @rule(tags=st.lists(st.sampled_from(EPCS), max_size=4), port=st.integers(1, 2))
    def read(self, tags: list[bytes], port: int) -> None:
        reads = [TagRead(tag, port, -60.0, at(self.second)) for tag in tags]
        self.pipeline.feed("a", Polled(reads=reads))

    @rule(seconds=st.integers(1, 12))
    def tick(self, seconds: int) -> None:
        self.second += seconds
        for reader in "ab":
            self.pipeline.feed(reader, Polled(tick=Tick(at(self.second))))

    @rule()
    def record(self) -> None:
        Ledger(self.db).record(self.pipeline.take())

    @rule()
    def restart(self) -> None:
        """Lose what was not recorded, as at a power cut."""
        Sync(self.db).begin()
        self.start()

    @invariant()
    def counts_are_the_items(self) -> None:
        assert Ledger(self.db).mismatches() == []

    @invariant()
    def vers_are_new_and_never_used_twice(self) -> None:
        vers = {row.gtin: row.ver for row in Stock(self.db).rows()}
        renewed = {ver for gtin, ver in vers.items() if self.vers.get(gtin) != ver}
        assert all(ver > self.highest_ver for ver in renewed)
        assert len(set(vers.values())) == len(vers)
        self.vers, self.highest_ver = vers, max([self.highest_ver, *vers.values()])


TestStoreMachine = StoreMachine.TestCase


GROUPS = st.lists(
    st.builds(
        lambda serial, gtin, zone: arrived(serial, gtin=gtin, zone=zone),
        st.integers(1, 50),
        st.sampled_from([f"{n:014}" for n in range(6)]),
        st.sampled_from(["floor", "back"]),
    ),
    max_size=30,
    unique_by=lambda changes: (changes.events[0].gtin, changes.events[0].serial),
)


@given(groups=GROUPS, acked=st.integers(0, 30), limit=st.integers(1, 8))
def test_pages_of_pending_rows_are_all_that_changed_since(
    groups: list[Changes], acked: int, limit: int
) -> None:
    with TemporaryDirectory() as folder, open_database(Path(folder) / "store.db") as db:
        for changes in groups:
            Ledger(db).record(changes)
        stock = Stock(db)
        expected = sorted((row.ver, row.gtin) for row in stock.rows() if row.ver > acked)
        assert [(row.ver, row.gtin) for row in all_pages(stock, acked, limit)] == expected


def all_pages(stock: Stock, acked: int, limit: int) -> list[StockRow]:
    rows: list[StockRow] = []
    while (page := stock.pending(acked, limit)).rows:
        assert len(page.rows) <= limit
        assert all(acked < row.ver <= page.to_ver for row in page.rows)
        rows += page.rows
        acked = page.to_ver
    return rows
