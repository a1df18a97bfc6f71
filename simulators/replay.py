"""A recorded trace, and the air that it makes for a simulated reader.

A trace is a CSV file with a header line; the columns that count are

| column      | allowed                                                                   |
| ----------- | ------------------------------------------------------------------------- |
| `timestamp` | seconds since 1970, UTC, with up to six decimals that count                |
| `antenna`   | 1 to 255                                                                  |
| `rssi`      | dBm, -128 to 127; LLRP carries whole ones, others are rounded             |
| `epc`       | 1 to 62 bytes (496 bits) in hex, also written like Python's b'30…'        |

The rows need no order; those of one moment keep the file's.
"""

import csv
import re
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from edge.errors import ConfigError
from edge.model import TagRead

_TIMESTAMP = re.compile(r"\d{1,12}(\.\d+)?")
_NUMBER = re.compile(r"[+-]?\d{1,6}(\.\d+)?")
_WHOLE = re.compile(r"\d{1,3}")
_EPC = re.compile(r"""(?:b'(?P<single>[^']*)'|b"(?P<double>[^"]*)"|(?P<plain>.*))""")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){1,62}")
_ALLOWED = {
    "timestamp": "seconds since 1970, such as 1755033487.197361",
    "antenna": "a whole number from 1 to 255",
    "rssi": "dBm, a number from -128 to 127",
    "epc": "1 to 62 bytes in hex, or those as b'...'",
}
_MOST_MISTAKES = 20


class _Wrong(Exception):
    """The value of this column is not what is allowed."""


def load_trace(path: Path) -> list[TagRead]:
    """Read a trace and sort it by time.  Raises ConfigError with one line a mistake."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reads = _reads(path, csv.DictReader(file))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: is no CSV file: {error}") from error
    if not reads:
        raise ConfigError(f"{path}: has no reads, needed is one at least")
    return sorted(reads, key=lambda read: read.at_us)


def _reads(path: Path, rows: "csv.DictReader[str]") -> list[TagRead]:
    absent = [name for name in _ALLOWED if name not in (rows.fieldnames or ())]
    mistakes = [
        f"{path}: line 1: column {name} is missing, needed is {', '.join(_ALLOWED)}"
        for name in absent
    ]
    reads: list[TagRead] = []
    for row in () if absent else rows:
        try:
            reads.append(_read(row))
        except _Wrong as wrong:
            (column,) = wrong.args
            where = f"{path}: line {rows.line_num}: column {column}"
            mistakes.append(f"{where}: {row[column]!r}, allowed is {_ALLOWED[column]}")
    if mistakes:
        raise ConfigError("\n".join(_first(mistakes)))
    return reads


def _first(mistakes: list[str]) -> Iterable[str]:
    yield from mistakes[:_MOST_MISTAKES]
    if len(mistakes) > _MOST_MISTAKES:
        yield f"{len(mistakes) - _MOST_MISTAKES} more lines are wrong"


def _read(row: Mapping[str, str | None]) -> TagRead:
    def value(column: str, pattern: re.Pattern[str]) -> str:
        text = (row[column] or "").strip()
        if not pattern.fullmatch(text):
            raise _Wrong(column)
        return text

    at_us = round(Decimal(value("timestamp", _TIMESTAMP)) * 1_000_000)
    antenna_port = int(value("antenna", _WHOLE))
    rssi_dbm = round(Decimal(value("rssi", _NUMBER)))
    if not 1 <= antenna_port <= 255:
        raise _Wrong("antenna")
    if not -128 <= rssi_dbm <= 127:
        raise _Wrong("rssi")
    written = _EPC.fullmatch(value("epc", _EPC))
    epc = written[written.lastgroup or 0] if written else ""
    if not _HEX.fullmatch(epc):
        raise _Wrong("epc")
    return TagRead(bytes.fromhex(epc), antenna_port, rssi_dbm, at_us)


class Recording:
    """Hands a trace out by time; what was not delivered is handed out again.  See `Air`.

    `delivered_reads` and `unheard_reads` add up to the whole trace once it `is_over`: a read by
    an antenna that nobody asked for is not heard.
    """

    def __init__(self, reads: list[TagRead]) -> None:
        self._reads = reads
        self._next = 0
        self._on_the_way: deque[int] = deque()  # indices of what was given and not yet delivered
        self.delivered_reads = 0

    @property
    def starts_at_us(self) -> int:
        return self._reads[0].at_us

    @property
    def ends_at_us(self) -> int:
        return self._reads[-1].at_us

    @property
    def antenna_ports(self) -> set[int]:
        return {read.antenna_port for read in self._reads}

    @property
    def is_given(self) -> bool:
        """Tell whether all of it was handed out, delivered or not."""
        return self._next == len(self._reads)

    @property
    def is_over(self) -> bool:
        return self.is_given and not self._on_the_way

    @property
    def unheard_reads(self) -> int:
        return self._next - len(self._on_the_way) - self.delivered_reads

    def hear(
        self,
        antenna_ports: Collection[int],
        from_us: int,  # noqa: ARG002 - the clock stands still while nobody listens
        until_us: int,
        limit: int,
    ) -> list[TagRead]:
        heard: list[TagRead] = []
        while self._next < len(self._reads) and len(heard) < limit:
            read = self._reads[self._next]
            if read.at_us > until_us:
                break
            if read.antenna_port in antenna_ports:
                heard.append(read)
                self._on_the_way.append(self._next)
            self._next += 1
        return heard

    def delivered(self, reads: int) -> None:
        for _ in range(reads):
            self._on_the_way.popleft()
        self.delivered_reads += reads

    def lost(self) -> None:
        if self._on_the_way:
            self._next = self._on_the_way[0]
            self._on_the_way.clear()
