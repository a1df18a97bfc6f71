"""Bytes of single elements, values that have no place, and bytes that are not as the tables say."""

from collections.abc import Callable

import msgspec
import pytest

from edge.llrp import (
    Fault,
    FaultCause,
    Frame,
    decode_message,
    decode_parameter,
    encode_message,
    encode_parameter,
)
from edge.llrp.constants import AirProtocols, ROSpecEventType, StatusCode
from edge.llrp.fields import BitString, CustomMessage, CustomParameter, Parameter, UnknownParameter
from edge.llrp.impinj import ImpinjEnableExtensions, ImpinjPeakRSSI
from edge.llrp.messages import (
    AddROSpecResponse,
    DeleteROSpec,
    ErrorMessage,
    ROAccessReport,
)
from edge.llrp.parameters_c1g2 import C1G2TargetTag
from edge.llrp.parameters_capabilities import C1G2LLRPCapabilities, PerAntennaAirProtocol
from edge.llrp.parameters_common import EPC96, AntennaID, EPCData, LLRPStatus, ParameterError
from edge.llrp.parameters_config import GPOWriteData
from edge.llrp.parameters_gen2v2 import C1G2LLRPCapabilitiesGen2v2
from edge.llrp.parameters_report import PeakRSSI, ROSpecEvent
from edge.llrp.zebra import MotoTagPhase

STATUS = "011f000800000000"  # LLRPStatus, success
WRITTEN = {
    "a TV parameter": ("810003", AntennaID(antenna_id=3)),
    "a negative number": ("86e2", PeakRSSI(peak_rssi=-30)),
    "twelve bytes": ("8d" + "30" * 12, EPC96(epc=b"\x30" * 12)),
    "bits that fill no byte": (
        "00f10008000ca5f0",
        EPCData(epc=BitString(length=12, data=b"\xa5\xf0")),
    ),
    "bits side by side, then bit strings": (
        "0153000ea000200010ffff0003e0",
        C1G2TargetTag(
            mb=2,
            match=True,
            pointer=32,
            tag_mask=BitString(length=16, data=b"\xff\xff"),
            tag_data=BitString(length=3, data=b"\xe0"),
        ),
    ),
    "an enumeration": (
        "00f9000d010000000700000000",
        ROSpecEvent(event_type=ROSpecEventType.END_OF_ROSPEC, rospec_id=7, preempting_rospec_id=0),
    ),
    "a list of small numbers": (
        "008c000a000200020102",
        PerAntennaAirProtocol(antenna_id=2, protocol_id=(AirProtocols(1), 2)),
    ),
    "a bit before reserved ones": (
        "00db0007000380",
        GPOWriteData(gpo_port_number=3, gpo_data=True),
    ),
    "a vendor's": ("03ff000e0000651a00000039ee66", ImpinjPeakRSSI(rssi=-4506)),
    "nobody's": (
        "03ff000e0000ffff00000001abcd",
        CustomParameter(vendor_identifier=0xFFFF, parameter_subtype=1, data=b"\xab\xcd"),
    ),
}


@pytest.mark.parametrize(("wire", "parameter"), WRITTEN.values(), ids=WRITTEN)
def test_parameters_look_like_this_on_the_wire(wire: str, parameter: Parameter) -> None:
    assert encode_parameter(parameter).hex() == wire
    assert decode_parameter(bytes.fromhex(wire)) == (parameter, ())


def test_known_numbers_are_read_as_enumerations_and_others_as_they_came() -> None:
    known, _ = decode_parameter(bytes.fromhex("011f000800640000"))
    unknown, _ = decode_parameter(bytes.fromhex("011f000803e70000"))
    assert isinstance(known, LLRPStatus)
    assert isinstance(unknown, LLRPStatus)
    assert known.status_code is StatusCode.M_PARAMETER_ERROR
    assert unknown.status_code == 999
    assert encode_parameter(unknown).hex() == "011f000803e70000"


def test_messages_look_like_this_on_the_wire() -> None:
    message = DeleteROSpec(rospec_id=0x7B)
    assert encode_message(message, 0x11, version=2).hex() == "08150000000e000000110000007b"


