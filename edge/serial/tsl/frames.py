r"""Lines of the TSL ASCII Protocol (2.5); a tag's lines together.

    .iv -al off ⏎             from the host
    CS: .iv -al off ⏎         from the reader, the command as it came
    EP: 3034… ⏎  RI: -61 ⏎    a frame for each tag, with all of the lines that belong to it
    OK: ⏎  ⏎                  or ER: nnn ⏎

Nothing checks a line but its form: two letters and a colon, or a dot and two letters, and printing
characters up to CR LF, CR or LF; behind an ESC any character.  What has another form is garbage, as
are the stray bytes of a Bluetooth link that has just come up.  A tag's lines end where one comes
that is not a tag's or that the tag has already, so that a lost EP line costs its tag and gives its
RSSI to no other.
"""

import re
from typing import NamedTuple

import msgspec

from edge.serial.faults import FaultCause
from edge.serial.framing import Direction, StreamDecoder
from edge.serial.tsl.codes import TAG_HEADERS

LONGEST_LINE = 1100  # ours: an RD line of 255 words has 1,026
LONGEST_TAG = 2048

_BEGIN = re.compile(rb"[A-Z.\r\n]")
_TEXT = re.compile(rb"(?:[A-Z]{2}:|\.[a-z]{2})(?:[\t\x20-\x7e]|\x1b[\s\S]){0,%d}+" % LONGEST_LINE)
_HALF_HEADER = re.compile(rb"[A-Z]{1,2}|\.[a-z]?")
_END = re.compile(rb"\r\n|\r|\n")
_TAG = b"EP:"
_MESSAGE = b"ME:"  # may come anywhere, within a tag too
_OF_TAGS = frozenset(f"{header}:".encode() for header in TAG_HEADERS) | {_MESSAGE}


class Line(NamedTuple):
    header: str  # "" of a command and of an empty line
    value: str


class Frame(msgspec.Struct, frozen=True, gc=False):
    """`data` is what came, line ends included."""

    data: bytes

    def encode(self) -> bytes:
        return self.data

    def is_tag(self) -> bool:
        return self.data.startswith(_TAG)

    def lines(self) -> list[Line]:
        """Give the lines of a tag; of all else the only one."""
        if self.is_tag():
            return [_line(raw) for raw in self.data.splitlines()]
        return [_line(self.data.removesuffix(b"\n").removesuffix(b"\r"))]


class FrameDecoder(StreamDecoder[Frame]):
    """The direction makes no difference to the lines."""

    def __init__(self, _: Direction = Direction.FROM_READER) -> None:
        super().__init__()

    def _find(self, at: int) -> int:
        found = _BEGIN.search(self._buffer, at)
        return found.start() if found else len(self._buffer)

    def _take(self, at: int, end: int) -> tuple[Frame | FaultCause | None, int]:
        to = self._line_end(at, end)
        if to is None:
            return None, end - at + 1
        if isinstance(to, FaultCause):
            return to, 0
        if self._buffer.startswith(_TAG, at):
            whole = self._tag_end(at, to, end)
            if whole is None:
                return None, end - at + 1
            to = whole
        return Frame(bytes(self._buffer[at:to])), to - at

    def _line_end(self, at: int, end: int) -> int | FaultCause | None:
        """Give where the line at `at` ends, or why none does; None where that is to come."""
        text = _TEXT.match(self._buffer, at, end)
        stop = text.end() if text else at
        if stop - at > LONGEST_LINE:
            return FaultCause.BAD_LENGTH
        if found := _END.match(self._buffer, stop, end):
            is_half = found.end() == end and found[0] == b"\r"
            return None if is_half and end != self._final else found.end()
        if text:
            is_coming = stop == end or self._buffer[stop:end] == b"\x1b"
        else:
            is_coming = _HALF_HEADER.fullmatch(self._buffer, at, end) is not None
        return None if is_coming else FaultCause.GARBAGE

    def _tag_end(self, at: int, to: int, end: int) -> int | None:
        """Give where the lines end of the tag whose first ends at `to`; None as above."""
        has = set[bytes]()
        while to - at < LONGEST_TAG:
            header = bytes(self._buffer[to : min(to + 3, end)])
            if len(header) < 3 and end != self._final and (header.isupper() or not header):
                return None
            if header not in _OF_TAGS or header in has:
                break
            line_end = self._line_end(to, end)
            if line_end is None and end != self._final:
                return None
            if not isinstance(line_end, int):
                break
            has |= {header} - {_MESSAGE}
            to = line_end
        return to


def _line(raw: bytes) -> Line:
    text = raw.decode("latin-1")
    if text[2:3] == ":":
        return Line(text[:2], text[3:].strip(" "))
    return Line("", text)
