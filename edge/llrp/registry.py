"""Which class stands for which number; made from the tables when first needed."""

from collections.abc import Iterator
from functools import cache
from typing import TypeVar

from edge.llrp import (
    impinj,
    messages,
    parameters_access,
    parameters_c1g2,
    parameters_capabilities,
    parameters_common,
    parameters_config,
    parameters_gen2v2,
    parameters_report,
    parameters_rospec,
    zebra,
)
from edge.llrp.fields import Custom, Element, Message, Parameter, VendorMessage

CUSTOM = 1023  # the type of every vendor's messages and parameters
LAST_TV = 127
LLRP_2 = 3  # the version as the header has it

_TABLES = (
    parameters_common,
    parameters_capabilities,
    parameters_c1g2,
    parameters_rospec,
    parameters_access,
    parameters_config,
    parameters_report,
    parameters_gen2v2,
    messages,
    impinj,
    zebra,
)
_E = TypeVar("_E", bound=Element)


def _classes(base: type[_E]) -> Iterator[type[_E]]:
    for module in _TABLES:
        for kind in vars(module).values():
            if (
                isinstance(kind, type)
                and issubclass(kind, base)
                and kind.__module__ == module.__name__
            ):
                yield kind


@cache
def parameter_classes(version: int) -> dict[int, type[Parameter]]:
    """Give the standard's parameters by number; LLRP 2.0 changed the layout of some."""
    changed = parameters_gen2v2.CHANGED
    known = {
        kind.number: kind
        for kind in _classes(Parameter)
        if not issubclass(kind, (Custom, *changed))
    }
    if version >= LLRP_2:
        known |= {kind.number: kind for kind in changed}
    return known


@cache
def message_classes() -> dict[int, type[Message]]:
    return {kind.number: kind for kind in _classes(Message) if not issubclass(kind, VendorMessage)}


@cache
def custom_classes() -> dict[tuple[int, int], type[Custom]]:
    """Give vendors' parameters by (vendor, subtype)."""
    return {(kind.vendor, kind.subtype): kind for kind in _classes(Custom) if kind.subtype}


@cache
def vendor_message_classes() -> dict[tuple[int, int], type[VendorMessage]]:
    """Give vendors' messages by (vendor, subtype)."""
    return {(kind.vendor, kind.subtype): kind for kind in _classes(VendorMessage) if kind.subtype}
