"""Commands that others have published, as simulated serial readers answer them.

What is compared with the published answer is its opcode, its status and its length: the values are
another module's.
"""

from pathlib import Path

import pytest

from edge.serial.framing import Direction
from edge.serial.mercury.codes import ModuleRegion, Opcode
from edge.serial.mercury.commands import SetRegion, encode_command
from edge.serial.mercury.frames import Frame, FrameDecoder
from tests.support.serial import Vector, frames_of, vectors
from tests.support.serial_desk import SerialDesk

MERCURY = vectors("mercury.tsv")
# Their lengths differ from module to module: regions, channels, ports, and names.
_OF_THE_MODULE = {
    Opcode.SUPPORTED_REGIONS,
    Opcode.GET_HOP_TABLE,
    Opcode.GET_ANTENNA,
    Opcode.HARDWARE_VERSION,
}


def dialogue() -> dict[str, tuple[Vector, Vector]]:
    """Give each command of a published connect with the answer that stands behind it."""
    pairs = {}
    for number, asked in MERCURY.items():
        answer = MERCURY.get(number + 1)
        if answer is None or {asked.verdict, answer.verdict} != {"ok"}:
            continue
        is_answer = answer.direction is Direction.FROM_READER and asked.data[2] == answer.data[2]
        if asked.direction is Direction.TO_READER and is_answer:
            pairs[f"{number}: {asked.meaning}"] = asked, answer
    return pairs


@pytest.mark.shared_data
@pytest.mark.parametrize(("asked", "answer"), dialogue().values(), ids=dialogue())
def test_a_simulated_module_answers_as_a_real_one_did(
    asked: Vector, answer: Vector, tmp_path: Path
) -> None:
    desk = SerialDesk(tmp_path, "mercury")
    (expected,) = frames_of(FrameDecoder(), answer.data)
    desk.ask(encode_command(SetRegion(region=ModuleRegion.EU3)))
    said, *_ = frames_of(FrameDecoder(), desk.ask(asked.data) + desk.play(1.5))
    assert isinstance(said, Frame)
    assert (said.opcode, said.status) == (expected.opcode, expected.status)
    if said.opcode not in _OF_THE_MODULE:
        assert len(said.data) == len(expected.data)
