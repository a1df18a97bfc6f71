"""Recorded traces: how others write them, and what is refused."""

from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.model import TagRead
from edge.trace import load_trace

EPC = "3074257bf7194e4000001a85"
AT_US = 1_755_033_487_197_361
READ = TagRead(bytes.fromhex(EPC), 2, -61.5, AT_US)


def write(folder: Path, text: str) -> Path:
    path = folder / "trace.csv"
    path.write_text(text, encoding="utf-8")
    return path


def one_read(folder: Path, text: str) -> TagRead:
    [[read]] = load_trace(write(folder, text)).reads.values()
    return read


HEADERS = {
    "as the recordings have it": "timestamp,antenna,rssi,epc",
    "with capitals and blanks": "Timestamp, Antenna, RSSI, EPC",
    "as sllurp has it": "LastSeenTimestampUTC,AntennaID,PeakRSSI,EPC",
    "as a table of a database": "last_seen,antenna_port,rssi_dbm,epc_hex",
    "short": "ts,ant,rssi,tag",
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_columns_are_known_by_other_names_too(header: str, tmp_path: Path) -> None:
    assert one_read(tmp_path, f"{header}\n1755033487.197361,2,-61.5,{EPC}\n") == READ


STAMPS = {
    "seconds": "1755033487.197361",
    "milliseconds": "1755033487197.361",
    "microseconds": "1755033487197361",
    "nanoseconds": "1755033487197361000",
    "ISO 8601": "2025-08-12T21:18:07.197361Z",
    "with a blank, and no zone": "2025-08-12 21:18:07.197361",
    "in another zone": "2025-08-12T23:18:07.197361+02:00",
}


@pytest.mark.parametrize("stamp", STAMPS.values(), ids=STAMPS)
def test_a_moment_is_the_same_however_it_is_written(stamp: str, tmp_path: Path) -> None:
    assert one_read(tmp_path, f"timestamp,antenna,rssi,epc\n{stamp},2,-61.5,{EPC}\n") == READ


def test_a_spreadsheet_may_have_put_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    text = f"\ufefftimestamp;antenna;rssi;epc\r\n1755033487,197361;2.0;-61,5;0x{EPC.upper()}\r\n"
    assert one_read(tmp_path, text) == READ


def test_reads_are_parted_by_their_reader_and_sorted(tmp_path: Path) -> None:
    rows = [f"{stamp},{reader},1,-60,{EPC}" for stamp, reader in ((9, "a"), (3, "b"), (5, "a"))]
    trace = load_trace(write(tmp_path, "\n".join(["time,reader,port,rssi,epc", *rows, ""])))
    stamps = {reader: [read.at_us for read in reads] for reader, reads in trace.reads.items()}
    assert stamps == {"a": [5_000_000, 9_000_000], "b": [3_000_000]}


def test_a_trace_without_readers_says_none(tmp_path: Path) -> None:
    trace = load_trace(write(tmp_path, f"time,port,rssi,epc\n1,1,-60,{EPC}\n\n"))
    assert list(trace.reads) == [None]


def test_a_last_line_that_was_cut_off_is_left_out_and_told(tmp_path: Path) -> None:
    trace = load_trace(write(tmp_path, f"time,port,rssi,epc\n1,1,-60,{EPC}\n2,1,-6"))
    assert trace.is_cut
    assert sum(map(len, trace.reads.values())) == 1


def test_a_last_line_without_its_end_that_can_be_read_is_a_read(tmp_path: Path) -> None:
    trace = load_trace(write(tmp_path, f"time,port,rssi,epc\n1,1,-60,{EPC}"))
    assert not trace.is_cut


WRONG = {
    "a date without a time": ("2025-08-12,1,-60,{}", "column timestamp: '2025-08-12', allowed is"),
    "no date at all": ("2025-13-12 10:00,1,-60,{}", "column timestamp"),
    "antenna 0": ("1,0,-60,{}", "column antenna: '0', allowed is a whole number from 1 to 255"),
    "half an antenna": ("1,1.5,-60,{}", "column antenna"),
    "power in hundredths": ("1,1,-6000,{}", "column rssi: '-6000', allowed is dBm"),
    "an EPC of an odd digit": ("1,1,-60,{}a", "column epc"),
    "a short row": ("1,1", "column epc: '', allowed is 1 to 62 bytes"),
}


@pytest.mark.parametrize(("row", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_value_is_told_with_its_line(row: str, said: str, tmp_path: Path) -> None:
    path = write(tmp_path, f"time,port,rssi,epc\n1,1,-60,{EPC}\n{row.format(EPC)}\n")
    with pytest.raises(ConfigError) as error:
        load_trace(path)
    assert str(error.value).startswith(f"{path}: line 3: {said}")
