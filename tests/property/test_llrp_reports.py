"""The fast way through reports gives what the tables give, whatever the reports look like."""

from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from edge.llrp import Fault, Frame, FrameDecoder, decode_message, encode_message
from edge.llrp.fields import BitString
from edge.llrp.impinj import ImpinjPeakRSSI, ImpinjRFPhaseAngle
from edge.llrp.messages import ROAccessReport
from edge.llrp.parameters_c1g2 import C1G2PC
from edge.llrp.parameters_common import AntennaID
from edge.llrp.parameters_report import PeakRSSI, TagReportData, TagSeenCount
from edge.llrp.reports import UNKNOWN_DBM, UNKNOWN_PORT, ReportDecoder
from edge.model import TagRead
from tests.support.llrp_elements import elements, unknown_customs

OFFSET_US = 1_700_000_000_000_000
NOW_US = 1_800_000_000_000_000

CUSTOMS = st.one_of(
    st.builds(ImpinjPeakRSSI, rssi=st.integers(-(2**15), 2**15 - 1)),
    st.builds(ImpinjRFPhaseAngle, phase_angle=st.integers(0, 2**16 - 1)),
    unknown_customs(),
)
RECORDS: st.SearchStrategy[TagReportData] = st.builds(
    lambda data, customs: msgspec.structs.replace(data, custom=tuple(customs)),
    elements(TagReportData, depth=2),
    st.lists(CUSTOMS, max_size=3),
)
# Few shapes, each met again and again, as real readers have it.
STREAMS = st.lists(RECORDS, min_size=1, max_size=3).flatmap(
    lambda shapes: st.lists(st.lists(st.sampled_from(shapes), max_size=6), max_size=6)
)


def epc_of(data: TagReportData) -> bytes:
    epc = data.epc.epc
    if not isinstance(epc, BitString):
        return epc
    surplus = -epc.length % 8
    return (int.from_bytes(epc.data) >> surplus << surplus).to_bytes(len(epc.data))


def read_of(data: TagReportData, held: TagRead) -> TagRead:
    """Read one record by the book: the value there, or the one that came last."""
    fine = [one for one in data.custom if isinstance(one, ImpinjPeakRSSI)]
    dbm = data.peak_rssi.peak_rssi if data.peak_rssi else held.rssi_dbm
    utc = data.last_seen_timestamp_utc or data.first_seen_timestamp_utc
    up = data.last_seen_timestamp_uptime or data.first_seen_timestamp_uptime
    at_us = up.microseconds + OFFSET_US if up else held.at_us
    pcs = [one.pc_bits for one in data.tag_data if isinstance(one, C1G2PC)]
    return TagRead(
        epc_of(data),
        data.antenna_id.antenna_id if data.antenna_id else held.antenna_port,
        fine[-1].rssi / 100 if fine else float(dbm),
        utc.microseconds if utc else at_us,
        data.tag_seen_count.tag_count if data.tag_seen_count else held.hits,
        pc=pcs[-1] if pcs else None,
    )


def body_of(records: Sequence[TagReportData]) -> bytes:
    decoder = FrameDecoder()
    decoder.feed(encode_message(ROAccessReport(tag_report_datas=tuple(records)), 1))
    frame = decoder.next_frame()
    assert frame is not None
    return frame.body


@given(stream=STREAMS)
def test_all_ways_of_reading_reports_agree(stream: list[list[TagReportData]]) -> None:
    decoder, faults = ReportDecoder(), list[Fault]()
    decoder.correct(utc_us=0, uptime_us=OFFSET_US)
    held = TagRead(b"", UNKNOWN_PORT, UNKNOWN_DBM, NOW_US)
    for records in stream:
        expected: list[TagRead] = []
        for record in records:
            held = read_of(record, held)
            expected.append(held)
        assert decoder.decode(body_of(records), NOW_US, faults) == expected
    assert faults == []


@given(records=st.lists(RECORDS, max_size=3), noise=st.binary(max_size=60), cut=st.integers(0, 40))
def test_noise_gives_reads_or_faults_and_nothing_else(
    records: list[TagReportData], noise: bytes, cut: int
) -> None:
    decoder, faults = ReportDecoder(), list[Fault]()
    body = body_of(records)
    reads = decoder.decode(body, NOW_US, faults)
    decoder.decode(body[: -cut or None] + noise, NOW_US, faults)
    decoder.decode(noise + body, NOW_US, faults)
    assert decoder.decode(body, NOW_US, faults)[len(records) :] == reads[len(records) :]


@given(
    records=st.lists(
        st.builds(
            TagReportData,
            epc=elements(TagReportData, depth=0).map(lambda data: data.epc),
            antenna_id=st.builds(AntennaID, antenna_id=st.integers(1, 4)),
            peak_rssi=st.builds(PeakRSSI, peak_rssi=st.integers(-90, -20)),
            tag_seen_count=st.builds(TagSeenCount, tag_count=st.integers(1, 9)),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_the_order_of_parameters_does_not_matter(records: list[TagReportData]) -> None:
    straight, turned = ReportDecoder(), ReportDecoder()
    faults: list[Fault] = []
    frame = Frame(1, 61, 1, b"".join(turned_round(body_of([record])) for record in records))
    assert decode_message(frame).faults == ()
    expected = straight.decode(body_of(records), NOW_US, faults)
    assert turned.decode(frame.body, NOW_US, faults) == expected
    assert turned.decode(frame.body, NOW_US, faults) == expected


def turned_round(record: bytes) -> bytes:
    """Put the three TV parameters behind the EPC, 8 bytes in all, into the opposite order."""
    port, dbm, hits = record[-8:-5], record[-5:-3], record[-3:]
    return record[:-8] + hits + dbm + port
