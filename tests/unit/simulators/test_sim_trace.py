"""Recorded traces: what is read from a CSV file, what is refused, and how reads are handed out."""

from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.model import Now, TagRead
from simulators.clock import ReaderClock
from simulators.replay import Recording, load_trace

EPC = "3074257bf7194e4000001a85"
HEADER = "timestamp,reader,antenna,rssi,epc,phase_angle"
ROW = f"1755033487.197361,r,1,-77,{EPC},3424"
EVERY_PORT = range(1, 256)


def write(folder: Path, *lines: str) -> Path:
    path = folder / "trace.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_row_becomes_a_read_to_the_microsecond(tmp_path: Path) -> None:
    (read,) = load_trace(write(tmp_path, HEADER, ROW))
    assert read == TagRead(bytes.fromhex(EPC), 1, -77, 1_755_033_487_197_361)


ALSO_READ: dict[str, tuple[str, str, TagRead]] = {
    "EPC like Python's bytes": (
        EPC,
        f"b'{EPC}'",
        TagRead(bytes.fromhex(EPC), 1, -77, 1_755_033_487_197_361),
    ),
    "EPC in capitals": (
        EPC,
        EPC.upper(),
        TagRead(bytes.fromhex(EPC), 1, -77, 1_755_033_487_197_361),
    ),
    "EPC of two bytes": (EPC, "e280", TagRead(b"\xe2\x80", 1, -77, 1_755_033_487_197_361)),
    "whole seconds": (
        "1755033487.197361",
        "1755033487",
        TagRead(bytes.fromhex(EPC), 1, -77, 1_755_033_487_000_000),
    ),
    "more decimals than count": (
        "1755033487.197361",
        "1755033487.1973609999",
        TagRead(bytes.fromhex(EPC), 1, -77, 1_755_033_487_197_361),
    ),
    "RSSI with decimals": (
        "-77",
        "-77.4",
        TagRead(bytes.fromhex(EPC), 1, -77, 1_755_033_487_197_361),
    ),
    "blanks around": (
        ",1,",
        ", 1 ,",
        TagRead(bytes.fromhex(EPC), 1, -77, 1_755_033_487_197_361),
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), ALSO_READ.values(), ids=ALSO_READ)
def test_other_ways_to_write_it_are_read(
    old: str, new: str, expected: TagRead, tmp_path: Path
) -> None:
    assert load_trace(write(tmp_path, HEADER, ROW.replace(old, new))) == [expected]


def test_rows_are_sorted_by_time_and_those_of_one_moment_keep_their_order(tmp_path: Path) -> None:
    rows = [f"{stamp},r,{port},-50,{EPC},0" for stamp, port in ((9, 1), (3, 2), (9, 3), (3, 4))]
    ports = [read.antenna_port for read in load_trace(write(tmp_path, HEADER, *rows))]
    assert ports == [2, 4, 1, 3]


