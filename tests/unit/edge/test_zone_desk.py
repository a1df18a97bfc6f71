"""What people tell the agent of zones, over a recorder with its engine and file."""

from collections.abc import Iterator
from concurrent.futures import Future
from http import HTTPStatus
from pathlib import Path

import pytest

from edge.errors import InputConflict, InputError, NothingSuch, StorageError
from edge.local.http import Answer, Request
from edge.model import TagRead
from edge.recorder import Order
from edge.tape import Tape
from edge.trace import load_trace
from edge.zone_desk import ZoneDesk
from tests.support.recorded_store import RecordedStore


class AtOnce:
    """A recorder that decides each order as soon as it comes."""

    def __init__(self, store: RecordedStore) -> None:
        self._store = store

    def order(self, order: Order) -> Future[None]:
        future = self._store.recorder.order(order)
        self._store.run()
        return future


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RecordedStore]:
    store = RecordedStore(tmp_path / "store.db")
    yield store
    store.db.close()


@pytest.fixture
def desk(store: RecordedStore, tmp_path: Path) -> ZoneDesk:
    recorder = store.recorder
    order = AtOnce(store).order
    return ZoneDesk(order, store.pipeline, recorder.tape, ["floor", "back"], tmp_path)


def test_a_muted_zone_hears_nothing(store: RecordedStore, desk: ZoneDesk) -> None:
    store.run(lambda: store.read(1))
    desk.mute("floor", 60)
    store.run(lambda: store.read(2), lambda: store.read(3, antenna_port=2))
    assert store.counts() == {"floor": 1, "back": 1}
    assert desk.muted()["floor"] > 50


WRONG = {
    "a zone that is not there": ("lobby", 60.0, NothingSuch, "expected one of back, floor"),
    "less than nothing": ("floor", -1.0, InputError, "from 0 to 1440"),
    "more than a day": ("floor", 90_000.0, InputError, "from 0 to 1440, got 1500"),
}


@pytest.mark.parametrize(("zone", "for_s", "kind", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_muted_is_told(
    desk: ZoneDesk, zone: str, for_s: float, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        desk.mute(zone, for_s)


def test_without_a_reader_there_is_nothing_to_mute(desk: ZoneDesk) -> None:
    with pytest.raises(InputConflict, match="no reader has been heard yet"):
        desk.mute("floor", 60)


def test_machines_may_mute_too(store: RecordedStore, desk: ZoneDesk) -> None:
    store.run(lambda: store.read(1))
    muting = next(route for route in desk.routes() if route.method == "POST")
    assert muting.match("/zones/floor/mute") == {"zone": "floor"}
    answer = muting.handle(Request({"zone": "floor"}, {}, b'{"minutes": 2}'))
    assert answer == Answer({"floor": 120.0}, HTTPStatus.OK)
    with pytest.raises(InputError, match=r"expected .*minutes"):
        muting.handle(Request({"zone": "floor"}, {}, b'{"minute": 2}'))


def test_a_walk_is_written_as_a_trace(store: RecordedStore, desk: ZoneDesk, tmp_path: Path) -> None:
    store.run(lambda: store.read(1))
    desk.begin_walk()
    store.run(lambda: store.read(2, 3))
    path, reads, missed = desk.end_walk("floor")
    assert (path, reads, missed) == (str(tmp_path / "walk-floor.csv"), 2, 0)
    written = load_trace(Path(path)).reads["floor-1"]
    assert [(read.antenna_port, read.rssi_dbm) for read in written] == [(1, -50.0)] * 2
    assert written[0].at_us == store.at_us


def test_a_folder_that_cannot_be_written_is_told(store: RecordedStore, tmp_path: Path) -> None:
    recorder = store.recorder
    desk = ZoneDesk(recorder.order, store.pipeline, recorder.tape, ["floor"], tmp_path / "none")
    with pytest.raises(StorageError, match=r"walk-floor\.csv: cannot be written"):
        desk.end_walk("floor")


def test_a_tape_keeps_no_more_than_it_has_room_for() -> None:
    tape, read = Tape(max_reads=3), TagRead(b"", 1, -50.0, 0)
    tape.hear("r", [read])
    tape.start()
    for _ in range(3):
        tape.hear("r", [read, read])
    taped = tape.stop()
    assert (len(taped.reads["r"]), taped.missed) == (3, 3)
    tape.hear("r", [read])
    assert tape.stop().reads == {}
