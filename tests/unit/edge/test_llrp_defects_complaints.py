"""What users of other LLRP clients complain of, a test for each under its public number.

Those that need a network, a flood or another program are in `tests/integration/test_llrp_faults_*`
and `tests/integration/test_llrp_peers_*`.  What stands here is what a session says and hears.

| complaint                           | why there is no test                                   |
| ----------------------------------- | ------------------------------------------------------ |
| EdgeX device#278 (FX7500, few tags) | no cause is known, the reader's own air is the suspect |
| sllurp#62 (TID with each read)      | reads carry no TID; Impinj's can be asked for it       |
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from edge.errors import ReaderSilent
from edge.llrp import Frame, encode_message
from edge.llrp import messages as m
from edge.llrp.constants import AISpecStopTriggerType, StatusCode
from edge.llrp.fields import CustomParameter, Message, VendorMessage
from edge.llrp.impinj import ImpinjEnableExtensionsResponse
from edge.llrp.operations import SetOutput
from edge.llrp.parameters_c1g2 import C1G2InventoryCommand
from edge.llrp.parameters_common import Uptime
from edge.llrp.parameters_report import GPIEvent
from edge.llrp.parameters_rospec import AISpec, AntennaConfiguration, RFTransmitter
from edge.llrp.settings import LlrpSettings
from edge.model import HealthKind, Polled, TagRead
from edge.options import LlrpVersion
from edge.readers.buffer import ReadBuffer
from tests.support.llrp_conversation import (
    EPC,
    OK,
    READER_US,
    Conversation,
    connection,
    event,
    keepalive,
    refusal,
    report,
)
from tests.support.llrp_makes import IMPINJ, INTERMEC, NOBODY, ZEBRA, capabilities
from tests.support.shared import shared_data

CUSTOM = 1023
EXTENDED = ImpinjEnableExtensionsResponse(llrp_status=OK)


def connected(conversation: Conversation) -> bool:
    return conversation.session.is_running and HealthKind.CONNECTED in conversation.kinds()


def with_answer(answer: m.GetReaderCapabilitiesResponse, **settings: Any) -> Conversation:  # noqa: ANN401 - as LlrpSettings has them
    return Conversation(
        LlrpSettings(antenna_ports=(1, 2), **settings),
        GetReaderCapabilities=answer,
        ImpinjEnableExtensions=EXTENDED,
    ).run()


def ordered_antennas(conversation: Conversation) -> list[AntennaConfiguration]:
    """Give what the ROSpecs that were sent say of each antenna."""
    return [antenna for spec in ordered(conversation) for antenna in of_antennas(spec)]


def ordered(conversation: Conversation) -> Iterator[AISpec]:
    for message in conversation.asked:
        if isinstance(message, m.AddROSpec):
            yield from (one for one in message.rospec.specs if isinstance(one, AISpec))


def of_antennas(spec: AISpec) -> tuple[AntennaConfiguration, ...]:
    return spec.inventory_parameter_specs[0].antenna_configurations


# ------------------------------------------------------------------- a link that is lost, or not


def test_sllurp_209_an_hour_without_a_tag_is_no_timeout() -> None:
    conversation = Conversation().run()
    for _ in range(360):
        conversation.hear(keepalive(), after_s=10)
    assert conversation.kinds() == [HealthKind.CONNECTED]


def test_llrp_nodejs_3_a_reader_that_takes_ten_seconds_for_an_answer_is_waited_for() -> None:
    many = capabilities(IMPINJ, antennas=52)
    conversation = Conversation(
        LlrpSettings(version=LlrpVersion.V1_0_1),
        GetReaderCapabilities=many,
        ImpinjEnableExtensions=EXTENDED,
    )
    to_send = conversation.hear(connection()).to_send
    while to_send:
        to_send = conversation.hear(conversation.answer(to_send), after_s=10).to_send
    assert connected(conversation)


def test_crossmgr_95_a_link_that_is_wedged_within_a_message_is_given_up() -> None:
    conversation = Conversation().run()
    conversation.hear(report()[:-5])
    with pytest.raises(ReaderSilent, match="silent for 25 s within a message"):
        conversation.hear(b"", after_s=25.1)


def test_crossmgr_95_a_link_where_a_wrong_length_swallows_all_that_comes_is_given_up() -> None:
    conversation = Conversation().run()
    conversation.hear(bytes.fromhex("043d 000f4240 00000001"))  # a report of 1,000,000 bytes
    conversation.hear(keepalive() + report(), after_s=10)
    conversation.hear(keepalive() + report(), after_s=10)
    with pytest.raises(ReaderSilent, match="silent for 30 s within a message"):
        conversation.hear(keepalive() + report(), after_s=10)


# ---------------------------------------------------------------------------- something unknown


def custom(vendor: int, subtype: int, data: str) -> bytes:
    content = vendor.to_bytes(4) + subtype.to_bytes(4) + bytes.fromhex(data)
    return CUSTOM.to_bytes(2) + (4 + len(content)).to_bytes(2) + content


UNASKED = {
    "MotoTagPhase": custom(ZEBRA, 709, "0a5c"),
    "brand check": custom(ZEBRA, 712, "01"),
    "of no table": custom(ZEBRA, 65_000, "0102030405"),
    "of nobody's vendor": custom(NOBODY, 709, ""),
}


@pytest.mark.parametrize("extra", UNASKED.values(), ids=UNASKED)
def test_sllurp_168_customs_that_nobody_asked_for_do_not_lose_the_connection(extra: bytes) -> None:
    fields = b"\x8d" + EPC + b"\x81\x00\x02" + extra
    body = b"\x00\xf0" + (4 + len(fields)).to_bytes(2) + fields
    output = Conversation().run().hear(Frame(1, 61, 8, body * 3).encode())
    assert [(read.epc, read.antenna_port) for read in output.polled.reads] == [(EPC, 2)] * 3
    assert output.polled.health == ()


def test_sllurp_160_a_connection_event_by_uptime_is_one() -> None:
    assert connected(Conversation().run(connection(timestamp=Uptime(microseconds=11_000_000))))


@pytest.mark.shared_data
@pytest.mark.parametrize("vector", ["issues/sllurp-56-connect", "issues/sllurp-160-uptime-connect"])
def test_sllurp_56_and_160_the_very_bytes_that_were_not_understood_connect(vector: str) -> None:
    vectors = msgspec.json.decode(shared_data("llrp/vectors.json").read_bytes())
    (data,) = (bytes.fromhex(one["hex"]) for one in vectors if one["id"] == vector)
    assert connected(Conversation().run(data))


def test_sllurp_148_a_reader_of_a_make_that_nobody_knows_is_used() -> None:
    unknown = CustomParameter(vendor_identifier=NOBODY, parameter_subtype=1, data=b"\x01\x02")
    conversation = with_answer(capabilities(NOBODY, custom=(unknown,)))
    assert connected(conversation)
    assert "manufacturer 4000000000" in conversation.health[-1].detail


# ------------------------------------------------------------- values that other readers refuse


def configured(hop_table: int, channel: int) -> m.GetReaderConfigResponse:
    now = RFTransmitter(hop_table_id=hop_table, channel_index=channel, transmit_power=21)
    return m.GetReaderConfigResponse(
        llrp_status=OK,
        antenna_configurations=tuple(
            AntennaConfiguration(antenna_id=port, rf_transmitter=now) for port in (1, 2)
        ),
    )


HOPS: dict[str, tuple[m.GetReaderConfigResponse, int | None, tuple[int, int]]] = {
    "as it is set": (configured(0, 3), 1, (0, 3)),
    "not told, it hops": (m.GetReaderConfigResponse(llrp_status=OK), 7, (7, 0)),
    "not told, it does not hop": (m.GetReaderConfigResponse(llrp_status=OK), None, (0, 1)),
}


@pytest.mark.parametrize(("now", "table", "expected"), HOPS.values(), ids=HOPS)
def test_sllurp_118_the_hop_table_is_one_that_the_reader_has(
    now: m.GetReaderConfigResponse, table: int | None, expected: tuple[int, int]
) -> None:
    conversation = Conversation(
        LlrpSettings(antenna_ports=(1, 2), power_dbm=30.0),
        GetReaderCapabilities=capabilities(INTERMEC, hop_table=table),
        GetReaderConfig=now,
    ).run()
    sent = [one.rf_transmitter for one in ordered_antennas(conversation)]
    assert {(one.hop_table_id, one.channel_index) for one in sent if one} == {expected}


def test_sllurp_80_no_transmitter_is_ordered_where_nothing_is_wished_of_it() -> None:
    conversation = with_answer(capabilities(NOBODY, hop_table=1))
    assert [one.rf_transmitter for one in ordered_antennas(conversation)] == [None]


def takes_no_endless_aispec(request: Message) -> Message:
    assert isinstance(request, m.AddROSpec)
    (spec,) = request.rospec.specs
    assert isinstance(spec, AISpec)
    ends = spec.stop_trigger.aispec_stop_trigger_type == AISpecStopTriggerType.DURATION
    status = OK if ends else refusal(StatusCode.M_PARAMETER_ERROR, "unsupported StopTrigger")
    return m.AddROSpecResponse(llrp_status=status)


def test_sllurp_177_a_reader_that_refuses_a_stop_trigger_is_offered_another() -> None:
    conversation = Conversation(AddROSpec=takes_no_endless_aispec).run()
    kinds = [spec.stop_trigger.aispec_stop_trigger_type for spec in ordered(conversation)]
    assert AISpecStopTriggerType.TAG_OBSERVATION not in kinds
    assert kinds[-1] == AISpecStopTriggerType.DURATION
    assert connected(conversation)


def inventory_commands(conversation: Conversation) -> list[C1G2InventoryCommand]:
    return [one for antenna in ordered_antennas(conversation) for one in antenna.inventory_commands]


def test_sllurp_124_a_mode_that_the_reader_has_not_is_not_ordered_and_that_is_told() -> None:
    conversation = with_answer(capabilities(IMPINJ, modes=(0, 1, 1000)), rf_mode=5)
    assert [one.rf_control for one in inventory_commands(conversation)] == [None]
    assert "RF mode 5 is not one of this reader's (0, 1, 1000)" in conversation.health[0].detail


def test_sllurp_124_a_mode_is_ordered_by_its_identifier_not_by_its_place() -> None:
    conversation = with_answer(capabilities(IMPINJ, modes=(0, 1, 1000)), rf_mode=1000)
    controls = [one.rf_control for one in inventory_commands(conversation)]
    assert [one.mode_index for one in controls if one] == [1000]


@pytest.mark.parametrize("vendor", [INTERMEC, ZEBRA, NOBODY])
def test_sllurp_119_no_word_of_impinjs_is_said_to_readers_of_others(vendor: int) -> None:
    conversation = with_answer(capabilities(vendor))
    said = b"".join(encode_message(one, 1) for one in conversation.asked)
    assert IMPINJ.to_bytes(4) not in said
    assert not any(isinstance(one, VendorMessage) for one in conversation.asked)


def test_sllurp_119_impinjs_own_are_said_to_impinjs() -> None:
    said = b"".join(encode_message(one, 1) for one in with_answer(capabilities(IMPINJ)).asked)
    assert IMPINJ.to_bytes(4) in said


def no_events(request: Message) -> Message:
    assert isinstance(request, m.SetReaderConfig)
    spec = request.reader_event_notification_spec
    return m.SetReaderConfigResponse(
        llrp_status=refusal(StatusCode.M_PARAMETER_ERROR, "no events") if spec else OK
    )


def test_sllurp_125_a_setting_that_the_reader_does_not_take_is_told() -> None:
    conversation = Conversation(SetReaderConfig=no_events).run()
    (told,) = [one for one in conversation.health if one.kind is HealthKind.WARNING]
    assert told.detail.startswith("reader is used without ")
    assert "no events" in told.detail


def test_crossmgr_41_the_power_that_is_wished_is_ordered_for_every_antenna() -> None:
    conversation = with_answer(
        capabilities(IMPINJ, hop_table=1), power_dbm=25.0, antenna_power_dbm={2: 12.0}
    )
    ordered_power = {
        one.antenna_id: one.rf_transmitter.transmit_power
        for one in ordered_antennas(conversation)
        if one.rf_transmitter
    }
    assert ordered_power == {1: 16, 2: 3}  # the table begins with 10 dBm at index 1


# ---------------------------------------------------------------------------- no or few tags


def test_sllurp_115_no_reader_is_put_into_session_2_unless_that_is_wished() -> None:
    conversation = with_answer(capabilities(ZEBRA))
    controls = [one.singulation_control for one in inventory_commands(conversation)]
    assert [one.session for one in controls if one] == [1]


def test_sllurp_115_an_empty_report_is_a_sign_of_life_and_nothing_more() -> None:
    conversation = Conversation().run()
    output = conversation.hear(Frame(1, 61, 8).encode(), after_s=20)
    assert output.polled == Polled(reads=[])
    assert conversation.hear(b"", after_s=20).polled.health == ()


def test_sllurp_218_the_radio_is_never_stopped_by_what_we_order() -> None:
    (spec,) = ordered(with_answer(capabilities(ZEBRA)))
    assert spec.stop_trigger.aispec_stop_trigger_type == AISpecStopTriggerType.NULL


# -------------------------------------------------------------------------------- what is wanted


def test_sllurp_85_outputs_are_set_and_inputs_are_told() -> None:
    conversation = Conversation().run()
    conversation.session.begin(SetOutput(port=2, is_high=True))
    output = conversation.hear(b"")
    done = conversation.hear(conversation.answer(output.to_send)).done
    assert done is not None
    assert (done.done, done.detail) == (True, "output 2 is high")
    told = event(None, gpi_event=GPIEvent(gpi_port_number=3, gpi_event=True))
    (heard,) = conversation.hear(encode_message(told, 5)).polled.health
    assert (heard.kind, heard.detail) == (HealthKind.INPUT, "input 3 is high")


def test_sllurp_44_every_read_comes_with_the_name_of_its_reader() -> None:
    buffer = ReadBuffer()
    for reader in ("floor-1", "dock-2"):
        buffer.put(reader, Polled(reads=(TagRead(EPC, 1, -50.0, READER_US),)))
    assert [batch.reader for batch in buffer.take(0)] == ["floor-1", "dock-2"]
