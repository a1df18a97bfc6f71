"""What people tell the agent of zones, over a recorder with its engine and file."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.errors import InputConflict, InputError, StorageError
from edge.local.routes import Answer, find_route
from edge.model import TagRead
from edge.shop.zone_desk import Walked, ZoneDesk
from edge.tape import Tape
from edge.trace import load_trace
from tests.support.recorded_store import RecordedStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RecordedStore]:
    store = RecordedStore(tmp_path / "store.db")
    yield store
    store.db.close()


@pytest.fixture
def desk(store: RecordedStore, tmp_path: Path) -> ZoneDesk:
    return ZoneDesk(store.recorder, ["floor", "back"], tmp_path)


def ask(store: RecordedStore, desk: ZoneDesk, method: str, target: str, body: bytes) -> Answer:
    """Ask a route in a thread of its own, while the recorder takes turns; give the answer."""
    answers: list[Answer | Exception] = []

    def asked() -> None:
        try:
            answers.append(find_route(desk.routes(), method, target).answer(body))
        except Exception as error:  # noqa: BLE001 raised again below
            answers.append(error)

    thread = threading.Thread(target=asked)
    thread.start()
    while thread.is_alive():
        store.run()
        thread.join(0.01)
    [answer] = answers
    if isinstance(answer, Exception):
        raise answer
    return answer


def mute(store: RecordedStore, desk: ZoneDesk, zone: str, minutes: float) -> Answer:
    return ask(store, desk, "POST", f"/zones/{zone}/mute", b'{"minutes": %f}' % minutes)


def test_a_muted_zone_hears_nothing(store: RecordedStore, desk: ZoneDesk) -> None:
    store.run(lambda: store.read(1))
    assert mute(store, desk, "floor", 2).body == {"floor": 120.0}
    store.run(lambda: store.read(2), lambda: store.read(3, antenna_port=2))
    assert store.counts() == {"floor": 1, "back": 1}
    assert mute(store, desk, "floor", 0).body == {}


WRONG = {
    "a zone that is not there": ("lobby", b'{"minutes": 1}', "one of back, floor"),
    "less than nothing": ("floor", b'{"minutes": -1}', "from 0 to 1440"),
    "more than a day": ("floor", b'{"minutes": 1500}', "from 0 to 1440, got 1500"),
    "another word": ("floor", b'{"minute": 1}', 'expected {"minutes": NUMBER}'),
}


@pytest.mark.parametrize(("zone", "body", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_muted_is_told(
    store: RecordedStore, desk: ZoneDesk, zone: str, body: bytes, said: str
) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        ask(store, desk, "POST", f"/zones/{zone}/mute", body)


def test_without_a_reader_there_is_nothing_to_mute(store: RecordedStore, desk: ZoneDesk) -> None:
    with pytest.raises(InputConflict, match="no reader has been heard yet"):
        mute(store, desk, "floor", 1)


def test_a_walk_is_written_as_a_trace(store: RecordedStore, desk: ZoneDesk, tmp_path: Path) -> None:
    store.run(lambda: store.read(1))
    desk.begin_walk()
    store.run(lambda: store.read(2, 3))
    walked = desk.end_walk("floor")
    assert walked == Walked(str(tmp_path / "walk-floor.csv"), 2, 0)
    written = load_trace(Path(walked.path)).reads["floor-1"]
    assert [(read.antenna_port, read.rssi_dbm) for read in written] == [(1, -50.0)] * 2
    assert written[0].at_us == store.at_us


def test_a_folder_that_cannot_be_written_is_told(store: RecordedStore, tmp_path: Path) -> None:
    desk = ZoneDesk(store.recorder, ["floor"], tmp_path / "none")
    with pytest.raises(StorageError, match=r"walk-floor\.csv: cannot be written"):
        desk.end_walk("floor")


def test_a_tape_keeps_no_more_than_it_has_room_for() -> None:
    tape, read = Tape(max_reads=3), TagRead(b"", 1, -50.0, 0)
    tape.hear("r", [read])
    tape.start()
    for _ in range(5):
        tape.hear("r", [read])
    taped = tape.stop()
    assert (len(taped.reads["r"]), taped.missed) == (3, 2)
    tape.hear("r", [read])
    assert tape.stop().reads == {}


def test_a_tape_that_nobody_stops_is_forgotten() -> None:
    tape, read = Tape(max_reads=3), TagRead(b"", 1, -50.0, 0)
    tape.start()
    for _ in range(7):
        tape.hear("r", [read])
    assert tape.stop().reads == {}
