"""Our tables against definitions that others made: numbers, fields, widths, order, enumerations.

Ours hold for all versions at once, so they may have more than a definition of one version: flags
where it has reserved bits, and sub-parameters that may be left out.  Where definitions contradict
each other, the exceptions below say whom we follow, and why.
"""

import re
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import pytest
import yaml

from edge.llrp import constants, impinj
from edge.llrp.fields import Array, BitArray, Counted, Custom, Element, Utf8, VendorMessage
from edge.llrp.layout import CountedStep, FixedStep, NumbersStep, RestStep, Step, layout_of
from edge.llrp.registry import (
    custom_classes,
    message_classes,
    parameter_classes,
    vendor_message_classes,
)
from tests.support.shared import shared_data

pytestmark = pytest.mark.shared_data

DIFFERS = {
    "llrp-1x1-def.xml: LoopSpec",  # 355, 32 bits in three others: EdgeX, LLRPCSharp, Wireshark
    "llrp-1x1-def.xml: C1G2BlockPermalock",  # its word count is the array's own: EdgeX, LLRPCSharp
    "llrp-2.0-delta.llrpcsharp.yaml: C1G2Untraceable",  # six flags there, a number of 6 bits here
}
ALSO_CALLED = {"threesb": "bit3sb", "twosb": "bit2sb", "lsb": "bitlsb"}
FIXED = re.compile(r"([us])(\d+)$")
VARIABLE = {"utf8v": "text", "u8v": "bytes", "u1v": "bits", "bytesToEnd": "rest"}


def squeeze(name: str) -> str:
    return name.replace("_", "").lower()


class Field(NamedTuple):
    run: int  # which run of numbers side by side, or which other item
    offset: int  # bits from the run's beginning
    name: str
    kind: str


class Sub(NamedTuple):
    kinds: frozenset[str]
    many: bool
    required: bool


class Table(NamedTuple):
    """One message or parameter, ours or another's, in a form that can be compared."""

    number: int
    sizes: list[int]  # bits of each run; 0 for what is no run
    fields: list[Field]
    subs: list[Sub]


class _Builder:
    def __init__(self, number: int) -> None:
        self.table = Table(number, [], [], [])
        self._is_open = False

    def numbers(self, name: str, kind: str, bits: int) -> None:
        if not self._is_open:
            self.table.sizes.append(0)
            self._is_open = True
        if name:
            at = self.table.sizes[-1]
            self.table.fields.append(Field(len(self.table.sizes), at, squeeze(name), kind))
        self.table.sizes[-1] += bits

    def other(self, name: str, kind: str) -> None:
        self._is_open = False
        self.table.sizes.append(0)
        self.table.fields.append(Field(len(self.table.sizes), 0, squeeze(name), kind))

    def field(self, name: str, kind: str) -> None:
        fixed = FIXED.match(kind)
        if kind == "u96":
            self.other(name, "96")
        elif fixed:
            self.numbers(name, kind, int(fixed[2]))
        else:
            self.other(name, VARIABLE.get(kind, kind))

    def sub(self, kinds: Iterable[str], cardinality: str) -> None:
        many, required = cardinality.endswith("N"), cardinality.startswith("1")
        self.table.subs.append(Sub(frozenset(map(squeeze, kinds)), many, required))


def ours(cls: type[Element]) -> Table:
    builder = _Builder(cls.subtype or cls.number)
    for step in layout_of(cls).steps:
        _add(builder, step)
    for slot in layout_of(cls).slots:
        kinds = frozenset(squeeze(kind.__name__) for kind in slot.classes)
        builder.table.subs.append(Sub(kinds, slot.many, slot.required))
    return builder.table


def _add(builder: _Builder, step: Step) -> None:
    match step:
        case NumbersStep(numbers=numbers, size=size):
            left = size * 8
            for number in numbers:
                builder.numbers("", "", left - number.shift - number.bits)
                kind = f"{'s' if number.signed else 'u'}{number.bits}"
                builder.numbers(number.name, kind, number.bits)
                left = number.shift
            builder.numbers("", "", left)
        case FixedStep(name=name, size=size):
            builder.other(name, str(size * 8))
        case RestStep(name=name):
            builder.other(name, "rest")
        case CountedStep(name=name, kind=Utf8()):
            builder.other(name, "text")
        case CountedStep(name=name, kind=BitArray()):
            builder.other(name, "bits")
        case CountedStep(name=name, kind=Counted() | Array(bits=8)):
            builder.other(name, "bytes")
        case CountedStep(name=name, kind=Array(bits=bits)):
            builder.other(name, f"u{bits}v")


def _tag(node: ET.Element) -> str:
    return node.tag.rpartition("}")[2]


def xml_tables(file: str) -> Iterator[tuple[str, Table]]:
    root = ET.parse(shared_data(f"llrp/definitions/{file}")).getroot()  # noqa: S314 - ours
    choices = {
        node.attrib["name"]: [part.attrib["type"] for part in node if _tag(part) == "parameter"]
        for node in root
        if _tag(node) == "choiceDefinition"
    }
    for node in root:
        number = node.attrib.get("typeNum") or node.attrib.get("subtype")
        if number is None or _tag(node).endswith("umerationDefinition"):
            continue
        builder = _Builder(int(number))
        for part in node:
            match _tag(part), part.attrib:
                case "field", {"name": name, "type": kind}:
                    builder.field(name, kind)
                case "reserved", {"bitCount": bits}:
                    builder.numbers("", "", int(bits))
                case "parameter" | "choice", {"type": kind, "repeat": repeat}:
                    builder.sub(choices.get(kind, [kind]), repeat)
        yield node.attrib["name"], builder.table


