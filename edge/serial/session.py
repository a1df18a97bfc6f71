"""What the conversations with serial readers have in common, without input or output.

A driver opens the port at the session's `baud`, calls start() once, step() with all that has been
received (at least once a second, better four times), and stop() at the end.  Where an output has a
`baud`, the port is set to it, what it still holds is dropped, and only then `to_send` is written.
"""

import abc
from collections import Counter
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from edge.errors import GatewayError, ProtocolError
from edge.model import HealthEvent, HealthKind, Now, Polled, TagRead, Tick
from edge.serial.faults import Fault, FaultCause
from edge.serial.framing import StreamDecoder

GAP_S = 0.1  # of silence, then no more of a frame comes: USB adapters deliver in bursts of 16 ms
TICK_S = 1.0  # without a read, before a live reader ticks
TICK_LAG_US = 200_000  # a read that is still on its way may be that old
TELL_FAULTS_S = 10.0  # between two health events about bytes that were no frames
GATHER_STREAM_S = 0.04
GATHER_ANSWER_S = 0.015  # as USB adapters do; the reader waits for the next request meanwhile
MOST_FAULTS = 200  # without a frame between them: another rate, or another protocol

F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class SessionOutput:
    to_send: bytes
    polled: Polled
    baud: int | None = None  # the line rate from now on


class SerialSession(Protocol):
    """One connection.  step() raises ReaderError, ReaderRefused or ProtocolError, and is over then.

    What came before the cause is given first; the next step raises.
    """

    @property
    def baud(self) -> int: ...

    @property
    def gather_s(self) -> float:
        """How long bytes that have come may wait for others; each step() has its price."""
        ...

    def start(self, now: Now) -> bytes: ...

    def step(self, received: bytes, now: Now) -> SessionOutput: ...

    def stop(self, now: Now) -> bytes: ...


@dataclass(slots=True)
class _Gathered:
    """What one step has brought so far."""

    to_send: bytearray = field(default_factory=bytearray)
    reads: list[TagRead] = field(default_factory=list)
    health: list[HealthEvent] = field(default_factory=list)
    baud: int | None = None
    is_alive: bool = False

    def is_empty(self) -> bool:
        return not (self.to_send or self.reads or self.health or self.baud)


@dataclass(slots=True)
class _Pending:
    """The request that waits for its answer."""

    name: str
    data: bytes
    timeout_s: float
    deadline_s: float
    tries_left: int


