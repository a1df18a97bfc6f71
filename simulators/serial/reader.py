"""What all simulated serial readers have in common: bytes in, frames out, the time passed in."""

import abc
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

from edge.errors import ConfigError
from edge.model import Now, TagRead
from edge.serial.faults import Fault
from edge.serial.framing import StreamDecoder
from simulators.air import Air
from simulators.fault_table import FaultKind
from simulators.faults import Faults, Values
from simulators.serial.faults import LINE_FAULTS
from simulators.serial.surroundings import Surroundings

GAP_S = 0.1  # of silence, then the rest of a command does not come any more
_MOST_READS = 64  # in one step

F = TypeVar("F")


class SerialReader(abc.ABC):
    """One reader.  Whoever owns it carries its bytes, and tells it the time often.

    `baud` is the rate that it speaks at now.  `protocol` (the name in store.toml), `title`,
    `usual_baud`, `most_ports` and `kinds`, the faults of its own, are its protocol's.
    """

    title: str
    protocol: str
    usual_baud: int
    most_ports: int
    kinds: Mapping[str, FaultKind] = {}

    def __init__(self, surroundings: Surroundings, baud: int | None = None) -> None:
        self.antenna_ports = surroundings.reader.antenna_ports
        if max(self.antenna_ports) > self.most_ports:
            raise ConfigError(
                f"{self.title}: the scenario has antenna port {max(self.antenna_ports)}, "
                f"allowed is 1 to {self.most_ports}"
            )
        self.stored_baud = self.baud = baud or self.usual_baud
        self.faults = Faults({**LINE_FAULTS, **self.kinds})
        self.next_baud: int | None = None  # from when what is said now has left the line
        self.told = 0  # reads so far
        self._said: list[bytes] = []

    @abc.abstractmethod
    def power_up(self, now: Now) -> None:
        """Start, as after a plug or a dip of the power; what is not stored is lost."""

    @abc.abstractmethod
    def receive(self, data: bytes, now: Now) -> None:
        """Hear what the host says."""

    @abc.abstractmethod
    def advance(self, now: Now, room: int) -> None:
        """Do what is due; `room` is how many bytes of reads may be said now."""

    def act(self, name: str, values: Values, now: Now) -> None:
        """Let a fault of its own happen that happens once."""
        raise NotImplementedError(name, values, now)

    def take(self) -> list[bytes]:
        """Give the frames that were said since the last time, each whole."""
        said, self._said = self._said, []
        return said

    def has_said_all(self) -> None:
        """Learn that everything said so far has left the line: a new rate begins now."""
        if self.next_baud is not None and not self._said:
            self.baud, self.next_baud = self.next_baud, None

    def _say(self, frame: bytes) -> None:
        self._said.append(frame)


class Inbox(Generic[F]):
    """What the host has said, frame by frame; what is broken, or breaks off, is none."""

    def __init__(
        self, decoder: StreamDecoder[F], on_fault: Callable[[Fault], None] | None = None
    ) -> None:
        self._decoder, self._on_fault = decoder, on_fault
        self._heard_s = 0.0

    def frames(self, data: bytes, now: Now) -> Iterator[F]:
        """Give the frames that have come; also to be asked when nothing has."""
        if now.monotonic_s - self._heard_s > GAP_S:
            self._decoder.flush()
            yield from self._waiting()
        if data:
            self._heard_s = now.monotonic_s
            self._decoder.feed(data)
            yield from self._waiting()

    def _waiting(self) -> Iterator[F]:
        while (item := self._decoder.next_frame()) is not None:
            if not isinstance(item, Fault):
                yield item
            elif self._on_fault is not None:
                self._on_fault(item)


class Ear:
    """What a reader hears that reads by itself.

    While less is let through than the air gives, the rest waits in the reader.
    """

    def __init__(self, air: Air) -> None:
        self._air = air
        self._until_us: int | None = None

    def hear(self, ports: Sequence[int], now: Now, limit: int) -> Sequence[TagRead]:
        """Give what was read since the last time, `limit` reads at most."""
        limit = min(limit, _MOST_READS)
        if limit <= 0:
            return ()
        from_us = now.utc_us if self._until_us is None else self._until_us
        reads = self._air.hear(ports, from_us, now.utc_us, limit)
        self._until_us = reads[-1].at_us if len(reads) == limit else now.utc_us
        return reads

    def stop(self) -> None:
        self._until_us = None
        self._air.lost()
