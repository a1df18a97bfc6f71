"""llrpkit, another implementation, as a second opinion: our bytes mean the same to it.

It knows LLRP 1.0.1 and Impinj's customs, so only those are compared.
"""

import dataclasses
from typing import Any, NamedTuple, TypeVar

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llrpkit.protocol import codec as kit
from llrpkit.protocol import impinj as _impinj  # noqa: F401 - it registers what is compared
from llrpkit.protocol import messages as _messages  # noqa: F401 - so does this

from edge.llrp import decode_message, encode_message, encode_parameter
from edge.llrp.fields import BitString, CustomParameter, Element, Message, Parameter
from edge.llrp.framing import FrameDecoder
from edge.llrp.layout import Slot, layout_of
from tests.support.llrp_elements import ALL_MESSAGES, ALL_PARAMETERS, elements, version_of

_E = TypeVar("_E", bound=Element)
HEADER_FIELDS = {"message_id", "protocol_version", "vendor_id", "subtype"}


class Picture(NamedTuple):
    """What an element says, whoever's class it is of."""

    name: str
    scalars: dict[str, object]
    parameters: list[Any]  # pictures, in the order of the wire


def squeeze(name: str) -> str:
    return name.replace("_", "").lower()


def plain(value: object) -> object:
    if isinstance(value, BitString):
        return value.length, value.data
    if isinstance(value, kit.BitStr):
        return value.bit_len, value.data
    return tuple(value) if isinstance(value, bytes | list | tuple) else value


def kit_class(cls: type[Element]) -> Any:  # noqa: ANN401 - llrpkit is seen without types
    if issubclass(cls, Message):
        if cls.subtype:
            return kit.CUSTOM_MESSAGE_REGISTRY.get((cls.vendor, cls.subtype))
        return kit.MESSAGE_REGISTRY.get(cls.number)
    if cls.subtype:
        return kit.CUSTOM_PARAMETER_REGISTRY.get((cls.vendor, cls.subtype))
    return kit.PARAMETER_REGISTRY.get(cls.number)


def parts_of(element: Element, slot: Slot) -> tuple[Parameter, ...]:
    value = getattr(element, slot.name)
    return value if slot.many else () if value is None else (value,)


def our_picture(element: Element) -> Picture:
    layout = layout_of(type(element))
    slots = {slot.name for slot in layout.slots} | {"unknown", "wire"}
    names = [name for name in element.__struct_fields__ if name not in slots]
    known = {field.name.replace("_", "") for field in dataclasses.fields(kit_class(type(element)))}
    scalars = {squeeze(name): plain(getattr(element, name)) for name in names}
    parts = [part for slot in layout.slots for part in parts_of(element, slot)]
    return Picture(
        squeeze(type(element).__name__),
        {name: value for name, value in scalars.items() if name in known},
        [our_picture(part) for part in parts],
    )


def kit_picture(element: Any) -> Picture:  # noqa: ANN401 - llrpkit is seen without types
    slots = [slot.attr for slot in element._SLOTS]  # noqa: SLF001 - it has no other list of them
    values = {one.name: getattr(element, one.name) for one in dataclasses.fields(element)}
    skipped = {*slots, *HEADER_FIELDS}
    parts = [
        part
        for slot in slots
        for part in (values[slot] if isinstance(values[slot], list) else [values[slot]])
        if part is not None
    ]
    assert not element.unbound_params
    return Picture(
        squeeze(type(element).__name__),
        {squeeze(name): plain(v) for name, v in values.items() if name not in skipped},
        [kit_picture(part) for part in parts],
    )


def known_to_kit(element: Element) -> bool:
    return type(element) is not CustomParameter and kit_class(type(element)) is not None


def reduced(element: _E) -> _E:
    """Leave out what llrpkit does not know: later versions' flags and parameters."""
    cls = kit_class(type(element))
    known = {field.name.replace("_", "") for field in dataclasses.fields(cls)}
    layout = layout_of(type(element))
    changes: dict[str, Any] = {}
    for slot in layout.slots:
        parts = tuple(reduced(part) for part in parts_of(element, slot) if known_to_kit(part))
        changes[slot.name] = parts if slot.many else next(iter(parts), None)
    slots = {slot.name for slot in layout.slots} | {"unknown", "wire"}
    for name in element.__struct_fields__:
        if name not in slots and squeeze(name) not in known:
            changes[name] = False
    return msgspec.structs.replace(element, **changes)


def is_whole(element: Element) -> bool:
    slots = layout_of(type(element)).slots
    return all(
        (parts_of(element, slot) or not slot.required)
        and all(is_whole(part) for part in parts_of(element, slot))
        for slot in slots
    )


CASES = {name: cls for name, cls in ALL_MESSAGES.items() if kit_class(cls) is not None}


@pytest.mark.parametrize("cls", CASES.values(), ids=CASES)
@settings(max_examples=10)
@given(data=st.data())
def test_our_bytes_mean_the_same_to_llrpkit_and_come_back(
    cls: type[Message], data: st.DataObject
) -> None:
    message = data.draw(elements(cls).map(reduced).filter(is_whole))
    wire = encode_message(message, 7)
    theirs = kit.decode_message(wire)
    assert kit_picture(theirs) == our_picture(message)
    assert theirs.to_bytes() == wire
    decoder = FrameDecoder()
    decoder.feed(theirs.to_bytes())
    frame = decoder.next_frame()
    assert frame is not None
    assert decode_message(frame).message == message


PARAMETERS = {
    name: cls
    for name, cls in ALL_PARAMETERS.items()
    if kit_class(cls) is not None and version_of(cls) == 1
}


@pytest.mark.parametrize("cls", PARAMETERS.values(), ids=PARAMETERS)
@settings(max_examples=10)
@given(data=st.data())
def test_our_parameters_mean_the_same_to_llrpkit(cls: type[Parameter], data: st.DataObject) -> None:
    parameter = data.draw(elements(cls).map(reduced).filter(is_whole))
    wire = encode_parameter(parameter)
    theirs = kit.decode_parameter(kit.ByteReader(wire))
    assert kit_picture(theirs) == our_picture(parameter)
    assert theirs.encode() == wire


def test_whatever_llrpkit_knows_is_known_here() -> None:
    assert len(CASES) == len(kit.MESSAGE_REGISTRY) + len(kit.CUSTOM_MESSAGE_REGISTRY)
    names = {squeeze(name) for name in PARAMETERS}
    known = {*kit.PARAMETER_REGISTRY.values(), *kit.CUSTOM_PARAMETER_REGISTRY.values()}
    assert {squeeze(cls.__name__) for cls in known} <= names