def test_a_vendors_message_has_its_numbers_before_its_body() -> None:
    wire = "07ff00000013000000050000651a1500000000"
    assert encode_message(ImpinjEnableExtensions(), 5).hex() == wire


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a number too large": (
        lambda: encode_parameter(AntennaID(antenna_id=65536)),
        "AntennaID.antenna_id is 65536, allowed are 0 to 65535",
    ),
    "a negative number too small": (
        lambda: encode_parameter(PeakRSSI(peak_rssi=-129)),
        "PeakRSSI.peak_rssi is -129, allowed are -128 to 127",
    ),
    "too few bytes": (
        lambda: encode_parameter(EPC96(epc=b"\x30")),
        "EPC96.epc has 1 bytes, it must have 12",
    ),
    "bits that do not fill their bytes": (
        lambda: encode_parameter(EPCData(epc=BitString(length=17, data=b"\x00"))),
        "EPCData.epc has a count of 17 in 1 bytes",
    ),
    "an item of a list too large": (
        lambda: encode_parameter(PerAntennaAirProtocol(antenna_id=1, protocol_id=(300,))),
        "not all numbers of 8 bits",
    ),
    "a parameter too long": (
        lambda: encode_parameter(
            CustomParameter(vendor_identifier=1, parameter_subtype=1, data=bytes(65535))
        ),
        "CustomParameter has 65543 bytes, allowed are 65531",
    ),
    "a sub-parameter that does not belong there": (
        lambda: encode_message(
            ErrorMessage(llrp_status=AntennaID(antenna_id=1)),  # type: ignore[arg-type]  # the point
            1,
        ),
        "ErrorMessage.llrp_status has no place for AntennaID",
    ),
}


