"""`tagtally-sim replay` as a process: every read arrives, whoever comes and goes."""

import csv
import time
from collections import Counter
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest

from edge.llrp import messages as m
from edge.llrp.constants import ConnectionAttemptStatusType
from edge.llrp.fields import Message
from edge.llrp.parameters_report import TagReportData
from edge.llrp.parameters_rospec import ROSpec
from tests.support.orders import aispec, report_spec, rospec
from tests.support.shared import shared_data
from tests.support.sim_process import END_S, LlrpPeer, simulator
from tests.support.tshark import Piece, complaints, dissect, write_pcap

TRACE = "reads/r420_29_tags.csv"
HEADER = "timestamp,antenna,rssi,epc\n"
Read = tuple[int, int, int, str]  # at_us, antenna, rssi, epc

R420_READS = 49_184


def recorded(path: Path) -> Counter[Read]:
    """Read a trace with nothing of the simulator's."""
    with path.open(encoding="utf-8") as file:
        return Counter(
            (
                int(Decimal(row["timestamp"]) * 1_000_000),
                int(row["antenna"]),
                int(row["rssi"]),
                row["epc"].removeprefix("b'").removesuffix("'"),
            )
            for row in csv.DictReader(file)
        )


def trace_of(folder: Path, reads: int) -> Path:
    """Write a trace of a read every 10 ms by antennas 1 and 2 in turn."""
    path = folder / "trace.csv"
    rows = (
        f"{1_700_000_000 + n / 100:.2f},{n % 2 + 1},-{50 + n % 9},30{n:022x}\n"
        for n in range(reads)
    )
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return path


def begin(peer: LlrpPeer, spec: ROSpec | None = None) -> None:
    peer.ask(m.DeleteROSpec(rospec_id=0), m.DeleteROSpecResponse)
    spec = spec or rospec()
    number = spec.rospec_id
    answers = (
        peer.ask(m.AddROSpec(rospec=spec), m.AddROSpecResponse),
        peer.ask(m.EnableROSpec(rospec_id=number), m.EnableROSpecResponse),
        peer.ask(m.StartROSpec(rospec_id=number), m.StartROSpecResponse),
    )
    assert [answer.llrp_status.status_code for answer in answers] == [0, 0, 0]


def as_read(tag: TagReportData) -> Read:
    assert tag.last_seen_timestamp_utc
    assert tag.antenna_id
    assert tag.peak_rssi
    epc = tag.epc.epc if isinstance(tag.epc.epc, bytes) else tag.epc.epc.data
    stamp = tag.last_seen_timestamp_utc.microseconds
    return stamp, tag.antenna_id.antenna_id, tag.peak_rssi.peak_rssi, epc.hex()


def reads_of(message: object) -> list[Read]:
    if isinstance(message, m.ROAccessReport):
        return [as_read(tag) for tag in message.tag_report_datas]
    return []


@pytest.mark.shared_data
@pytest.mark.parametrize(("speed", "n"), [("200", 1), ("1000", 30), ("10000", 1)])
def test_every_read_of_a_real_reader_arrives_as_it_was_and_in_order(
    speed: str, n: int, tmp_path: Path
) -> None:
    path = shared_data(TRACE)
    with (
        simulator(tmp_path, "replay", str(path), "--speed", speed) as sim,
        LlrpPeer(sim.port) as peer,
    ):
        begin(peer, rospec(report=report_spec(n=n)))
        *messages, last = peer.messages()
        assert sim.wait(END_S) == 0
    assert isinstance(last, m.ReaderEventNotification)
    assert last.reader_event_notification_data.connection_close_event is not None
    reads = [read for message in messages for read in reads_of(message)]
    assert len(reads) == R420_READS
    assert Counter(reads) == recorded(path)
    assert [at for at, *_ in reads] == sorted(at for at, *_ in reads)
    assert last.reader_event_notification_data.timestamp.microseconds == reads[-1][0]
    assert f"delivered {R420_READS} reads" in sim.output()


@pytest.mark.shared_data
def test_tshark_reads_the_same_reports(tmp_path: Path) -> None:
    path = shared_data(TRACE)
    with (
        simulator(tmp_path, "replay", str(path), "--speed", "5000") as sim,
        LlrpPeer(sim.port) as peer,
    ):
        begin(peer, rospec(report=report_spec(n=100)))
        frames = list(peer.frames())
    capture = tmp_path / "reports.pcap"
    write_pcap(capture, [Piece(from_reader=True, data=frame.encode()) for frame in frames])
    assert complaints(capture) == []
    rows = dissect(
        capture,
        "llrp.param.microseconds",
        "llrp.antenna_id",
        "llrp.param.peak_rssi",
        "llrp.param.epc",
    )
    read: Counter[Read] = Counter()
    for row in rows:
        stamps, antennas, rssis, epcs = (field.split(",") if field else [] for field in row)
        tags = zip(stamps, antennas, rssis, epcs, strict=False)  # the close event has a stamp alone
        # tshark shows RSSI without its sign
        read.update((int(at), int(port), int(rssi) - 256, epc) for at, port, rssi, epc in tags)
    assert read == recorded(path)


