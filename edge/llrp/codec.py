"""Messages to bytes and back, by the tables; decoding never raises, whatever the bytes.

What is not as the tables say becomes a Fault beside the message.  A parameter that cannot be read
stays in the message as UnknownParameter (a vendor's as CustomParameter, without a fault: vendors
may change theirs), a message as UnknownMessage; encoded again, each gives the bytes it came from.
"""

from typing import Any, NamedTuple, TypeVar

import msgspec

from edge.llrp.fields import (
    Custom,
    CustomMessage,
    CustomParameter,
    Element,
    Message,
    Parameter,
    UnknownMessage,
    UnknownParameter,
    VendorMessage,
)
from edge.llrp.framing import Frame
from edge.llrp.layout import BrokenElement, FaultCause, Layout, layout_of, take
from edge.llrp.registry import (
    CUSTOM,
    LAST_TV,
    custom_classes,
    message_classes,
    parameter_classes,
    vendor_message_classes,
)

_MAX_DEPTH = 32  # of parameters in parameters; the standard needs 8
_MAX_FAULTS = 100  # of one message

_E = TypeVar("_E", bound=Element)


class Fault(msgspec.Struct, frozen=True):
    """One thing that was not as the tables say; `where` is the way to it from the message."""

    cause: FaultCause
    where: str
    detail: str


class Decoded(NamedTuple):
    message: Message
    faults: tuple[Fault, ...] = ()


def encode_message(message: Message, message_id: int, version: int = 1) -> bytes:
    """Give the whole frame.  Raises ValueError for a value that has no place in its field."""
    if isinstance(message, UnknownMessage):
        return Frame(version, message.message_type, message_id, message.data).encode()
    body = _body(message, version)
    if isinstance(message, VendorMessage) and not isinstance(message, CustomMessage):
        body = message.vendor.to_bytes(4) + message.subtype.to_bytes(1) + body
    return Frame(version, message.number, message_id, body).encode()


def encode_parameter(parameter: Parameter, version: int = 1) -> bytes:
    """Give the parameter with its header.  Raises ValueError as encode_message does."""
    number = parameter.number
    if isinstance(parameter, UnknownParameter):
        body, number = parameter.data, parameter.parameter_type
    else:
        body = _body(parameter, version)
        if number <= LAST_TV:
            return (0x80 | number).to_bytes(1) + body
        if isinstance(parameter, Custom) and not isinstance(parameter, CustomParameter):
            body = parameter.vendor.to_bytes(4) + parameter.subtype.to_bytes(4) + body
    if len(body) + 4 >= 1 << 16:
        raise ValueError(f"{type(parameter).__name__} has {len(body)} bytes, allowed are 65531")
    return number.to_bytes(2) + (len(body) + 4).to_bytes(2) + body


def decode_message(frame: Frame) -> Decoded:
    """Read what a frame says; never raises."""
    reading = _Reading(frame.version)
    return Decoded(reading.message(frame.message_type, frame.body), tuple(reading.faults))


def decode_parameter(data: bytes, version: int = 1) -> tuple[Parameter | None, tuple[Fault, ...]]:
    """Read one parameter with its header; None where there is no whole one at the front."""
    reading = _Reading(version)
    try:
        parameter, _ = reading.parameter(data, 0)
    except BrokenElement as broken:
        reading.note(broken)
        return None, tuple(reading.faults)
    return parameter, tuple(reading.faults)


def _body(element: Element, version: int) -> bytes:
    if element.wire and _read_again(type(element), element.wire, version) == element:
        return element.wire
    layout = layout_of(type(element))
    parts = [step.write(element) for step in layout.steps]
    for slot in layout.slots:
        value = getattr(element, slot.name)
        parameters = value if slot.many else () if value is None else (value,)
        if slot.required and not parameters:
            raise ValueError(f"{type(element).__name__}.{slot.name} must have one at least")
        for parameter in parameters:
            if not isinstance(parameter, slot.classes):
                place = f"{type(element).__name__}.{slot.name}"
                raise ValueError(f"{place} has no place for {parameter!r}")  # noqa: TRY004 - as above
            parts.append(encode_parameter(parameter, version))
    parts += [encode_parameter(parameter, version) for parameter in element.unknown]
    return b"".join(parts)


def _read_again(cls: type[Element], body: bytes, version: int) -> Element | None:
    try:
        return _Reading(version).element(cls, body)
    except BrokenElement:
        return None