def yaml_tables(file: str) -> Iterator[tuple[str, Table]]:
    text = shared_data(f"llrp/definitions/{file}").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    changed = data.get("overrides", {})
    choices = {
        one["name"]: one["parameterTypes"]
        for one in [*data.get("choices", []), *changed.get("choices", [])]
    }
    for part in (data, changed):
        for group in ("messages", "parameters", "customMessages", "customParameters"):
            for one in part.get(group, []):
                builder = _Builder(one.get("subtype") or one["typeNumber"])
                for member in one.get("members") or []:
                    _add_member(builder, member, choices)
                yield one["name"], builder.table


def _add_member(builder: _Builder, member: dict[str, Any], choices: dict[str, list[str]]) -> None:
    match member:
        case {"field": {"name": name, "type": kind}}:
            builder.field(name, kind)
        case {"reserved": bits}:
            builder.numbers("", "", bits)
        case {"parameter": {"type": kind, "cardinality": cardinality}}:
            builder.sub([kind], cardinality)
        case {"choice": {"type": kind, "cardinality": cardinality}} if kind in choices:
            builder.sub(choices[kind], cardinality)


STANDARD = {
    squeeze(cls.__name__): cls
    for cls in (*message_classes().values(), *parameter_classes(1).values())
}
LLRP_2 = STANDARD | {
    "c1g2llrpcapabilities": parameter_classes(3)[327],
}
VENDORS: dict[str, type[Element]] = {
    squeeze(cls.__name__): cls
    for cls in (*custom_classes().values(), *vendor_message_classes().values())
}
DEFINITIONS: dict[str, tuple[Iterator[tuple[str, Table]], dict[str, type[Element]]]] = {
    "llrp-1x0-def.xml": (xml_tables("llrp-1x0-def.xml"), STANDARD),
    "llrp-1x1-def.xml": (xml_tables("llrp-1x1-def.xml"), STANDARD),
    "llrp-1.1.llrpcsharp.yaml": (yaml_tables("llrp-1.1.llrpcsharp.yaml"), STANDARD),
    "llrp-2.0-delta.llrpcsharp.yaml": (yaml_tables("llrp-2.0-delta.llrpcsharp.yaml"), LLRP_2),
    "impinj.llrpkit-MIT.xml": (xml_tables("impinj.llrpkit-MIT.xml"), VENDORS),
    "zebra.llrpcsharp.yml": (yaml_tables("zebra.llrpcsharp.yml"), VENDORS),
}
RAW = {"custom", "custommessage"}  # CustomParameter and CustomMessage: any vendor's bytes
CASES = {
    f"{file}: {name}": (table, classes[squeeze(name)])
    for file, (tables, classes) in DEFINITIONS.items()
    for name, table in tables
    if squeeze(name) not in RAW and f"{file}: {name}" not in DIFFERS
}


@pytest.mark.parametrize(("table", "cls"), CASES.values(), ids=CASES)
def test_numbers_and_sizes_are_the_definitions(table: Table, cls: type[Element]) -> None:
    assert ours(cls).number == table.number
    assert ours(cls).sizes == table.sizes


@pytest.mark.parametrize(("table", "cls"), CASES.values(), ids=CASES)
def test_every_field_is_where_the_definition_has_it(table: Table, cls: type[Element]) -> None:
    places = {(field.run, field.offset): field for field in ours(cls).fields}
    for field in table.fields:
        mine = places[field.run, field.offset]
        assert mine.kind == field.kind
        assert mine.name in {field.name, ALSO_CALLED.get(field.name)}


@pytest.mark.parametrize(("table", "cls"), CASES.values(), ids=CASES)
def test_every_sub_parameter_has_its_place_in_order(table: Table, cls: type[Element]) -> None:
    mine = ours(cls).subs
    at = 0
    for sub in table.subs:
        kinds = sub.kinds - {"custom"}
        if not kinds:
            assert any("custom" in one.kinds for one in mine)
            continue
        at = next(i for i in range(at, len(mine)) if kinds <= mine[i].kinds)
        assert (mine[at].many, mine[at].required) == (sub.many, sub.required)
        at += 1


def xml_enumerations(file: str) -> Iterator[tuple[str, dict[int, str]]]:
    for node in ET.parse(shared_data(f"llrp/definitions/{file}")).getroot():  # noqa: S314 - ours
        if _tag(node).lower() in {"enumerationdefinition", "customenumerationdefinition"}:
            entries = [part.attrib for part in node if _tag(part) == "entry"]
            yield node.attrib["name"], {int(e["value"]): squeeze(e["name"]) for e in entries}


ENUMERATIONS = {
    f"{file}: {name}": (getattr(module, name), values)
    for file, module in (
        ("llrp-1x1-def.xml", constants),
        ("impinj.llrpkit-MIT.xml", impinj),
    )
    for name, values in xml_enumerations(file)
}


@pytest.mark.parametrize(("enum", "values"), ENUMERATIONS.values(), ids=ENUMERATIONS)
def test_enumerations_are_the_definitions(enum: type[IntEnum], values: dict[int, str]) -> None:
    known = {int(member): squeeze(member.name) for member in enum}
    assert {number: known[number] for number in values} == values


def test_another_toolkits_numbers_are_all_known() -> None:
    text = shared_data("llrp/definitions/edgex-messages.yaml").read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    numbers = {one["type_id"] for one in data["parameters"]}
    assert numbers <= {*parameter_classes(1), Custom.number}
    numbers = {one["type_id"] for one in data["messages"]}
    assert numbers <= {*message_classes(), VendorMessage.number}