def test_nothing_is_read_before_somebody_wants_reads(tmp_path: Path) -> None:
    trace = trace_of(tmp_path, 300)
    with simulator(tmp_path, "replay", str(trace), "--speed", "100") as sim:
        with LlrpPeer(sim.port) as looks_only:
            looks_only.ask(m.GetROSpecs(), m.GetROSpecsResponse)
        with LlrpPeer(sim.port) as peer:
            greeting = next(peer.messages())
            assert isinstance(greeting, m.ReaderEventNotification)
            stamp = greeting.reader_event_notification_data.timestamp.microseconds
            assert stamp == 1_700_000_000_000_000
            begin(peer)
            reads = [read for message in peer.messages() for read in reads_of(message)]
        assert sim.wait(END_S) == 0
    assert len(reads) == 300


def test_a_replay_goes_on_where_a_client_left_it(tmp_path: Path) -> None:
    trace = trace_of(tmp_path, 20_000)
    with simulator(tmp_path, "replay", str(trace), "--speed", "50") as sim:
        with LlrpPeer(sim.port) as first:
            begin(first)
            heard = first.messages()
            reads = [read for message in islice(heard, 1000) for read in reads_of(message)]
            first.say_no_more()
            reads += [read for message in heard for read in reads_of(message)]
        with LlrpPeer(sim.port) as second:
            greeting, *messages = take_over(second)
            reads += [read for message in messages for read in reads_of(message)]
        assert sim.wait(END_S) == 0
    assert set(reads) == recorded(trace).keys()
    assert len(reads) - 20_000 < 1000  # what was not yet acknowledged came once more
    # The clock stood still while nobody was there: it is where the first client left it.
    assert isinstance(greeting, m.ReaderEventNotification)
    stood_at_us = greeting.reader_event_notification_data.timestamp.microseconds
    first_of_second_us = next(at for message in messages for at, *_ in reads_of(message))
    assert abs(stood_at_us - first_of_second_us) < 2_000_000


def next_client(port: int) -> LlrpPeer:
    """Connect as soon as the reader has let go of the client before."""
    deadline_s = time.monotonic() + END_S
    while True:
        peer = LlrpPeer(port)
        greeting = next(peer.messages())
        assert isinstance(greeting, m.ReaderEventNotification)
        event = greeting.reader_event_notification_data.connection_attempt_event
        if event is not None and event.status == ConnectionAttemptStatusType.SUCCESS:
            return peer
        peer.close()
        assert time.monotonic() < deadline_s, "the reader holds on to its client"


def take_over(peer: LlrpPeer) -> list[Message]:
    """Replace the ROSpec that another client left active, and give all that comes until the end."""
    begin(peer)
    return list(peer.messages())


def test_no_read_is_lost_when_a_client_goes_in_the_middle_of_a_report(tmp_path: Path) -> None:
    """The first client takes little of what is due; when it goes, a report has come in part.

    What its machine has not acknowledged yet, a few kB, comes once more.
    """
    trace = trace_of(tmp_path, 60_000)
    with simulator(tmp_path, "replay", str(trace), "--speed", "10000") as sim:
        with LlrpPeer(sim.port, receive_buffer=4096) as first:
            begin(first, rospec(report=report_spec(n=7)))
            heard = first.messages()
            reads = [read for message in islice(heard, 100) for read in reads_of(message)]
            first.say_no_more()
            with next_client(sim.port) as second:  # only now is the rest fetched
                reads += [read for message in heard for read in reads_of(message)]
                assert 0 < len(reads) < 50_000
                messages = take_over(second)
                reads += [read for message in messages for read in reads_of(message)]
        assert sim.wait(END_S) == 0
    assert set(reads) == recorded(trace).keys()
    assert len(reads) - 60_000 < 1000


def test_reads_by_antennas_that_nobody_asked_for_are_counted(tmp_path: Path) -> None:
    trace = trace_of(tmp_path, 100)
    with (
        simulator(tmp_path, "replay", str(trace), "--speed", "100") as sim,
        LlrpPeer(sim.port) as peer,
    ):
        begin(peer, rospec(specs=[aispec([2])]))
        reads = [read for message in peer.messages() for read in reads_of(message)]
        assert sim.wait(END_S) == 0
    assert {antenna for _, antenna, *_ in reads} == {2}
    assert "delivered 50 reads" in sim.output()
    assert "50 reads were by antennas that nobody asked for" in sim.output()


def test_a_reader_that_is_kept_answers_after_the_last_read(tmp_path: Path) -> None:
    trace = trace_of(tmp_path, 100)
    with simulator(tmp_path, "replay", str(trace), "--speed", "100", "--keep") as sim:
        with LlrpPeer(sim.port) as peer:
            begin(peer, rospec(report=report_spec(n=70)))
            reads: list[Read] = []
            for message in peer.messages():
                reads += reads_of(message)
                if len(reads) == 100:
                    break
            peer.ask(m.GetROSpecs(), m.GetROSpecsResponse)
        assert sim.exit_code() is None
        assert sim.stop() == 0
