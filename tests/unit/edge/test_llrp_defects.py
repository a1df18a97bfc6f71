"""Where other LLRP clients were found to fail, each named: on the same bytes we go on.

Peers as they were measured: sllurp 3.0.5, llrpkit 0.3.0, llrpjs 1.0.1, pyllrp 3.1.1, go-llrp and
EdgeX's device-rfid-llrp-go of November 2025, golemu of October 2024.
"""

import subprocess
import sys

import pytest

from edge.errors import ReaderRefused
from edge.llrp import Fault, Frame, decode_message, encode_message
from edge.llrp import messages as m
from edge.llrp.constants import ConnectionAttemptStatusType, MessageType
from edge.llrp.parameters_common import Uptime
from edge.llrp.reports import ReportDecoder
from edge.model import HealthKind
from tests.support.flood import START_US, TAGS_A_MESSAGE, bodies_of, epc, record, stream_of
from tests.support.llrp_conversation import (
    EPC,
    READER_US,
    Conversation,
    connection,
    frames,
    keepalive,
    report,
)
from tests.support.reader_desk import Desk

# A notification of an AISpec's end with C1G2SingulationDetails (LLRP 1.0.1 §16.2.8.1.8), by hand.
SINGULATION = bytes.fromhex(
    f"043f0000002a00000007 00f60020 0080000c{READER_US:016x} 00fe0010 000000004d0000 9200030005"
)
CLIENT_REQUEST_OP = Frame(1, 45, 9, bytes(11)).encode()  # a message that some have no decoder for


def uptime_report(uptime_us: int) -> bytes:
    """Give a report by hand, whose LastSeenTimestampUptime is TV 5."""
    body = b"\x8d" + EPC + b"\x85" + uptime_us.to_bytes(8)
    return Frame(1, 61, 5, b"\x00\xf0" + (len(body) + 4).to_bytes(2) + body).encode()


def test_sllurp_dies_of_singulation_details_and_we_read_on() -> None:
    conversation = Conversation().run()
    output = conversation.hear(report() + SINGULATION + report())
    assert len(output.polled.reads) == 2
    assert output.polled.health == ()


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_sllurp_drops_what_follows_a_message_without_decoder_and_we_lose_nothing(cut: int) -> None:
    conversation = Conversation().run()
    stream = CLIENT_REQUEST_OP + report() + report()
    outputs = [conversation.hear(stream[:-cut]), conversation.hear(stream[-cut:] + report())]
    assert sum(len(one.polled.reads) for one in outputs) == 3


def test_sllurp_acknowledges_keepalives_with_an_id_of_its_own_and_we_with_the_readers() -> None:
    output = Conversation().run().hear(keepalive(0xFEDCBA98) + report() + keepalive(0))
    acks = [(one.message_type, one.message_id) for one in frames(output.to_send)]
    assert acks == [(MessageType.KEEPALIVE_ACK, 0xFEDCBA98), (MessageType.KEEPALIVE_ACK, 0)]


@pytest.mark.parametrize("status", [status for status in ConnectionAttemptStatusType if status])
def test_sllurp_only_logs_a_refused_connection_and_we_raise_it(status: int) -> None:
    with pytest.raises(ReaderRefused) as refused:
        Conversation().hear(connection(status))
    assert refused.value.status == status


def test_llrpkit_loses_the_link_over_bad_utf8_and_we_keep_it() -> None:
    conversation = Conversation().run()
    text = b"\xff\xfe caf\xe9"
    status = b"\x01\x1f" + (8 + len(text)).to_bytes(2) + b"\x00\x64" + len(text).to_bytes(2) + text
    broken = Frame(1, MessageType.ERROR_MESSAGE, 5, status).encode()
    output = conversation.hear(report() + broken + report())
    assert len(output.polled.reads) == 2
    (told,) = output.polled.health
    assert told.kind is HealthKind.WARNING
    assert "caf" in told.detail


