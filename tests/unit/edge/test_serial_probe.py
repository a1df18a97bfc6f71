"""Finding out what a port speaks, against readers that speak it."""

from dataclasses import dataclass, field

import pytest

from edge.errors import ReaderError
from edge.serial.probe import FRAMES_IN_A_ROW, Found, Probe, ProbeOutput
from edge.serial.registry import PROTOCOLS
from tests.support.clocks import ManualClock
from tests.support.serial_readers import KEEPALIVE, A0Reader, MercuryModule, SerialReader

ALL = tuple(PROTOCOLS.values())


@dataclass
class Deaf:
    """Equipment of another kind: it hears, and says nothing."""

    baud: int = 115_200
    heard: list[bytes] = field(default_factory=list)

    def hear(self, data: bytes) -> bytes:
        self.heard.append(data)
        return b""


class Port:
    def __init__(self, reader: SerialReader) -> None:
        self.probe = Probe(ALL)
        self.bauds = [self.probe.baud]
        self._reader = reader
        self._clock = ManualClock()
        self._coming = self.probe.start(self._clock.now())

    def step(self, received: bytes = b"") -> ProbeOutput:
        output = self.probe.step(self._coming + received, self._clock.advance(0.05))
        self.bauds += [output.baud] if output.baud else []
        right = self.bauds[-1] == self._reader.baud
        self._coming = self._reader.hear(output.to_send) if right and output.to_send else b""
        return output

    def play(self) -> Found:
        while True:
            if found := self.step().found:
                return found


@pytest.mark.parametrize("baud", PROTOCOLS["mercury"].bauds)
def test_a_mercury_module_is_found_at_each_of_its_rates(baud: int) -> None:
    module = MercuryModule()
    module.baud = baud
    found = Port(module).play()
    assert (found.protocol.name, found.baud) == ("mercury", baud)
    assert "M6e Nano" in found.told


@pytest.mark.parametrize("baud", PROTOCOLS["r2000"].bauds)
def test_an_a0_reader_is_found_at_each_of_its_rates(baud: int) -> None:
    reader = A0Reader()
    reader.baud = baud
    found = Port(reader).play()
    assert (found.protocol.name, found.baud) == ("r2000", baud)
    assert "firmware 1.9" in found.told


def test_the_usual_rate_is_tried_first_and_none_twice() -> None:
    port = Port(Deaf(baud=0))
    with pytest.raises(ReaderError):
        port.play()
    assert port.bauds[0] == 115_200
    assert sorted(port.bauds) == sorted({baud for each in ALL for baud in each.bauds})


def test_each_protocol_is_asked_once_at_a_rate() -> None:
    deaf = Deaf()
    with pytest.raises(ReaderError, match="mercury, r2000"):
        Port(deaf).play()
    assert deaf.heard == [protocol.identify for protocol in ALL]


def test_nothing_is_sent_before_the_line_was_listened_to() -> None:
    deaf = Deaf()
    port = Port(deaf)
    for _ in range(5):
        port.step()
    assert not deaf.heard


def test_a_module_that_streams_is_found_without_a_word() -> None:
    deaf = Deaf()
    port = Port(deaf)
    outputs = [port.step(KEEPALIVE) for _ in range(FRAMES_IN_A_ROW)]
    found = outputs[-1].found
    assert found is not None
    assert (found.protocol.name, deaf.heard) == ("mercury", [])
    assert "streaming" in found.told


def test_a_module_that_boots_names_itself() -> None:
    module = MercuryModule()
    found = Port(Deaf()).step(module.boot_frame()).found
    assert found is not None
    assert found.protocol.name == "mercury"


def test_a_frame_among_noise_is_no_stream() -> None:
    port = Port(Deaf())
    outputs = [port.step(KEEPALIVE + b"\x00" * 300) for _ in range(10)]
    assert not [output for output in outputs if output.found]
