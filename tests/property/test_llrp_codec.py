"""Laws of the tables: what is written is read again, and bytes come back as they were."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.llrp import (
    Frame,
    decode_message,
    decode_parameter,
    encode_message,
    encode_parameter,
)
from edge.llrp.fields import Message, Parameter
from edge.llrp.framing import FrameDecoder
from edge.llrp.messages import AddAccessSpec, GetReaderCapabilitiesResponse
from edge.llrp.registry import message_classes
from tests.support.llrp_elements import ALL_MESSAGES, ALL_PARAMETERS, LLRP_2, elements, version_of

CASES = {name: (cls, 1) for name, cls in ALL_MESSAGES.items()} | {
    "GetReaderCapabilitiesResponse of LLRP 2.0": (GetReaderCapabilitiesResponse, LLRP_2),
    "AddAccessSpec of LLRP 2.0": (AddAccessSpec, LLRP_2),
}
MESSAGES: st.SearchStrategy[Message] = st.sampled_from(
    sorted(ALL_MESSAGES.values(), key=str)
).flatmap(elements)
WHERE = st.integers(0, 2**16)


def frame_of(data: bytes) -> Frame:
    decoder = FrameDecoder()
    decoder.feed(data)
    frame = decoder.next_frame()
    assert frame is not None
    return frame


@pytest.mark.parametrize(("cls", "version"), CASES.values(), ids=CASES)
@settings(max_examples=25)
@given(data=st.data())
def test_a_message_is_read_as_it_was_written(
    cls: type[Message], version: int, data: st.DataObject
) -> None:
    message = data.draw(elements(cls, version))
    frame = frame_of(encode_message(message, 7, version))
    assert decode_message(frame) == (message, ())


@settings(max_examples=25)
@pytest.mark.parametrize("cls", ALL_PARAMETERS.values(), ids=ALL_PARAMETERS)
@given(data=st.data())
def test_a_parameter_is_read_as_it_was_written(cls: type[Parameter], data: st.DataObject) -> None:
    version = version_of(cls)
    parameter = data.draw(elements(cls, version))
    assert decode_parameter(encode_parameter(parameter, version), version) == (parameter, ())


def damaged(frame: Frame, cut: int, flip: int, bit: int, extra: bytes) -> Frame:
    """Take a piece of the body away, put another in, and turn a bit."""
    body = bytearray(frame.body)
    at = cut % (len(body) + 1)
    body[at : at + flip % 5] = extra
    if body:
        body[flip % len(body)] ^= 1 << bit
    return Frame(frame.version, frame.message_type, frame.message_id, bytes(body))


@given(message=MESSAGES, cut=WHERE, flip=WHERE, bit=st.integers(0, 7), extra=st.binary(max_size=4))
def test_a_damaged_message_gives_the_same_bytes_again(
    message: Message, cut: int, flip: int, bit: int, extra: bytes
) -> None:
    frame = damaged(frame_of(encode_message(message, 7)), cut, flip, bit, extra)
    read = decode_message(frame)
    assert encode_message(read.message, 7) == frame.encode()


@given(
    message_type=st.sampled_from([*message_classes(), 1023, 999]),
    version=st.integers(0, 7),
    body=st.binary(max_size=120),
)
def test_noise_in_a_frame_gives_the_same_bytes_again(
    message_type: int, version: int, body: bytes
) -> None:
    frame = Frame(version, message_type, 1, body)
    assert encode_message(decode_message(frame).message, 1, version) == frame.encode()