class _Reading:
    """One message's way through the codec: the faults met, and where in the message it is."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.faults: list[Fault] = []
        self.trail: list[str] = []

    def note(self, broken: BrokenElement) -> None:
        if len(self.faults) < _MAX_FAULTS:
            self.faults.append(Fault(broken.cause, "/".join(self.trail), broken.detail))

    def message(self, message_type: int, body: bytes) -> Message:
        if message_type == CUSTOM and len(body) >= 5:
            return self._vendor_message(body)
        cls = message_classes().get(message_type)
        if cls is None:
            self.note(BrokenElement(FaultCause.UNKNOWN_MESSAGE, f"type {message_type}"))
            return UnknownMessage(message_type=message_type, data=body)
        self.trail.append(cls.__name__)
        try:
            return self.element(cls, body)
        except BrokenElement as broken:
            self.note(broken)
            return UnknownMessage(message_type=message_type, data=body)

    def _vendor_message(self, body: bytes) -> Message:
        vendor, subtype = int.from_bytes(body[:4]), body[4]
        cls = vendor_message_classes().get((vendor, subtype))
        if cls is not None:
            try:
                return self.element(cls, body[5:])
            except BrokenElement:
                self.faults.clear()  # the raw one below says all that is known
        return CustomMessage(vendor_identifier=vendor, message_subtype=subtype, data=body[5:])

    def parameter(self, body: bytes, at: int) -> tuple[Parameter, int]:
        """Read the parameter at `at`, and give where the next one begins.

        Raises BrokenElement where that cannot be told.
        """
        first = take(body, at, 1)[0]
        if first & 0x80:
            return self._tv(body, at, first & 0x7F)
        head = take(body, at, 4)
        number, length = int.from_bytes(head[:2]), int.from_bytes(head[2:])
        if not 4 <= length <= len(body) - at:
            detail = f"parameter {number} of {length} bytes, allowed are 4 to {len(body) - at}"
            raise BrokenElement(FaultCause.BAD_LENGTH, detail)
        content = body[at + 4 : at + length]
        if number == CUSTOM and len(content) >= 8:
            return self._custom(content), at + length
        return self._tlv(number, content), at + length

    def _tv(self, body: bytes, at: int, number: int) -> tuple[Parameter, int]:
        cls = parameter_classes(self.version).get(number)
        if cls is None:
            detail = f"TV type {number}, whose length nobody here knows"
            raise BrokenElement(FaultCause.UNKNOWN_PARAMETER, detail)
        size = layout_of(cls).size
        return self.element(cls, take(body, at + 1, size)), at + 1 + size

    def _tlv(self, number: int, content: bytes) -> Parameter:
        cls = parameter_classes(self.version).get(number) if number > LAST_TV else None
        if cls is None:
            self.note(BrokenElement(FaultCause.UNKNOWN_PARAMETER, f"type {number}"))
            return UnknownParameter(parameter_type=number, data=content)
        self.trail.append(cls.__name__)
        try:
            return self.element(cls, content)
        except BrokenElement as broken:
            self.note(broken)
            return UnknownParameter(parameter_type=number, data=content)
        finally:
            self.trail.pop()

    def _custom(self, content: bytes) -> Parameter:
        vendor, subtype = int.from_bytes(content[:4]), int.from_bytes(content[4:8])
        cls = custom_classes().get((vendor, subtype))
        if cls is not None:
            before = len(self.faults)
            self.trail.append(cls.__name__)
            try:
                return self.element(cls, content[8:])
            except BrokenElement:
                pass  # the raw one below says all that is known
            finally:
                self.trail.pop()
                del self.faults[before:]
        return CustomParameter(
            vendor_identifier=vendor, parameter_subtype=subtype, data=content[8:]
        )

    def element(self, cls: type[_E], body: bytes) -> _E:
        """Read a body as `cls` has it; raise BrokenElement where that cannot be."""
        if len(self.trail) > _MAX_DEPTH:
            raise BrokenElement(FaultCause.TOO_DEEP, f"more than {_MAX_DEPTH} levels")
        layout = layout_of(cls)
        values: dict[str, Any] = {}
        at = 0
        for step in layout.steps:
            at = step.read(body, at, values)
        if at < len(body) or layout.slots:
            self._parameters(layout, body, at, values)
        return cls(**values)

    def _parameters(self, layout: Layout, body: bytes, at: int, values: dict[str, Any]) -> None:
        """Read sub-parameters up to the end of the body and put them into their slots."""
        found: list[list[Parameter]] = [[] for _ in layout.slots]
        unknown: list[Parameter] = []
        furthest = 0
        while at < len(body):
            try:
                parameter, at = self.parameter(body, at)
            except BrokenElement as broken:
                self.note(broken)
                values["wire"] = body
                break
            place = layout.place(parameter)
            if place is None or (found[place] and not layout.slots[place].many):
                self._note_unexpected(parameter)
                unknown.append(parameter)
                place = len(layout.slots)
            else:
                found[place].append(parameter)
            if place < furthest:
                values["wire"] = body
            furthest = max(furthest, place)
        values |= _filled(layout, found)
        if unknown:
            values["unknown"] = tuple(unknown)

    def _note_unexpected(self, parameter: Parameter) -> None:
        if not isinstance(parameter, Custom | UnknownParameter):
            self.note(BrokenElement(FaultCause.UNEXPECTED_PARAMETER, type(parameter).__name__))


def _filled(layout: Layout, found: list[list[Parameter]]) -> dict[str, object]:
    values: dict[str, object] = {}
    for slot, parameters in zip(layout.slots, found, strict=True):
        if parameters:
            values[slot.name] = tuple(parameters) if slot.many else parameters[0]
        elif slot.required:
            wanted = " or ".join(cls.__name__ for cls in slot.classes)
            raise BrokenElement(FaultCause.MISSING_PARAMETER, wanted)
    return values
