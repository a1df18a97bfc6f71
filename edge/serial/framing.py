"""Byte stream to frames, for every protocol whose frames have a length and a check value.

A frame begins where its length and its check value say so.  Where they do not, one byte is passed
over and the next is tried, so that a frame behind or inside of damaged bytes is found.  What was
passed over becomes faults, each with the cause that its first byte was passed over for:

    | garbage | FF 1C … wrong CRC | FF 28 22 … right CRC | FF 10 … not all here yet
      Fault     Fault               Frame                  None

However the stream is cut, the same frames and faults come out, and a byte costs the same however
many more wait behind it.  No more is held than the longest frame, and what has been fed and not
been fetched.
"""

import abc
from enum import Enum
from typing import Generic, TypeVar

from edge.serial.faults import Fault, FaultCause

LONGEST_GARBAGE = 256  # bytes in one fault

F = TypeVar("F")


class Direction(Enum):
    """Whose frames a decoder looks for: commands and answers may differ in form."""

    FROM_READER = "from the reader"
    TO_READER = "to the reader"
    EITHER = "either"  # a log of both


class StreamDecoder(abc.ABC, Generic[F]):
    """feed() it, then call next_frame() until it says None; flush() it when the line is silent.

    `offset` is where in the stream that began which next_frame() gave last.
    """

    def __init__(self) -> None:
        self.offset = 0
        self._buffer = bytearray()
        self._start = 0  # of what was not handed out yet
        self._at = 0  # where a frame may begin; none does from _start to here
        self._cause = FaultCause.GARBAGE  # why none begins at _start
        self._claim = 0  # where the broken frame at _start would end, 0 if there is none
        self._final = 0  # up to here nothing more will come between
        self._past = 0  # how much of the stream is not in the buffer any more

    @abc.abstractmethod
    def _find(self, at: int) -> int:
        """Give the first place from `at` where a frame may begin; the buffer's length if none."""

    @abc.abstractmethod
    def _take(self, at: int, end: int) -> tuple[F | FaultCause | None, int]:
        """Read the frame that may begin at `at`, from bytes before `end`; also give its length.

        None says that more bytes are needed, the length being the least that it will have.  With a
        cause, a length of 0 says that nobody can tell where it would have ended.
        """

    @property
    def waiting(self) -> int:
        """How many bytes wait for more."""
        return len(self._buffer) - self._start

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def flush(self) -> None:
        """Wait no longer for the rest of a frame: the line was silent, or the stream has ended."""
        self._final = len(self._buffer)

    def next_frame(self) -> F | Fault | None:
        while True:
            at = self._find(self._at)
            if at > self._start and (end := self._end_of_damage(at)):
                return self._fault(end, at)
            if at == len(self._buffer):
                break
            end = self._final if at < self._final else len(self._buffer)
            found, length = self._take(at, end)
            if found is None:
                if end != self._final:
                    break
                found, length = FaultCause.TRUNCATED, min(length, end - at)
            if isinstance(found, FaultCause):
                if at > self._start and not self._claim and length:
                    return self._fault(at, at)
                if at == self._start:
                    self._cause, self._claim = found, at + length if length else 0
                self._at = at + 1
            elif at > self._start:
                return self._fault(at, at)
            else:
                self.offset = self._past + at
                self._start = self._at = at + length
                return found
        self._wait(at)
        return None

    def _end_of_damage(self, at: int) -> int:
        """Give where the bytes passed over before `at` make a whole fault; 0 if not yet.

        It does not depend on how much of the stream is here.
        """
        if self._claim:
            return self._claim if at >= self._claim else 0
        if at - self._start >= LONGEST_GARBAGE:
            return self._start + LONGEST_GARBAGE
        return at if at == self._final else 0

    def _fault(self, end: int, at: int) -> Fault:
        fault = Fault(self._cause, bytes(self._buffer[self._start : end]), self._past + self._start)
        self.offset = fault.offset
        self._start, self._at = end, at
        self._cause, self._claim = FaultCause.GARBAGE, 0
        return fault

    def _wait(self, at: int) -> None:
        """Go on at `at` when more has come; forget what was handed out, when that is cheap."""
        self._at = at
        gone = self._start
        if gone > len(self._buffer) - gone:
            del self._buffer[:gone]
            self._past += gone
            self._start, self._at = 0, at - gone
            self._claim = max(self._claim - gone, 0)
            self._final = max(self._final - gone, 0)