def test_llrpjs_takes_one_message_of_a_chunk_and_we_all_of_them() -> None:
    output = Conversation().run().hear((report() + keepalive()) * 2000)
    assert len(output.polled.reads) == 2000
    assert len(frames(output.to_send)) == 2000


def test_llrpjs_spins_when_a_report_comes_before_the_response_and_we_take_both() -> None:
    conversation = Conversation()
    to_send, reads = conversation.hear(connection()).to_send, 0
    while to_send:
        output = conversation.hear(report() + conversation.answer(to_send) + report())
        to_send, reads = output.to_send, reads + len(output.polled.reads)
    assert conversation.session.is_running
    assert reads == 2 * len(conversation.asked)


@pytest.mark.timeout(10)
def test_go_llrp_never_ends_a_report_with_more_than_an_epc_and_we_read_every_field() -> None:
    records = [record(epc(n), 1 + n % 4, START_US + n) for n in range(2 * TAGS_A_MESSAGE)]
    conversation = Conversation().run()
    reads = conversation.hear(stream_of(bodies_of(records))).polled.reads
    assert [read.epc for read in reads] == [epc(n) for n in range(2 * TAGS_A_MESSAGE)]
    assert {read.antenna_port for read in reads} == {1, 2, 3, 4}
    assert all(-70 < read.rssi_dbm <= -40 and 1 <= read.hits <= 9 for read in reads)


def test_edgex_never_stores_when_the_reader_started_and_we_give_uptimes_in_utc() -> None:
    conversation = Conversation()
    conversation.run(connection(timestamp=Uptime(microseconds=3_600_000_000)))
    (read,) = conversation.hear(uptime_report(3_602_500_000), after_s=2.5).polled.reads
    assert read.at_us == READER_US + 2_500_000


def epc_data(bits: int) -> tuple[bytes, bytes]:
    """Give an EPC and its EPCData parameter (LLRP 1.0.1 §16.2.7.3.1), by hand."""
    surplus = -bits % 8
    octets = (int.from_bytes(b"\xa5" * ((bits + 7) // 8)) >> surplus << surplus).to_bytes(
        (bits + 7) // 8
    )
    return octets, b"\x00\xf1" + (6 + len(octets)).to_bytes(2) + bits.to_bytes(2) + octets


@pytest.mark.parametrize("bits", [*range(16, 513, 16), 1, 7, 9, 95, 97, 495])
def test_pyllrp_fails_on_some_epc_lengths_and_we_read_and_return_them_all(bits: int) -> None:
    code, parameter = epc_data(bits)
    body = b"\x00\xf0" + (4 + len(parameter)).to_bytes(2) + parameter
    faults: list[Fault] = []
    (read,) = ReportDecoder().decode(body, START_US, faults)
    assert (read.epc, faults) == (code, [])
    frame = Frame(1, MessageType.RO_ACCESS_REPORT, 3, body)
    assert encode_message(decode_message(frame).message, 3) == frame.encode()


def test_pyllrp_breaks_with_its_dependencies_and_our_session_needs_msgspec_alone() -> None:
    program = "import sys, edge.llrp.session; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    ours = {name for name in done.stdout.split() if not is_of_python(name)}
    assert ours - {"typing_extensions"} == {"edge", "msgspec"}  # msgspec takes it if it is there


def is_of_python(name: str) -> bool:
    return name in sys.stdlib_module_names or name.startswith("_")


def test_golemu_reports_more_with_every_keepalive_and_our_simulated_reader_does_not() -> None:
    quiet, acknowledged = Desk(), Desk()
    for desk in (quiet, acknowledged):
        desk.connect()
        desk.run()
        desk.take()
    for _ in range(50):
        acknowledged.send(encode_message(m.KeepaliveAck(), 1))
    for desk in (quiet, acknowledged):
        desk.pass_ms(1000)
    assert len(acknowledged.take_tags()) == len(quiet.take_tags()) == 100
