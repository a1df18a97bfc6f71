"""The engine's time, told by readers that come, speak, fall silent and go."""

import pytest

from edge.engine.watermark import HOLD_S, Watermark

S = 1_000_000


def heard(*stamps: tuple[str, int]) -> Watermark:
    """Give a watermark that has heard readers say these seconds, in this order."""
    watermark = Watermark()
    for reader in dict.fromkeys(reader for reader, _ in stamps):
        watermark.connect(reader)
    for reader, at_s in stamps:
        watermark.hear(reader, [at_s * S])
        watermark.advance()
    return watermark


def test_before_the_first_stamp_there_is_no_time() -> None:
    watermark = Watermark()
    watermark.connect("a")
    assert watermark.advance() is None
    assert watermark.now_us is None


def test_one_readers_time_is_its_latest_stamp() -> None:
    assert heard(("a", 100), ("a", 103)).now_us == 103 * S


def test_the_slower_of_two_readers_holds_time() -> None:
    assert heard(("a", 100), ("b", 100), ("a", 120), ("b", 105)).now_us == 105 * S


def test_time_never_goes_back() -> None:
    assert heard(("a", 100), ("a", 90)).now_us == 100 * S


def test_a_reader_that_is_lost_holds_time_no_more() -> None:
    watermark = heard(("a", 100), ("b", 100), ("a", 120))
    watermark.lose("b")
    assert watermark.advance() == 120 * S


def test_a_reader_that_has_just_come_up_holds_time_until_its_first_stamp() -> None:
    watermark = heard(("a", 100))
    watermark.connect("b")
    watermark.hear("a", [110 * S])
    assert watermark.advance() == 100 * S
    watermark.hear("b", [108 * S])
    assert watermark.advance() == 108 * S


def test_a_reader_that_came_up_before_there_was_time_holds_it_too() -> None:
    watermark = Watermark()
    watermark.connect("a")
    watermark.connect("b")
    watermark.hear("a", [100 * S])
    watermark.advance()
    watermark.hear("a", [110 * S])
    assert watermark.advance() == 100 * S


@pytest.mark.parametrize(("ahead_s", "now_s"), [(HOLD_S, 100), (HOLD_S + 1, 101 + HOLD_S)])
def test_nobody_holds_time_for_longer_than_the_limit(ahead_s: int, now_s: int) -> None:
    silent_since_it_came = heard(("a", 100))
    silent_since_it_came.connect("b")
    silent_since_it_came.hear("a", [(100 + ahead_s) * S])
    hangs = heard(("a", 100), ("b", 100), ("a", 100 + ahead_s))
    assert silent_since_it_came.advance() == now_s * S
    assert hangs.now_us == now_s * S


def test_a_reader_that_hung_is_waited_for_again_when_it_has_caught_up() -> None:
    watermark = heard(("a", 100), ("b", 100), ("a", 200), ("b", 199), ("a", 210))
    assert watermark.now_us == 200 * S
    watermark.hear("b", [205 * S])
    assert watermark.advance() == 205 * S


def test_time_stands_still_when_the_last_reader_is_lost() -> None:
    watermark = heard(("a", 100))
    watermark.lose("a")
    assert watermark.advance() is None
    assert watermark.now_us == 100 * S


def test_a_reader_that_has_said_nothing_since_it_came_up_alone_does_not_make_time_run() -> None:
    watermark = heard(("a", 100))
    watermark.connect("a")
    assert watermark.advance() is None


def test_whoever_gives_a_stamp_is_up() -> None:
    watermark = Watermark()
    watermark.hear("a", [7 * S])
    assert watermark.advance() == 7 * S


def test_a_reader_watches_from_its_first_stamp_on() -> None:
    assert heard(("a", 100), ("a", 110), ("a", 120)).watches_from_us("a") == 100 * S


def test_a_reader_that_was_silent_for_too_long_watches_from_its_next_stamp_on() -> None:
    assert heard(("a", 100), ("a", 101 + HOLD_S)).watches_from_us("a") == (101 + HOLD_S) * S


def test_a_long_poll_without_a_long_silence_in_it_is_no_silence() -> None:
    watermark = heard(("a", 100))
    watermark.hear("a", [second * S for second in (100 + 3 * HOLD_S, *range(100, 190, HOLD_S))])
    assert watermark.watches_from_us("a") == 100 * S


def test_a_silence_within_a_poll_counts() -> None:
    watermark = Watermark()
    watermark.hear("a", [S, 5 * S, (6 + HOLD_S) * S, (9 + HOLD_S) * S])
    assert watermark.watches_from_us("a") == (6 + HOLD_S) * S


def test_no_stamps_say_nothing() -> None:
    watermark = Watermark()
    watermark.hear("a", [])
    assert watermark.advance() is None


def test_a_reader_that_is_lost_or_unheard_watches_nothing() -> None:
    watermark = heard(("a", 100))
    watermark.connect("b")
    watermark.lose("a")
    assert [watermark.watches_from_us(reader) for reader in "abc"] == [None, None, None]
