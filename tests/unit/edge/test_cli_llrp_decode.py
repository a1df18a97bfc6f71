"""tagtally-edge llrp decode: every message shown, every doubt counted."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.cli import main
from edge.llrp import Frame, encode_message
from edge.llrp.fields import BitString, CustomMessage
from edge.llrp.messages import GetReport, Keepalive, ROAccessReport
from edge.llrp.parameters_common import EPC96, EPCData
from edge.llrp.parameters_report import LastSeenTimestampUTC, PeakRSSI, TagReportData
from tests.support.shared import shared_data

KEEPALIVE = encode_message(Keepalive(), 7)
EPC = bytes.fromhex("3034257bf7194e4000001a85")
REPORT = encode_message(
    ROAccessReport(
        tag_report_datas=(
            TagReportData(
                epc=EPC96(epc=EPC),
                peak_rssi=PeakRSSI(peak_rssi=-48),
                last_seen_timestamp_utc=LastSeenTimestampUTC(microseconds=1_398_700_800_000_001),
            ),
            TagReportData(epc=EPCData(epc=BitString(5, b"\xf8"))),
        )
    ),
    900,
)


def decode(data: bytes, *options: str) -> Result:
    return CliRunner().invoke(main, ["llrp", "decode", *options, "-"], input=data)


def test_a_message_is_a_line_and_an_indented_tree() -> None:
    assert decode(REPORT).stdout.splitlines()[:9] == [
        "@0 RO_ACCESS_REPORT id 900, LLRP 1.0.1, 49 bytes",
        "  tag_report_datas[0]: TagReportData",
        "    epc: EPC96",
        "      epc: 3034257bf7194e4000001a85",
        "    peak_rssi: PeakRSSI",
        "      peak_rssi: -48",
        "    last_seen_timestamp_utc: LastSeenTimestampUTC",
        "      microseconds: 1398700800000001 (2014-04-28T16:00:00.000001Z)",
        "  tag_report_datas[1]: TagReportData",
    ]


def test_the_last_line_counts() -> None:
    result = decode(KEEPALIVE + REPORT)
    assert result.stdout.splitlines()[-1] == "messages 2, identical round trips 2, faults 0"
    assert result.exit_code == 0


def test_no_bytes_are_no_messages_and_no_fault() -> None:
    result = decode(b"")
    assert (result.stdout, result.exit_code) == (
        "messages 0, identical round trips 0, faults 0\n",
        0,
    )


DOUBTFUL = {
    "a tail that is cut off": (KEEPALIVE + REPORT[:-1], (1, 1, 1), "@10 48 bytes that are no"),
    "fewer bytes than a header": (KEEPALIVE + b"\x04", (1, 1, 1), "@10 1 bytes that are no"),
    "a length that cannot be": (
        KEEPALIVE + bytes.fromhex("043e00000009") + bytes(20),
        (1, 1, 1),
        "LLRP frame of 9 bytes, allowed are 10 to 16777216",
    ),
    "a type that nobody knows": (Frame(1, 999, 1).encode(), (1, 1, 1), "unknown message"),
    "a body that breaks off": (
        Frame(1, 61, 1, b"\x00\xf0\x00\x99").encode() + KEEPALIVE,
        (2, 2, 1),
        "ROAccessReport: bad length",
    ),
    "reserved bits of the header": (b"\x84" + KEEPALIVE[1:], (1, 0, 0), "gives other bytes"),
}


@pytest.mark.parametrize(("data", "counts", "shown"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_is_doubtful_is_shown_counted_and_fails(
    data: bytes, counts: tuple[int, int, int], shown: str
) -> None:
    result = decode(data)
    assert shown in result.stdout
    numbers = re.findall(r"\d+", result.stdout.splitlines()[-1])
    assert tuple(map(int, numbers)) == counts
    assert result.exit_code == 1


def test_a_vendors_message_that_nobody_knows_is_no_fault() -> None:
    message = CustomMessage(vendor_identifier=4711, message_subtype=3, data=b"\x01")
    result = decode(encode_message(message, 5))
    assert result.exit_code == 0
    assert "  vendor_identifier: 4711" in result.stdout


def test_a_huge_message_is_one_message() -> None:
    record = REPORT[10:38]
    huge = Frame(1, 61, 1, record * 50_000).encode()
    assert len(huge) > 1_400_000
    result = decode(huge + KEEPALIVE, "--json")
    assert result.exit_code == 0
    assert len(json.loads(result.stdout.splitlines()[0])["fields"]["tag_report_datas"]) == 50_000


def test_for_programs_each_message_is_an_object_and_the_last_one_counts() -> None:
    result = decode(REPORT + encode_message(GetReport(), 3, version=2) + b"\x04", "--json")
    report, request, lost, counts = map(json.loads, result.stdout.splitlines())
    assert report["message"] == "RO_ACCESS_REPORT"
    first, second = report["fields"]["tag_report_datas"]
    assert first["epc"] == {"parameter": "EPC96", "epc": EPC.hex()}
    assert first["peak_rssi"]["peak_rssi"] == -48
    assert second["epc"]["epc"] == {"bits": 5, "hex": "f8"}
    assert (request["at"], request["version"], request["fields"]) == (49, 2, {})
    assert (lost["left"], lost["faults"][0]["cause"]) == (1, "truncated")
    assert counts == {"messages": 2, "identical_round_trips": 2, "faults": 1}
    assert result.stderr == "messages 2, identical round trips 2, faults 1\n"


def test_a_file_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["llrp", "decode", str(tmp_path / "none.bin")])
    assert result.exit_code == 2
    assert "none.bin" in result.stderr


@pytest.mark.shared_data
def test_recorded_messages_of_many_readers_come_back_without_a_fault() -> None:
    vectors = json.loads(shared_data("llrp/vectors.json").read_text(encoding="utf-8"))
    whole = [v for v in vectors if v["kind"] == "message"]
    result = decode(b"".join(bytes.fromhex(v["hex"]) for v in whole))
    count = sum(v["messages"] for v in whole)
    assert result.stdout.splitlines()[-1] == (
        f"messages {count}, identical round trips {count}, faults 0"
    )
