"""What is known of readers, and of what is wrong."""

import logging

import pytest

from edge.health import Health
from edge.model import HealthEvent, HealthKind, Polled, TagRead
from edge.wire import ReaderStatus

NOW_US = 1_800_000_000_000_000
NEW = "not heard of yet"


def said(kind: HealthKind, detail: str = "", antenna_port: int | None = None) -> Polled:
    return Polled(health=(HealthEvent(kind, detail, 1, antenna_port),))


CONNECTED = said(HealthKind.CONNECTED, "Simulated 1.0")
TWO_DOWN = said(HealthKind.ANTENNA_DOWN, "disconnected", 2)
TWO_SILENT = said(HealthKind.ANTENNA_SILENT, "has heard no tag", 2)
STORIES = {
    "nothing yet": ([], (False, NEW)),
    "connected": ([CONNECTED], (True, "Simulated 1.0")),
    "lost": ([CONNECTED, said(HealthKind.LOST, "closed")], (False, "closed")),
    "refused": ([said(HealthKind.REFUSED, "slot taken")], (False, "slot taken")),
    "connected again": ([said(HealthKind.LOST, "closed"), CONNECTED], (True, "Simulated 1.0")),
    "an antenna down": ([CONNECTED, TWO_DOWN], (True, "antenna 2 is down")),
    "two antennas down": (
        [CONNECTED, TWO_DOWN, said(HealthKind.ANTENNA_DOWN, "", 1)],
        (True, "antenna 1 is down, antenna 2 is down"),
    ),
    "an antenna up again": (
        [CONNECTED, TWO_DOWN, said(HealthKind.ANTENNA_UP, "", 2)],
        (True, "Simulated 1.0"),
    ),
    "an antenna that hears nothing": (
        [CONNECTED, TWO_SILENT, said(HealthKind.ANTENNA_DOWN, "", 1)],
        (True, "antenna 1 is down, antenna 2 hears nothing"),
    ),
    "an antenna that hears again": (
        [CONNECTED, TWO_SILENT, said(HealthKind.ANTENNA_HEARD, "", 2)],
        (True, "Simulated 1.0"),
    ),
    "a lost reader's antennas": (
        [CONNECTED, TWO_DOWN, said(HealthKind.LOST, "closed")],
        (False, "closed"),
    ),
    "a new connection forgets antennas": (
        [CONNECTED, TWO_DOWN, CONNECTED],
        (True, "Simulated 1.0"),
    ),
    "a fault changes nothing": (
        [CONNECTED, said(HealthKind.FAULT, "bad")],
        (True, "Simulated 1.0"),
    ),
}


@pytest.mark.parametrize(("story", "state"), STORIES.values(), ids=STORIES)
def test_a_reader_is_as_it_last_said(story: list[Polled], state: tuple[bool, str]) -> None:
    health = Health(["floor-1"])
    for polled in story:
        health.hear("floor-1", polled, NOW_US)
    assert health.readers() == [ReaderStatus("floor-1", *state)]


def test_a_last_read_is_told_by_this_machines_clock() -> None:
    health = Health(["floor-1"])
    reads = Polled(reads=[TagRead(b"\x30" * 12, 1, -50.0, at_us=0)])
    health.hear("floor-1", reads, NOW_US)
    health.hear("floor-1", CONNECTED, NOW_US + 5)
    assert health.readers()[0].last_read_at_us == NOW_US


def test_from_an_earlier_life_a_reader_keeps_its_last_read_and_nothing_else() -> None:
    health = Health(["floor-1"])
    earlier = [ReaderStatus(name, up=True, last_read_at_us=NOW_US) for name in ("floor-1", "gone")]
    health.recall(earlier)
    assert health.readers() == [
        ReaderStatus("floor-1", up=False, detail=NEW, last_read_at_us=NOW_US)
    ]


def test_faults_are_counted_by_reader() -> None:
    health = Health(["a", "b"])
    for _ in range(3):
        health.hear("b", said(HealthKind.FAULT), NOW_US)
    assert health.faults() == {"a": 0, "b": 3}


def test_dropped_reads_are_told_beside_the_state_and_logged_when_they_grow(
    caplog: pytest.LogCaptureFixture,
) -> None:
    health = Health(["floor-1"])
    health.hear("floor-1", CONNECTED, NOW_US)
    for reads in (0, 7, 7, 9):
        health.count_dropped("floor-1", reads)
    assert health.readers()[0].detail == "Simulated 1.0; 9 reads dropped"
    assert [r.getMessage().split(":")[0] for r in caplog.records if r.levelname == "WARNING"] == [
        "reader=floor-1 7 reads dropped",
        "reader=floor-1 9 reads dropped",
    ]


LEVELS = {
    HealthKind.CONNECTED: "INFO",
    HealthKind.LOST: "DEBUG",
    HealthKind.REFUSED: "DEBUG",
    HealthKind.ANTENNA_UP: "INFO",
    HealthKind.ANTENNA_DOWN: "WARNING",
    HealthKind.ANTENNA_SILENT: "WARNING",
    HealthKind.ANTENNA_HEARD: "INFO",
    HealthKind.INPUT: "INFO",
    HealthKind.FAULT: "DEBUG",
    HealthKind.WARNING: "WARNING",
    HealthKind.NOTICE: "INFO",
    HealthKind.LINE: "DEBUG",
    HealthKind.BATTERY: "INFO",
}


@pytest.mark.parametrize("kind", HealthKind)
def test_what_a_person_may_act_on_is_logged_as_a_warning(
    kind: HealthKind, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    Health(["floor-1"]).hear("floor-1", said(kind, "so"), NOW_US)
    [record] = caplog.records
    assert (record.levelname, record.getMessage()) == (LEVELS[kind], f"reader=floor-1 {kind}: so")


def test_line_and_battery_stand_in_the_detail_as_they_are_now_until_the_reader_is_lost() -> None:
    health = Health(["floor-1"])
    for kind, detail in (
        (HealthKind.CONNECTED, "handheld"),
        (HealthKind.BATTERY, "battery at 87 %"),
        (HealthKind.LINE, "line 40 % used"),
        (HealthKind.BATTERY, "battery at 86 %"),
    ):
        health.hear("floor-1", said(kind, detail), NOW_US)
    assert health.readers()[0].detail == "handheld; battery at 86 %; line 40 % used"
    health.hear("floor-1", said(HealthKind.LOST, "unplugged"), NOW_US)
    health.hear("floor-1", said(HealthKind.CONNECTED, "handheld"), NOW_US)
    assert health.readers()[0].detail == "handheld"


def test_an_alarm_is_logged_once_and_when_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    health = Health([])
    for _ in range(3):
        health.raise_alarm("storage", "disk full")
    assert health.alarms() == {"storage": "disk full"}
    for _ in range(2):
        health.clear_alarm("storage")
    assert health.alarms() == {}
    assert [record.getMessage() for record in caplog.records] == [
        "storage alarm: disk full",
        "storage is well again",
    ]
