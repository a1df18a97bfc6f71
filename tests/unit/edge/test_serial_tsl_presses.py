"""Which reads of a handheld are of one press of its trigger."""

import pytest

from edge.serial.tsl.responses import MOST_READS
from tests.support.serial_tsl import TslHandheld, answer, pressed
from tests.support.serial_tsl_line import EPC, OTHER, ready

DOWN, UP = answer("CS: .ss", "SW: single"), answer("CS: .ss", "SW: off")
DOUBLE = answer("CS: .ss", "SW: double")
FIRST, SECOND = pressed(EPC), pressed(OTHER)
NEITHER = pressed()
PRESSES = {
    "a handheld that does not tell its switch": ([FIRST, SECOND], [1, 2]),
    "a trigger that is held": ([DOWN, FIRST, SECOND, FIRST, UP], [1, 1, 1]),
    "two presses": ([DOWN, FIRST, UP, DOWN, SECOND, UP], [1, 2]),
    "a press that is over before its answer comes": ([DOWN, UP, FIRST, DOWN, UP, SECOND], [1, 2]),
    "a press that goes over into a double one": ([DOWN, FIRST, DOUBLE, SECOND, UP], [1, 1]),
    "a press whose end was lost": ([DOWN, FIRST, DOWN, SECOND, UP], [1, 2]),
    "a press whose begin was lost": ([DOWN, FIRST, UP, SECOND, UP], [1, 2]),
    "a press among no tags before": ([DOWN, NEITHER, UP, SECOND], [2]),
    "a switch that is told within an answer": (
        [DOWN, FIRST[:-8] + UP + SECOND.removeprefix(b"CS: .iv\r\n")],
        [1, 1],
    ),
    "an answer whose begin was lost": ([FIRST, SECOND.removeprefix(b"CS: .iv\r\n")], [1, 2]),
}


@pytest.mark.parametrize(("said", "presses"), PRESSES.values(), ids=PRESSES)
def test_reads_of_one_press_belong_together(said: list[bytes], presses: list[int]) -> None:
    line = ready(TslHandheld())
    for data in said:
        line.step(data)
    begins = [read.pressed_at_us for read in line.heard.reads]
    numbers = {at_us: number for number, at_us in enumerate(sorted(set(begins)), min(presses))}
    assert [numbers[at_us] for at_us in begins] == presses


def test_a_press_is_known_by_when_it_began() -> None:
    line = ready(TslHandheld())
    line.step(DOWN)
    began_us = line.clock.now().utc_us
    line.play(1)
    line.step(FIRST + UP)
    (read,) = line.heard.reads
    assert read.pressed_at_us == began_us


def test_presses_that_come_at_once_are_two() -> None:
    line = ready(TslHandheld())
    line.step(FIRST + SECOND)
    first, second = line.heard.reads
    assert second.pressed_at_us > first.pressed_at_us > 0


def test_the_parts_of_a_long_answer_are_of_one_press() -> None:
    line = ready(TslHandheld())
    line.step(pressed(*(index.to_bytes(12) for index in range(MOST_READS + 10))))
    assert len({read.pressed_at_us for read in line.heard.reads}) == 1
