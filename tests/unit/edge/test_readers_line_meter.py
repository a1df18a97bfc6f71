"""How full a serial line is, and when a person should hear of it."""

import pytest

from edge.model import HealthEvent, HealthKind
from edge.readers.line_meter import LineMeter
from tests.support.clocks import ManualClock

LIMIT = 5_760.0  # bytes per second at 57600 baud


def windows(*used: float) -> list[tuple[HealthEvent, ...]]:
    """Give what is told after each window of ten seconds with so much of the line used."""
    clock = ManualClock()
    meter = LineMeter(clock.now())
    told = []
    for share in used:
        meter.count(round(share * LIMIT * 10))
        told.append(meter.tell(LIMIT, clock.advance(10)))
    return told


def test_nothing_is_told_before_a_window_is_over() -> None:
    clock = ManualClock()
    meter = LineMeter(clock.now())
    meter.count(1000)
    assert meter.tell(LIMIT, clock.advance(9.9)) == ()


@pytest.mark.parametrize(("used", "percent"), [(0.0, 0), (0.02, 0), (0.42, 40), (0.88, 90)])
def test_use_is_told_in_steps_of_five_percent(used: float, percent: int) -> None:
    ((event,),) = windows(used)
    assert (event.kind, event.detail) == (
        HealthKind.LINE,
        f"line {percent} % used, 5760 bytes/s at most",
    )


def test_the_same_use_is_told_once() -> None:
    first, second, third = windows(0.5, 0.51, 0.7)
    assert (len(first), second, len(third)) == (1, (), 1)


def test_a_full_line_is_a_warning_once_until_it_has_been_free() -> None:
    told = windows(0.95, 0.96, 0.3, 0.97)
    warnings = [[e for e in events if e.kind is HealthKind.WARNING] for events in told]
    assert [len(events) for events in warnings] == [1, 0, 0, 1]
    assert warnings[0][0].detail.startswith("the serial line is full (95%): the reader reads less")


def test_another_rate_is_told_though_the_share_is_the_same() -> None:
    clock = ManualClock()
    meter = LineMeter(clock.now())
    assert meter.tell(LIMIT, clock.advance(10))
    assert meter.tell(2 * LIMIT, clock.advance(10))
