"""Any LLRP message or parameter, as a Hypothesis strategy made from its table."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from hypothesis import strategies as st

from edge.llrp import parameters_gen2v2
from edge.llrp.fields import (
    Array,
    BitArray,
    BitString,
    Counted,
    Custom,
    CustomParameter,
    Element,
    Message,
    Parameter,
)
from edge.llrp.layout import (
    CountedStep,
    FixedStep,
    Number,
    NumbersStep,
    RestStep,
    Slot,
    Step,
    layout_of,
)
from edge.llrp.registry import (
    custom_classes,
    message_classes,
    parameter_classes,
    vendor_message_classes,
)

LLRP_2 = 3  # as the header has it
NOBODYS_VENDOR = 4_000_000_000

ALL_MESSAGES: dict[str, type[Message]] = {
    cls.__name__: cls for cls in (*message_classes().values(), *vendor_message_classes().values())
}
ALL_PARAMETERS: dict[str, type[Parameter]] = {
    cls.__name__: cls
    for cls in (
        *parameter_classes(1).values(),
        *parameters_gen2v2.CHANGED,
        *custom_classes().values(),
    )
}


def version_of(cls: type[Element]) -> int:
    """Give a version whose headers let `cls` be read as what it is."""
    return LLRP_2 if cls in parameters_gen2v2.CHANGED else 1


@cache
def elements(cls: type[Element], version: int = 1, depth: int = 4) -> st.SearchStrategy[Any]:
    """Give objects of one class; below `depth` only what must be there."""
    layout = layout_of(cls)
    values: dict[str, st.SearchStrategy[Any]] = {}
    for step in layout.steps:
        values |= dict(_scalars(step))
    for slot in layout.slots:
        values[slot.name] = _slot(slot, version, depth)
    return st.builds(cls, **values)


def unknown_customs() -> st.SearchStrategy[CustomParameter]:
    return st.builds(
        CustomParameter,
        vendor_identifier=st.just(NOBODYS_VENDOR),
        parameter_subtype=st.integers(0, 2**32 - 1),
        data=st.binary(max_size=8),
    )


def _slot(slot: Slot, version: int, depth: int) -> st.SearchStrategy[Any]:
    if depth <= 0 and not slot.required:
        return st.just(()) if slot.many else st.none()
    kinds = [kind for kind in slot.classes if kind not in _not_of(version)]
    one: st.SearchStrategy[Any] = st.sampled_from(kinds).flatmap(
        lambda kind: unknown_customs() if kind is Custom else elements(kind, version, depth - 1)
    )
    if slot.many:
        return st.lists(one, min_size=int(slot.required), max_size=2).map(tuple)
    return one if slot.required else st.one_of(st.none(), one)


def _not_of(version: int) -> list[type[Parameter]]:
    changed = parameters_gen2v2.CHANGED
    if version < LLRP_2:
        return list(changed)
    return [parameter_classes(1)[cls.number] for cls in changed]


def _scalars(step: Step) -> Iterator[tuple[str, st.SearchStrategy[Any]]]:
    match step:
        case NumbersStep(numbers=numbers):
            for number in numbers:
                yield number.name, _numbers(number)
        case FixedStep(name=name, size=size):
            yield name, st.binary(min_size=size, max_size=size)
        case RestStep(name=name):
            yield name, st.binary(max_size=12)
        case CountedStep(name=name, kind=Array(bits=bits)):
            yield name, st.lists(st.integers(0, (1 << bits) - 1), max_size=4).map(tuple)
        case CountedStep(name=name, kind=BitArray()):
            yield name, st.integers(0, 40).flatmap(_bit_strings)
        case CountedStep(name=name, kind=Counted()):
            yield name, st.binary(max_size=12)
        case CountedStep(name=name):
            yield name, st.text(st.characters(codec="utf-8"), max_size=8)


def _numbers(number: Number) -> st.SearchStrategy[int]:
    plain = st.integers(number.lowest, number.highest)
    return plain.map(lambda value: number.members.get(value, value))


def _bit_strings(length: int) -> st.SearchStrategy[BitString]:
    size = (length + 7) // 8
    return st.builds(BitString, st.just(length), st.binary(min_size=size, max_size=size))
