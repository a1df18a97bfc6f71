"""A Mercury module's line that is full: its rate is raised, and taken back where that fails."""

import pytest

from edge.model import HealthKind
from edge.serial.mercury.codes import Opcode, Status
from edge.serial.mercury.frames import Frame
from edge.serial.mercury.rate import WINDOW_S
from edge.serial.settings import Region, SerialSettings
from tests.support.serial_mercury import streaming, tag_frame
from tests.support.serial_readers import Line, MercuryModule

FULL = SerialSettings(Region.EU, bauds=(115_200, 921_600, 9600))


def fill(line: Line, module: MercuryModule, seconds: float = 2 * WINDOW_S) -> None:
    """Let so many tags come as 115,200 baud carry, while the module streams."""
    a_step = tag_frame() * round(0.05 * 11_520 / len(tag_frame()))
    for _ in range(round(seconds / 0.05)):
        line.step(a_step if module.is_streaming else b"")


def rates_told(module: MercuryModule) -> list[int]:
    return [int.from_bytes(data) for opcode, data in module.told if opcode == Opcode.SET_BAUD]


def test_the_rate_of_a_full_line_is_raised_to_the_highest_allowed() -> None:
    module = MercuryModule()
    line = streaming(module, FULL)
    fill(line, module)
    line.play(2)
    assert (rates_told(module), line.heard.bauds, module.baud) == ([921_600], [921_600], 921_600)
    assert module.is_streaming
    (notice,) = line.heard.of(HealthKind.NOTICE)
    assert notice.detail == "the line was full; now it runs at 921600 baud"
    assert len(line.heard.of(HealthKind.CONNECTED)) == 1
    before = len(line.heard.reads)
    line.step(tag_frame())
    assert len(line.heard.reads) == before + 1


def test_the_rate_stays_where_no_other_is_allowed() -> None:
    module = MercuryModule()
    line = streaming(module, SerialSettings(Region.EU, bauds=(115_200,)))
    fill(line, module)
    assert rates_told(module) == []


def test_the_rate_of_a_line_with_room_stays() -> None:
    module = MercuryModule()
    line = streaming(module, FULL)
    for _ in range(400):
        line.step(tag_frame() * 10)
    assert rates_told(module) == []


# What the module does with the new rate, what it is told in all, and what it is told last.
UNFIT_RATES = {
    "refused": (Frame(Opcode.SET_BAUD, b"", Status.BAD_BAUD), [921_600]),
    "not answered": (None, [921_600]),
}


@pytest.mark.parametrize(("answer", "told"), UNFIT_RATES.values(), ids=UNFIT_RATES)
def test_a_module_that_does_not_take_the_rate_is_read_on_and_left_alone(
    answer: Frame | None, told: list[int]
) -> None:
    module = MercuryModule()
    module.answers[Opcode.SET_BAUD] = answer
    line = streaming(module, FULL)
    for _ in range(3):
        fill(line, module)
        line.play(2)
    assert rates_told(module) == told
    assert module.is_streaming
    assert line.heard.bauds == []
    (notice,) = line.heard.of(HealthKind.NOTICE)
    assert notice.detail == "the line stays at 115200 baud"


def test_a_line_that_does_not_carry_the_new_rate_gets_its_old_one_back() -> None:
    module = MercuryModule()
    module.most_baud = 115_200  # what the cable carries towards the host
    line = streaming(module, FULL)
    for _ in range(3):
        fill(line, module)
        line.play(2)
    assert rates_told(module) == [921_600, 115_200]
    assert (module.baud, module.is_streaming) == (115_200, True)
    assert line.heard.bauds[-1] == 115_200
