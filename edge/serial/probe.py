"""Which protocol a port speaks, and at which rate: the pure part of `protocol = "auto"`.

At each rate, the likely ones first, the line is listened to (a reader may stream from before), and
then each protocol's identification command is sent.  A protocol is found when an answer names the
reader, or when frames come one after the other without a fault between them.  Only ports that the
site has named may be probed: other equipment may hang on a serial line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edge.errors import ReaderError
from edge.model import Now
from edge.serial.faults import Fault
from edge.serial.framing import Direction, StreamDecoder
from edge.serial.protocol import SerialProtocol

LISTEN_S = 0.3
ANSWER_S = 0.15
FRAMES_IN_A_ROW = 3  # an A0 check value is right by chance once in 256 times, three of them never


@dataclass(frozen=True, slots=True)
class Found:
    """`told` names the reader, or says that it streams."""

    protocol: SerialProtocol
    baud: int
    told: str


@dataclass(frozen=True, slots=True)
class ProbeOutput:
    """As a SessionOutput: the port is set to `baud` before `to_send` is written."""

    to_send: bytes = b""
    baud: int | None = None
    found: Found | None = None


class _Listener:
    """What one protocol makes of the bytes."""

    def __init__(self, protocol: SerialProtocol) -> None:
        self.protocol = protocol
        self._decoder: StreamDecoder[Any] = protocol.decoder(Direction.FROM_READER)
        self._in_a_row = 0

    def hear(self, received: bytes) -> str | None:
        """Say who speaks, once that is known."""
        self._decoder.feed(received)
        while (item := self._decoder.next_frame()) is not None:
            if isinstance(item, Fault):
                self._in_a_row = 0
                continue
            if told := self.protocol.identity(item):
                return told
            self._in_a_row += 1
        if self._in_a_row >= FRAMES_IN_A_ROW:
            return f"a reader that speaks {self.protocol.title}, streaming"
        return None


class Probe:
    """One port: start() once, step() with all that is received until it has found something.

    step() raises ReaderError when every rate and protocol was tried in vain.  `baud` is the rate
    to open the port at.
    """

    def __init__(self, protocols: Sequence[SerialProtocol]) -> None:
        self._protocols = protocols
        self._bauds = _likely_first(protocols)
        self._baud_index = 0
        self._deadline_s = 0.0
        self._begin_rate()

    @property
    def baud(self) -> int:
        return self._bauds[self._baud_index]

    def start(self, now: Now) -> bytes:
        """Begin to listen; nothing is sent yet."""
        self._deadline_s = now.monotonic_s + LISTEN_S
        return b""

    def step(self, received: bytes, now: Now) -> ProbeOutput:
        if received:
            for listener in self._listeners:
                if told := listener.hear(received):
                    return ProbeOutput(found=Found(listener.protocol, self.baud, told))
        if now.monotonic_s < self._deadline_s:
            return ProbeOutput()
        if self._to_ask:
            self._deadline_s = now.monotonic_s + ANSWER_S
            return ProbeOutput(self._to_ask.pop(0))
        return self._next_rate(now)

    def _next_rate(self, now: Now) -> ProbeOutput:
        if self._baud_index + 1 == len(self._bauds):
            names = ", ".join(protocol.name for protocol in self._protocols)
            rates = ", ".join(map(str, self._bauds))
            raise ReaderError(f"no reader answers; tried {names} at {rates} baud")
        self._baud_index += 1
        self._begin_rate()
        self._deadline_s = now.monotonic_s + LISTEN_S
        return ProbeOutput(baud=self.baud)

    def _begin_rate(self) -> None:
        """Forget what was heard at the rate before."""
        here = [protocol for protocol in self._protocols if self.baud in protocol.bauds]
        self._listeners = [_Listener(protocol) for protocol in here]
        self._to_ask = [protocol.identify for protocol in here]


def _likely_first(protocols: Sequence[SerialProtocol]) -> list[int]:
    """Give all rates, first those that stand first with any protocol."""
    ranks: dict[int, int] = {}
    for protocol in protocols:
        for rank, baud in enumerate(protocol.bauds):
            ranks[baud] = min(rank, ranks.get(baud, rank))
    return sorted(ranks, key=ranks.__getitem__)
