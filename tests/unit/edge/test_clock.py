"""The wall clock beside the one that only goes on."""

from edge.clock import StepWatch
from tests.support.clocks import ManualClock


def test_a_clock_that_goes_on_or_leaps_ahead_is_not_set_back() -> None:
    clock = ManualClock()
    watch = StepWatch(clock)
    for step_s in (0, 0.5, 864_000):
        clock.advance(60)
        clock.step_utc(step_s)
        assert watch.back_s() == 0


def test_a_clock_that_was_set_back_is_behind_where_it_has_been() -> None:
    clock = ManualClock()
    watch = StepWatch(clock)
    clock.step_utc(100)
    assert watch.back_s() == 0
    clock.advance(3600)
    for _ in range(3):
        clock.step_utc(-20)
        clock.advance(60)
    assert watch.back_s() == 60