def test_columns_may_stand_in_any_order_after_a_byte_order_mark(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufeffepc,rssi,antenna,timestamp", f"{EPC},-50,2,1.5")
    assert load_trace(path) == [TagRead(bytes.fromhex(EPC), 2, -50, 1_500_000)]


# what stands in the second row: what is replaced, by what; and the column that is to blame
WRONG: dict[str, tuple[str, str, str]] = {
    "a date": ("1755033487.197361", "2025-08-12", "timestamp"),
    "a negative time": ("1755033487.197361", "-5", "timestamp"),
    "no number": ("1755033487.197361", "nan", "timestamp"),
    "no time": ("1755033487.197361", "", "timestamp"),
    "antenna 0": (",1,", ",0,", "antenna"),
    "antenna 256": (",1,", ",256,", "antenna"),
    "antenna A": (",1,", ",A,", "antenna"),
    "too loud": ("-77", "128", "rssi"),
    "too weak": ("-77", "-129", "rssi"),
    "RSSI with its unit": ("-77", "-77 dBm", "rssi"),
    "EPC with an odd digit": (EPC, EPC[1:], "epc"),
    "EPC that is no hex": (EPC, "urn:epc:id:sgtin", "epc"),
    "no EPC": (EPC, "", "epc"),
    "EPC of 63 bytes": (EPC, "ab" * 63, "epc"),
    "half a Python literal": (EPC, f"b'{EPC}", "epc"),
    "a row cut short": (f",{EPC},3424", "", "epc"),
}


@pytest.mark.parametrize(("old", "new", "column"), WRONG.values(), ids=WRONG)
def test_a_wrong_value_is_told_with_file_line_column_and_what_is_allowed(
    old: str, new: str, column: str, tmp_path: Path
) -> None:
    path = write(tmp_path, HEADER, ROW, ROW.replace(old, new))
    with pytest.raises(ConfigError) as error:
        load_trace(path)
    (line,) = str(error.value).splitlines()
    assert line.startswith(f"{path}: line 3: column {column}: ")
    assert ", allowed is " in line


def test_all_mistakes_are_told_but_not_a_thousand_of_them(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER, *[ROW.replace(EPC, "zz")] * 1000)
    with pytest.raises(ConfigError) as error:
        load_trace(path)
    lines = str(error.value).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "980 more lines are wrong"


UNREADABLE = {
    "no column epc": (b"timestamp,antenna,rssi\n1,1,-50\n", "line 1: column epc is missing"),
    "no header": (ROW.encode(), "line 1: column timestamp is missing"),
    "nothing at all": (b"", "column timestamp is missing"),
    "a header and no reads": (HEADER.encode(), "has no reads"),
    "no text": (b"\xff\xfe\x00", "is no CSV file"),
}


@pytest.mark.parametrize(("content", "said"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_is_no_trace_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "trace.csv"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=said):
        load_trace(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_trace(tmp_path / "nosuch.csv")


# ------------------------------------------------------------------------- handing reads out


def recording(*stamps: int, port: int = 1) -> Recording:
    return Recording([TagRead(bytes([n]) * 12, port, -50, at) for n, at in enumerate(stamps)])


def stamps_of(reads: list[TagRead]) -> list[int]:
    return [read.at_us for read in reads]


def test_reads_are_given_when_their_time_has_come_and_no_more_than_asked_for() -> None:
    trace = recording(10, 20, 30, 40, 50)
    assert stamps_of(trace.hear(EVERY_PORT, 0, 9, 100)) == []
    assert stamps_of(trace.hear(EVERY_PORT, 0, 30, 2)) == [10, 20]
    assert stamps_of(trace.hear(EVERY_PORT, 0, 30, 2)) == [30]
    assert not trace.is_given
    assert stamps_of(trace.hear(EVERY_PORT, 0, 99, 100)) == [40, 50]
    assert trace.is_given


def test_what_was_not_delivered_is_given_again_and_what_was_is_not() -> None:
    trace = recording(10, 20, 30, 40)
    trace.hear(EVERY_PORT, 0, 30, 100)
    trace.delivered(1)
    trace.lost()
    assert stamps_of(trace.hear(EVERY_PORT, 0, 99, 100)) == [20, 30, 40]
    trace.delivered(3)
    trace.lost()
    assert trace.is_over
    assert (trace.delivered_reads, trace.unheard_reads) == (4, 0)


def test_it_is_over_only_when_all_was_delivered() -> None:
    trace = recording(10, 20)
    trace.hear(EVERY_PORT, 0, 99, 100)
    states = [trace.is_over]
    trace.delivered(1)
    states.append(trace.is_over)
    trace.delivered(1)
    states.append(trace.is_over)
    assert states == [False, False, True]


def test_reads_by_other_antennas_are_passed_over_and_counted_once() -> None:
    reads = [TagRead(bytes(12), port, -50, at) for at, port in ((1, 1), (2, 2), (3, 1), (4, 2))]
    trace = Recording(reads)
    assert stamps_of(trace.hear([2], 0, 99, 1)) == [2]
    trace.lost()
    assert stamps_of(trace.hear([2], 0, 99, 100)) == [2, 4]
    trace.delivered(2)
    assert (trace.delivered_reads, trace.unheard_reads) == (2, 2)
    assert trace.antenna_ports == {1, 2}


# ------------------------------------------------------------------------------------ its clock


def test_the_clock_runs_at_its_speed_stands_when_told_and_ends_where_it_must() -> None:
    clock = ReaderClock(Now(100.0, 5_000_000), speed=10, end_us=29_000_000)
    told = [
        clock.advance(101.0).utc_us,
        clock.advance(150.0, running=False).utc_us,
        clock.advance(150.5).utc_us,
        clock.advance(160.0).utc_us,
        clock.advance(170.0).utc_us,
    ]
    assert told == [15_000_000, 15_000_000, 20_000_000, 29_000_000, 29_000_000]
    assert clock.now == Now(170.0, 29_000_000)