@pytest.mark.parametrize(("encode", "text"), REFUSED.values(), ids=REFUSED)
def test_a_value_without_a_place_is_refused(encode: Callable[[], bytes], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        encode()


FAULTS = {
    "an unknown message": (Frame(1, 999, 1, b"\x01"), FaultCause.UNKNOWN_MESSAGE, ""),
    "a message without its fields": (
        Frame(1, 21, 1, b"\x01"),
        FaultCause.TRUNCATED,
        "DeleteROSpec",
    ),
    "a message without its parameter": (
        Frame(1, 30, 1),
        FaultCause.MISSING_PARAMETER,
        "AddROSpecResponse",
    ),
    "an unknown parameter": (
        Frame(1, 62, 1, bytes.fromhex("03e70004")),
        FaultCause.UNKNOWN_PARAMETER,
        "Keepalive",
    ),
    "an unknown TV parameter, whose end nobody knows": (
        Frame(1, 61, 1, bytes.fromhex("ff00")),
        FaultCause.UNKNOWN_PARAMETER,
        "ROAccessReport",
    ),
    "a known parameter where it does not belong": (
        Frame(1, 62, 1, bytes.fromhex("810001")),
        FaultCause.UNEXPECTED_PARAMETER,
        "Keepalive",
    ),
    "a parameter that is there twice": (
        Frame(1, 30, 1, bytes.fromhex(STATUS * 2)),
        FaultCause.UNEXPECTED_PARAMETER,
        "AddROSpecResponse",
    ),
    "a parameter longer than its message": (
        Frame(1, 61, 1, bytes.fromhex("00f00050")),
        FaultCause.BAD_LENGTH,
        "ROAccessReport",
    ),
    "a parameter inside that is cut off": (
        Frame(1, 61, 1, bytes.fromhex("00f000078d3034")),
        FaultCause.TRUNCATED,
        "ROAccessReport/TagReportData",
    ),
    "text longer than its parameter": (
        Frame(1, 100, 1, bytes.fromhex("011f000800000009")),
        FaultCause.TRUNCATED,
        "ErrorMessage/LLRPStatus",
    ),
}


@pytest.mark.parametrize(("frame", "cause", "where"), FAULTS.values(), ids=FAULTS)
def test_bytes_that_are_not_as_the_tables_say_are_a_fault(
    frame: Frame, cause: FaultCause, where: str
) -> None:
    message, faults = decode_message(frame)
    assert (faults[0].cause, faults[0].where) == (cause, where)
    assert encode_message(message, 1) == frame.encode()


def test_a_message_keeps_what_can_be_read_around_a_broken_parameter() -> None:
    good = "00f0001b" + "8d" + "30" * 12 + "810001" + "86d0" + "8900000007"
    body = bytes.fromhex(good + "00f000078d3034")
    message, faults = decode_message(Frame(1, 61, 1, body))
    assert isinstance(message, ROAccessReport)
    assert len(message.tag_report_datas) == 1
    assert message.unknown == (UnknownParameter(parameter_type=240, data=b"\x8d\x30\x34"),)
    assert faults[0].cause == FaultCause.TRUNCATED


KEPT = {
    "reserved bits that are not 0": Frame(1, 61, 1, bytes.fromhex("00db000700037f")),
    "reserved bits of a header": Frame(1, 62, 1, bytes.fromhex("04db0007000380")),
    "text that is no UTF-8": Frame(1, 100, 1, bytes.fromhex("011f000a00640002fffe")),
    "parameters in another order": Frame(
        1, 61, 1, bytes.fromhex("00f00016" + "810001" + "86d0" + "8d" + "30" * 12)
    ),
    "a short CUSTOM_MESSAGE": Frame(1, 1023, 1, b"\x00\x00"),
    "a vendor's parameter that is shorter than known": Frame(
        1, 62, 1, bytes.fromhex("03ff000d0000651a00000039ee")
    ),
    "a vendor's parameter that is longer than known": Frame(
        1, 62, 1, bytes.fromhex("03ff0012000000a1000002c5a0d400000000")
    ),
}


@pytest.mark.parametrize("frame", KEPT.values(), ids=KEPT)
def test_what_means_nothing_comes_back_all_the_same(frame: Frame) -> None:
    assert encode_message(decode_message(frame).message, 1) == frame.encode()


def test_a_changed_message_is_written_anew() -> None:
    frame = Frame(1, 100, 1, bytes.fromhex("011f000a00640002fffe"))
    message = decode_message(frame).message
    assert isinstance(message, ErrorMessage)
    assert message.llrp_status.error_description == "\ufffd\ufffd"
    status = msgspec.structs.replace(message.llrp_status, status_code=StatusCode.M_SUCCESS)
    changed = msgspec.structs.replace(message, llrp_status=status)
    assert encode_message(changed, 1).endswith(b"\x00\x00\x00\x06" + "\ufffd\ufffd".encode())


def test_vendors_may_change_their_parameters_without_a_fault() -> None:
    short, faults = decode_parameter(bytes.fromhex("03ff000d0000651a00000039ee"))
    assert (type(short), faults) == (CustomParameter, ())
    long, faults = decode_parameter(bytes.fromhex("03ff0012000000a1000002c5a0d400000000"))
    assert isinstance(long, MotoTagPhase)
    assert (long.phase, faults) == (-24364, ())


def test_a_vendors_message_that_nobody_knows_is_kept() -> None:
    message, faults = decode_message(Frame(1, 1023, 1, bytes.fromhex("0000ffff07aabb")))
    expected = CustomMessage(vendor_identifier=0xFFFF, message_subtype=7, data=b"\xaa\xbb")
    assert (message, faults) == (expected, ())


CAPABILITIES: dict[int, tuple[str, Parameter]] = {
    1: (
        "014700078000ff",
        C1G2LLRPCapabilities(can_support_block_erase=True, max_num_select_filters_per_query=255),
    ),
    3: (
        "014700098000ff4080",
        C1G2LLRPCapabilitiesGen2v2(
            can_support_block_erase=True,
            max_num_select_filters_per_query=255,
            can_support_challenge=True,
            can_support_extended_power_on_period=True,
        ),
    ),
}


@pytest.mark.parametrize(("version", "case"), CAPABILITIES.items())
def test_the_version_decides_between_layouts(version: int, case: tuple[str, Parameter]) -> None:
    wire, parameter = case
    assert decode_parameter(bytes.fromhex(wire), version) == (parameter, ())
    assert encode_parameter(parameter, version).hex() == wire


def test_nesting_has_an_end() -> None:
    error = b""
    for _ in range(200):
        length = len(error) + 8
        error = b"\x01\x21" + length.to_bytes(2) + b"\x00\x64\x00\x64" + error
    parameter, faults = decode_parameter(error)
    assert isinstance(parameter, ParameterError)
    assert FaultCause.TOO_DEEP in {fault.cause for fault in faults}
    assert encode_parameter(parameter) == error


def test_faults_of_one_message_are_bounded() -> None:
    _, faults = decode_message(Frame(1, 62, 1, b"\x03\xe7\x00\x04" * 10_000))
    assert len(faults) == 100


def test_a_fault_says_where_it_is() -> None:
    (fault, _) = decode_message(Frame(1, 30, 1, bytes.fromhex("011f000600"))).faults
    assert fault == Fault(
        FaultCause.BAD_LENGTH, "AddROSpecResponse", "parameter 287 of 6 bytes, allowed are 4 to 5"
    )


def test_elements_are_equal_by_what_they_say() -> None:
    assert AddROSpecResponse(llrp_status=LLRPStatus(status_code=0)) == AddROSpecResponse(
        llrp_status=LLRPStatus(status_code=StatusCode.M_SUCCESS)
    )
