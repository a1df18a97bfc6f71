"""Bytes that others wrote down, most of them from readers: what they mean, and that they come back.

The verdicts of two other decoders stand beside the bytes; tshark's names the messages.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from edge.llrp import (
    Fault,
    Frame,
    FrameDecoder,
    decode_message,
    decode_parameter,
    encode_message,
    encode_parameter,
)
from edge.llrp.constants import ConnectionAttemptStatusType, MessageType, StatusCode
from edge.llrp.fields import Element, Message, UnknownMessage, UnknownParameter
from edge.llrp.impinj import ImpinjEnableExtensions, ImpinjEnableExtensionsResponse
from edge.llrp.messages import (
    AddAccessSpec,
    AddROSpec,
    DeleteAccessSpecResponse,
    DeleteROSpec,
    GetReaderCapabilitiesResponse,
    GetReaderConfigResponse,
    Keepalive,
    ReaderEventNotification,
    ROAccessReport,
)
from edge.llrp.parameters_c1g2 import C1G2BlockWrite, C1G2Read, C1G2ReadOpSpecResult
from edge.llrp.parameters_common import Uptime, UTCTimestamp
from edge.llrp.reports import ReportDecoder
from edge.llrp.zebra import BrandIDCheckStatus, MotoTagPhase
from edge.model import TagRead
from tests.support.shared import shared_data

pytestmark = pytest.mark.shared_data

VECTORS: dict[str, dict[str, Any]] = {
    vector["id"]: vector
    for vector in json.loads(shared_data("llrp/vectors.json").read_text(encoding="utf-8"))
}
MESSAGES = {name: v for name, v in VECTORS.items() if v["kind"] == "message"}
PARAMETERS = {name: v for name, v in VECTORS.items() if v["kind"] == "parameter"}


def frames_of(vector: dict[str, Any]) -> list[Frame]:
    decoder = FrameDecoder()
    decoder.feed(bytes.fromhex(vector["hex"]))
    return [*iter(decoder.next_frame, None)]


def only(name: str) -> Message:
    (frame,) = frames_of(VECTORS[name])
    return decode_message(frame).message


def inside(element: Element) -> Iterator[Element]:
    yield element
    for name in element.__struct_fields__:
        value = getattr(element, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Element):
                yield from inside(part)


@pytest.mark.parametrize("vector", MESSAGES.values(), ids=MESSAGES)
def test_a_recorded_message_comes_back_byte_for_byte(vector: dict[str, Any]) -> None:
    frames = frames_of(vector)
    assert len(frames) == vector["messages"]
    again = [encode_message(decode_message(f).message, f.message_id, f.version) for f in frames]
    assert b"".join(again).hex() == vector["hex"]


@pytest.mark.parametrize("vector", MESSAGES.values(), ids=MESSAGES)
def test_nothing_in_a_recorded_message_is_unknown(vector: dict[str, Any]) -> None:
    for frame in frames_of(vector):
        message, faults = decode_message(frame)
        assert faults == ()
        for element in inside(message):
            assert not isinstance(element, UnknownMessage | UnknownParameter)
            assert (element.unknown, element.wire) == ((), b"")


@pytest.mark.parametrize("vector", MESSAGES.values(), ids=MESSAGES)
def test_a_recorded_message_is_what_tshark_takes_it_for(vector: dict[str, Any]) -> None:
    name = vector["tshark"][0].split("(")[1].split(")")[0]
    (number,) = {frame.message_type for frame in frames_of(vector)}
    assert MessageType(number).name == name.upper().replace(" ", "_")


@pytest.mark.parametrize("vector", PARAMETERS.values(), ids=PARAMETERS)
def test_a_recorded_parameter_comes_back_byte_for_byte(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    parameter, faults = decode_parameter(data)
    assert parameter is not None
    assert (encode_parameter(parameter), faults) == (data, ())


CONNECTIONS = {
    "sllurp/reader_event_notification_connect": UTCTimestamp(microseconds=0x0004F8535BAADAFF),
    "issues/sllurp-160-uptime-connect": Uptime(microseconds=0xDA3C043D),
    "issues/readerdetect-r220-2026": UTCTimestamp(microseconds=0x00065C150675CCA3),
}


@pytest.mark.parametrize(("name", "timestamp"), CONNECTIONS.items(), ids=CONNECTIONS)
def test_a_readers_first_word_tells_its_time(name: str, timestamp: UTCTimestamp | Uptime) -> None:
    message = only(name)
    assert isinstance(message, ReaderEventNotification)
    data = message.reader_event_notification_data
    assert data.timestamp == timestamp
    assert data.connection_attempt_event is not None
    assert data.connection_attempt_event.status is ConnectionAttemptStatusType.SUCCESS


def test_an_old_trace_of_45_reports_is_read_in_full() -> None:
    decoder, faults = ReportDecoder(), list[Fault]()
    reads: list[TagRead] = []
    for frame in frames_of(VECTORS["sllurp/ro_access_report_x45"]):
        reads += decoder.decode(frame.body, 0, faults)
    assert (len(reads), faults) == (45, [])
    assert sorted({len(read.epc) for read in reads}) == [12, 18]
    assert reads[0] == TagRead(
        bytes.fromhex("3005fb63ac1f3841ec880467"), 1, -50.0, 0x0004EC2EA8354C09, 1
    )
    assert all(read.rssi_dbm < 0 for read in reads)


def test_a_speedways_configuration_is_known_to_the_last_custom() -> None:
    message = only("sllurp/get_reader_config_response_r420_843B")
    assert isinstance(message, GetReaderConfigResponse)
    assert message.identification is not None
    assert message.identification.reader_id == bytes.fromhex("001625ffff10ba47")
    assert len(message.antenna_configurations) == 2


def test_capabilities_of_a_real_reader() -> None:
    message = only("edgex/GetReaderCapabilitiesResponse-000")
    assert isinstance(message, GetReaderCapabilitiesResponse)
    assert message.general_device_capabilities is not None
    assert message.general_device_capabilities.device_manufacturer_name == 25882
    assert message.llrp_status.status_code is StatusCode.M_SUCCESS


def test_an_error_tells_which_field_was_wrong() -> None:
    message = only("llrp-rs/delete_access_spec_result_error")
    assert isinstance(message, DeleteAccessSpecResponse)
    assert message.llrp_status.status_code is not StatusCode.M_SUCCESS
    assert message.llrp_status.error_description


def test_access_operations_are_read() -> None:
    read, write = only("llrp-rs/add_access_spec_read"), only("llrp-rs/add_access_spec_blockwrite")
    assert isinstance(read, AddAccessSpec)
    assert isinstance(write, AddAccessSpec)
    assert isinstance(read.access_spec.access_command.op_specs[0], C1G2Read)
    assert isinstance(write.access_spec.access_command.op_specs[0], C1G2BlockWrite)
    report = only("llrp-rs/ro_access_report_read")
    assert isinstance(report, ROAccessReport)
    (result,) = report.tag_report_datas[0].op_spec_results
    assert isinstance(result, C1G2ReadOpSpecResult)


KINDS: dict[str, type[Message]] = {
    "llrp-rs/custom_message": ImpinjEnableExtensions,
    "ltkjava/CUSTOM_MESSAGE1": ImpinjEnableExtensions,
    "ltkjava/CUSTOM_MESSAGE2": ImpinjEnableExtensionsResponse,
    "ltkjava/ADD_ROSPEC2": AddROSpec,
    "llrp-rs/delete_ro_spec": DeleteROSpec,
    "issues/sllurp-45-keepalive": Keepalive,
}


@pytest.mark.parametrize(("name", "kind"), KINDS.items(), ids=KINDS)
def test_messages_of_the_standard_and_of_vendors(name: str, kind: type[Message]) -> None:
    assert isinstance(only(name), kind)


def test_an_empty_report_is_no_fault() -> None:
    (frame,) = frames_of(VECTORS["issues/sllurp-115-empty-report"])
    faults: list[Fault] = []
    assert ReportDecoder().decode(frame.body, 0, faults) == []
    assert faults == []


def test_customs_that_a_zebra_reader_sends_unasked() -> None:
    phase, _ = decode_parameter(bytes.fromhex(VECTORS["llrpcsharp/fx9600-mototagphase"]["hex"]))
    brand, _ = decode_parameter(bytes.fromhex(VECTORS["llrpcsharp/fx9600-brandidcheck"]["hex"]))
    assert phase == MotoTagPhase(phase=-24364)
    assert brand == BrandIDCheckStatus(brand_id=255)
