"""Messages as a person reads them, and as other programs do.

    timestamp: UTCTimestamp
      microseconds: 1398700800000000 (2014-04-28T16:00:00Z)

Every field is named as the standard names it; what is not there is left out; vendors' parameters
that no table knows show their numbers and bytes.
"""

import datetime as dt
from collections.abc import Iterator
from enum import IntEnum
from functools import cache
from typing import Any

from edge.llrp.constants import MessageType
from edge.llrp.fields import (
    BitString,
    Element,
    Message,
    Parameter,
    UnknownMessage,
    VendorMessage,
)
from edge.llrp.parameters_common import UTCTimestamp
from edge.llrp.parameters_report import FirstSeenTimestampUTC, LastSeenTimestampUTC

_UTC = (UTCTimestamp, FirstSeenTimestampUTC, LastSeenTimestampUTC)
_LAST_SECOND = 253_402_300_799  # of the year 9999, the last that a datetime knows


def name_of(message: Message) -> str:
    """Give a message's name as the standard has it, a vendor's message its own."""
    if isinstance(message, UnknownMessage):
        return f"message type {message.message_type}"
    if isinstance(message, VendorMessage):
        return type(message).__name__
    return MessageType(message.number).name


def tree(element: Element, indent: str = "  ") -> Iterator[str]:
    """Yield the fields of an element, a line each, sub-parameters deeper than what holds them."""
    for name in _names(type(element)):
        value = getattr(element, name)
        if isinstance(value, Parameter):
            yield from _branch(f"{indent}{name}: ", value, indent)
        elif value is None or value == ():
            continue
        elif isinstance(value, tuple) and isinstance(value[0], Parameter):
            for number, part in enumerate(value):
                yield from _branch(f"{indent}{name}[{number}]: ", part, indent)
        else:
            yield f"{indent}{name}: {_scalar(value)}{_date(element, value)}"
    for part in element.unknown:
        yield from _branch(f"{indent}not in its place: ", part, indent)


def as_object(element: Element) -> dict[str, Any]:
    """Give an element's fields for JSON; bytes and bits in hex, enumerations by name."""
    fields: dict[str, Any] = {}
    for name in _names(type(element)):
        value = getattr(element, name)
        if isinstance(value, Parameter):
            fields[name] = _part(value)
        elif isinstance(value, tuple):
            if value:
                fields[name] = [_part(p) if isinstance(p, Parameter) else p for p in value]
        elif isinstance(value, IntEnum):
            fields[name] = value.name
        elif isinstance(value, bytes):
            fields[name] = value.hex()
        elif isinstance(value, BitString):
            fields[name] = {"bits": value.length, "hex": value.data.hex()}
        elif value is not None:
            fields[name] = value
    if element.unknown:
        fields["not_in_its_place"] = [_part(part) for part in element.unknown]
    return fields


@cache
def _names(kind: type[Element]) -> tuple[str, ...]:
    own = frozenset(Element.__struct_fields__)
    return tuple(name for name in kind.__struct_fields__ if name not in own)


def _branch(head: str, part: Parameter, indent: str) -> Iterator[str]:
    yield f"{head}{type(part).__name__}"
    yield from tree(part, f"{indent}  ")


def _part(part: Parameter) -> dict[str, Any]:
    return {"parameter": type(part).__name__, **as_object(part)}


def _scalar(value: object) -> str:
    if isinstance(value, IntEnum):
        return f"{value.name} ({int(value)})"
    if isinstance(value, bytes):
        return value.hex() or "no bytes"
    if isinstance(value, BitString):
        return f"{value.data.hex()} ({value.length} bits)"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, str):
        return repr(value)
    return str(value)


def _date(element: Element, value: object) -> str:
    if not isinstance(element, _UTC) or not isinstance(value, int):
        return ""
    seconds, us = divmod(value, 1_000_000)
    if seconds > _LAST_SECOND:
        return " (after the year 9999)"
    at = dt.datetime.fromtimestamp(seconds, dt.UTC).replace(microsecond=us, tzinfo=None)
    return f" ({at.isoformat()}Z)"