class Conversation(abc.ABC, Generic[F]):
    """A SerialSession's frame work: what its protocol says is left to a subclass.

    `faults` counts what was no frame since the reader was identified.
    """

    def __init__(self, decoder: StreamDecoder[F], baud: int) -> None:
        self.faults = Counter[FaultCause]()
        self._decoder = decoder
        self._baud = baud
        self._now = Now(0.0, 0)
        self._heard_s = 0.0  # any byte
        self._said_s = 0.0  # last read or tick
        self._told_faults_s = float("-inf")
        self._untold = Counter[FaultCause]()
        self._in_a_row = 0  # faults without a frame
        self._received = 0  # bytes
        self._is_identified = False
        self._pending: _Pending | None = None
        self._failure: GatewayError | None = None
        self._gathered = _Gathered()

    @property
    def baud(self) -> int:
        return self._baud

    @property
    def gather_s(self) -> float:
        return GATHER_ANSWER_S if self._pending else GATHER_STREAM_S

    def start(self, now: Now) -> bytes:
        self._now = now
        self._heard_s = self._said_s = now.monotonic_s
        self._begin()
        return b""

    def step(self, received: bytes, now: Now) -> SessionOutput:
        """Take what has been received, b"" when nothing has; give what is to be sent and told."""
        if self._failure:
            raise self._failure
        self._now, self._gathered = now, _Gathered()
        if received:
            self._heard_s = now.monotonic_s
            self._received += len(received)
            self._decoder.feed(received)
        elif now.monotonic_s - self._heard_s >= GAP_S:
            self._decoder.flush()
        try:
            self._take_all()
            self._check_deadline()
            self._check_time()
        except GatewayError as error:
            if self._gathered.is_empty():
                raise
            self._failure = error
        return self._output()

    @abc.abstractmethod
    def stop(self, now: Now) -> bytes:
        """Give what makes the reader stop."""

    # What a protocol adds.

    @abc.abstractmethod
    def _begin(self) -> None:
        """Set the first deadline; nothing is sent yet."""

    @abc.abstractmethod
    def _take(self, frame: F) -> None:
        """Do what a frame asks for."""

    @abc.abstractmethod
    def _no_answer(self, name: str) -> None:
        """Go on after a request without an answer; raise ReaderError if that is the end."""

    def _check_time(self) -> None:
        """Do what is due without a frame; called at the end of each step."""

    # What a protocol uses.

    def _ask(self, name: str, data: bytes, timeout_s: float, tries: int = 1) -> None:
        """Send a request, b"" to listen only, and wait; it is sent so many times."""
        self._gathered.to_send += data
        deadline_s = self._now.monotonic_s + timeout_s
        self._pending = _Pending(name, data, timeout_s, deadline_s, tries - 1)

    def _go_on_waiting(self, timeout_s: float) -> None:
        """Wait so long from now for the rest of an answer, and do not ask for it again."""
        if self._pending:
            self._pending.deadline_s = self._now.monotonic_s + timeout_s
            self._pending.tries_left = 0

    def _set_baud(self, baud: int) -> None:
        self._decoder.flush()
        self._baud = self._gathered.baud = baud

    def _tell(self, kind: HealthKind, detail: str, port: int | None = None) -> None:
        self._gathered.health.append(HealthEvent(kind, detail, self._now.utc_us, port))

    def _is_due(self, since_s: float, after_s: float) -> bool:
        return self._now.monotonic_s - since_s >= after_s

    # The frame work itself.

    def _take_all(self) -> None:
        while (item := self._decoder.next_frame()) is not None:
            if isinstance(item, Fault):
                self._note(item)
            else:
                self._in_a_row = 0
                self._take(item)

    def _note(self, fault: Fault) -> None:
        """Count what could not be read; before the reader is identified it means nothing."""
        if not self._is_identified:
            return
        self.faults[fault.cause] += 1
        self._untold[fault.cause] += 1
        self._in_a_row += 1
        if self._in_a_row > MOST_FAULTS:
            raise ProtocolError(f"{MOST_FAULTS} faults and no frame between, last: {fault.cause}")

    def _check_deadline(self) -> None:
        pending = self._pending
        if pending is None or self._now.monotonic_s < pending.deadline_s:
            return
        self._pending = None
        if pending.tries_left:
            self._ask(pending.name, pending.data, pending.timeout_s, pending.tries_left)
        else:
            self._no_answer(pending.name)

    def _output(self) -> SessionOutput:
        self._tell_faults()
        gathered, tick = self._gathered, None
        if gathered.reads:
            self._said_s = self._now.monotonic_s
        elif gathered.is_alive and self._is_due(self._said_s, TICK_S):
            self._said_s = self._now.monotonic_s
            tick = Tick(self._now.utc_us - TICK_LAG_US)
        polled = Polled(gathered.reads, tick, tuple(gathered.health))
        return SessionOutput(bytes(gathered.to_send), polled, gathered.baud)

    def _tell_faults(self) -> None:
        if self._untold and self._is_due(self._told_faults_s, TELL_FAULTS_S):
            counts = ", ".join(f"{cause} ({count})" for cause, count in self._untold.items())
            at_us, total = self._now.utc_us, self._untold.total()
            event = HealthEvent(HealthKind.FAULT, counts, at_us, count=total)
            self._gathered.health.append(event)
            self._told_faults_s = self._now.monotonic_s
            self._untold.clear()
