"""A recorded trace: a CSV file with a header line, one read a row, in any order.

| column    | also called                               | allowed                             |
| --------- | ----------------------------------------- | ----------------------------------- |
| timestamp | time, ts, datetime, last seen, first seen | s, ms, us or ns since 1970; ISO8601 |
| antenna   | antenna port, antenna id, ant, port       | 1 to 255                            |
| rssi      | rssi dbm, peak rssi, rssi peak            | dBm, -128 to 127                    |
| epc       | epc hex, epc id, tag                      | 1 to 62 bytes in hex, also b'30...' |
| reader    | reader name, host, hostname, device       | any text; the column may be absent  |

Capitals, blanks, hyphens and underscores in names are no matter, nor are further columns.  Commas,
semicolons and tabulators part the columns.  A time without its zone is UTC.  A last line without
its end was cut off when the recording was stopped: if it cannot be read it is left out, and told.
"""

import csv
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from edge.errors import ConfigError
from edge.model import TagRead

_NAMES = {
    "timestamp": (
        "timestamp", "time", "ts", "datetime", "lastseen", "lastseentimestamp",
        "lastseentimestamputc", "firstseen", "firstseentimestamp", "firstseentimestamputc",
    ),
    "antenna": ("antenna", "antennaport", "antennaid", "ant", "port"),
    "rssi": ("rssi", "rssidbm", "peakrssi", "peakrssidbm", "rssipeak"),
    "epc": ("epc", "epchex", "epcid", "tag"),
    "reader": ("reader", "readername", "host", "hostname", "device"),
}  # fmt: skip
_ALLOWED = {
    "timestamp": "seconds since 1970, such as 1755033487.197361, or a date and a time in ISO 8601",
    "antenna": "a whole number from 1 to 255",
    "rssi": "dBm, a number from -128 to 127",
    "epc": "1 to 62 bytes in hex, or those as b'...'",
}
_MOST_MISTAKES = 20
_SINCE_1970 = re.compile(r"\d{1,19}(\.\d+)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")
_NUMBER = re.compile(r"[+-]?\d{1,6}(\.\d+)?")
_WHOLE = re.compile(r"(\d{1,3})(?:\.0*)?")
_LITERAL = re.compile(r"""b'([^']*)'|b"([^"]*)"|(.*)""")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){1,62}")
# Numbers this large are no seconds of our time: they count something smaller.
_UNITS = ((10**17, 1_000), (10**14, 1), (10**11, Decimal("0.001")))


@dataclass(frozen=True, slots=True)
class Trace:
    """`reads` by what the trace calls their reader, None where it names none; sorted by time."""

    reads: Mapping[str | None, Sequence[TagRead]]
    is_cut: bool = False  # its last line was left out


def write_trace(path: Path, reads: Mapping[str, Sequence[TagRead]]) -> None:
    """Write the reads of readers as a trace.  Raises OSError."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["timestamp", "reader", "antenna", "rssi", "epc"])
        for reader, of_reader in reads.items():
            for read in of_reader:
                at_s = f"{read.at_us // 1_000_000}.{read.at_us % 1_000_000:06}"
                level = f"{read.rssi_dbm:g}"
                writer.writerow([at_s, reader, read.antenna_port, level, read.epc.hex()])


class _Wrong(Exception):
    """The value of this column is not what is allowed."""


def load_trace(path: Path) -> Trace:
    """Read a trace.  Raises ConfigError with one line a mistake."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is no CSV file: {error}") from error
    try:
        trace = _trace(path, text)
    except csv.Error as error:
        raise ConfigError(f"{path}: is no CSV file: {error}") from error
    if not trace.reads:
        raise ConfigError(f"{path}: has no reads, needed is one at least")
    return trace


def _trace(path: Path, text: str) -> Trace:
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    lines = csv.reader(text.splitlines(), delimiter=delimiter)
    columns = _columns(next(lines, []))
    absent = [name for name in _ALLOWED if name not in columns]
    if absent:
        lacking = (f"line 1: column {name} is missing" for name in absent)
        needed = f"{', '.join(_ALLOWED)}; there is {head.strip()[:80] or 'nothing'}"
        raise ConfigError("\n".join(f"{path}: {what}, needed is {needed}" for what in lacking))
    reads: dict[str | None, list[TagRead]] = {}
    mistakes: dict[int, str] = {}
    for row in lines:
        if not any(map(str.strip, row)):
            continue
        try:
            read = _read(row, columns)
        except _Wrong as wrong:
            mistakes[lines.line_num] = _mistake(row, columns, wrong.args[0])
        else:
            reads.setdefault(_cell(row, columns.get("reader")) or None, []).append(read)
    is_cut = not text.endswith("\n") and mistakes.pop(lines.line_num, None) is not None
    if mistakes:
        raise ConfigError("\n".join(_first(path, mistakes)))
    return Trace({reader: sorted(of, key=_stamp) for reader, of in reads.items()}, is_cut)


def _columns(head: Iterable[str]) -> dict[str, int]:
    """Give where each column is, by the name that it has here."""
    plain = [re.sub(r"[\s_-]", "", name).lower() for name in head]
    found = {}
    for name, names in _NAMES.items():
        places = [plain.index(one) for one in names if one in plain]
        if places:
            found[name] = places[0]
    return found


def _read(row: Sequence[str], columns: Mapping[str, int]) -> TagRead:
    return TagRead(
        _epc(_cell(row, columns["epc"])),
        _antenna_port(_cell(row, columns["antenna"])),
        _rssi_dbm(_cell(row, columns["rssi"])),
        _at_us(_cell(row, columns["timestamp"])),
    )


def _cell(row: Sequence[str], column: int | None) -> str:
    return "" if column is None or column >= len(row) else row[column].strip()


def _at_us(text: str) -> int:
    if _MOMENT.fullmatch(text):
        try:
            moment = dt.datetime.fromisoformat(text)
        except ValueError:
            raise _Wrong("timestamp") from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        since = moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
        return since // dt.timedelta(microseconds=1)
    text = text.replace(",", ".")
    if not _SINCE_1970.fullmatch(text):
        raise _Wrong("timestamp")
    value = Decimal(text)
    for least, per_us in _UNITS:
        if value >= least:
            return round(value / per_us)
    return round(value * 1_000_000)


def _antenna_port(text: str) -> int:
    whole = _WHOLE.fullmatch(text)
    if not whole or not 1 <= int(whole[1]) <= 255:
        raise _Wrong("antenna")
    return int(whole[1])


def _rssi_dbm(text: str) -> float:
    number = text.replace(",", ".")
    if not _NUMBER.fullmatch(number) or not -128 <= float(number) <= 127:
        raise _Wrong("rssi")
    return float(number)


def _epc(text: str) -> bytes:
    written = _LITERAL.fullmatch(text)
    digits = written[written.lastindex or 0] if written else ""
    digits = digits.removeprefix("0x").replace(" ", "")
    if not _HEX.fullmatch(digits):
        raise _Wrong("epc")
    return bytes.fromhex(digits)


def _mistake(row: Sequence[str], columns: Mapping[str, int], column: str) -> str:
    return f"column {column}: {_cell(row, columns[column])!r}, allowed is {_ALLOWED[column]}"


def _first(path: Path, mistakes: Mapping[int, str]) -> Iterator[str]:
    for line in list(mistakes)[:_MOST_MISTAKES]:
        yield f"{path}: line {line}: {mistakes[line]}"
    if len(mistakes) > _MOST_MISTAKES:
        yield f"{len(mistakes) - _MOST_MISTAKES} more lines are wrong"


def _stamp(read: TagRead) -> int:
    return read.at_us
