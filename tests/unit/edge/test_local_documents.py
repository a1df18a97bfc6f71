"""What tills say: what is understood, and what is told of mistakes."""

from datetime import UTC, datetime

import msgspec
import pytest

from edge.errors import InputError
from edge.local.documents import (
    MAX_LINES,
    Line,
    NoItem,
    ReceiptDocument,
    TillDocument,
    Unnamed,
    digest,
    read_document,
)
from edge.model import Sgtin

GTIN = "80614141123458"
ITEM = Sgtin(GTIN, "6789")


def sale(*lines: object, **others: object) -> bytes:
    return msgspec.json.encode({"id": "s1", "lines": lines, **others})


LINES = {
    "an EPC": ({"epc": "3074257BF7194E4000001A85"}, ITEM),
    "an element string": ({"epc": f"(01){GTIN}(21)6789"}, ITEM),
    "GTIN and serial": ({"gtin": GTIN, "serial": "6789"}, ITEM),
    "a GTIN-13 and no more": ({"gtin": "9506000134352"}, Unnamed("09506000134352", 1)),
    "some of a GTIN": ({"gtin": GTIN, "quantity": 3}, Unnamed(GTIN, 3)),
    "an EPC that is no item": (
        {"epc": "e2003412012345678901"},
        NoItem("e2003412012345678901", "tid"),
    ),
}


@pytest.mark.parametrize(("line", "meant"), LINES.values(), ids=LINES)
def test_a_line_means_an_item_or_some_of_a_gtin(line: object, meant: object) -> None:
    assert read_document(sale(line), TillDocument)[1] == [meant]


def test_a_document_says_when_and_where() -> None:
    text = sale({"gtin": GTIN}, at="2026-11-23T18:00:00+01:00", zone="till")
    document, _ = read_document(text, TillDocument)
    assert document == TillDocument(
        "s1", (Line(gtin=GTIN),), datetime(2026, 11, 23, 17, tzinfo=UTC), "till"
    )


WRONG = {
    "no JSON": (b"{", "not JSON"),
    "no text at all": (b"", "not JSON"),
    "not UTF-8": (b'{"id": "\xff"}', "not JSON"),
    "nested beyond sense": (b"[" * 100_000, "not JSON"),
    "a list": (b"[]", "expected an object with id and lines, got an empty list"),
    "nothing in it": (b"{}", "id: missing; expected 1 to 100 letters"),
    "an id that is a number": (
        b'{"id": 7, "lines": [{"gtin": "80614141123458"}]}',
        "id: expected 1 to 100 letters",
    ),
    "a key misspelt": (sale({"gtni": GTIN}), r"lines\[0\].gtni: unknown key; did you mean gtin\?"),
    "no lines": (sale(), "lines: expected 1 to 1000 lines, got an empty list"),
    "an empty line": (sale({}), r"lines\[0\]: expected either epc or gtin"),
    "both names": (
        sale({"epc": "3074257BF7194E4000001A85", "gtin": GTIN}),
        r"lines\[0\]: expected either epc or gtin",
    ),
    "no pieces": (
        sale({"gtin": GTIN, "quantity": 0}),
        r"lines\[0\].quantity: expected an integer from 1 to 10000, got 0",
    ),
    "a quantity in words": (
        sale({"gtin": GTIN, "quantity": "2"}),
        r'lines\[0\].quantity: expected an integer from 1 to 10000, got "2"',
    ),
    "two of one item": (
        sale({"gtin": GTIN, "serial": "1", "quantity": 2}),
        r"lines\[0\].quantity: expected 1, as it is one item, got 2",
    ),
    "a wrong check digit": (
        sale({"gtin": GTIN}, {"gtin": "80614141123457"}),
        r'lines\[1\].gtin: the GTIN\'s last digit should be 8, got "80614141123457"',
    ),
    "a serial that GS1 does not allow": (
        sale({"gtin": GTIN, "serial": "a b"}),
        r"lines\[0\].serial: the serial has characters",
    ),
    "no name": (sale({"epc": "shirt"}), r'lines\[0\].epc: expected an EPC in hex, .* got "shirt"'),
    "one item twice": (
        sale({"gtin": GTIN, "serial": "6789"}, {"epc": "3074257BF7194E4000001A85"}),
        r"lines\[1\]: the same item as lines\[0\]",
    ),
    "a time without its zone": (
        sale({"gtin": GTIN}, at="2026-11-23T18:00:00"),
        "at: expected a time with its zone",
    ),
    "too many lines": (sale(*[{"gtin": GTIN}] * (MAX_LINES + 1)), "length <= 1000"),
}


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_its_place(text: bytes, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_document(text, TillDocument)


def test_all_mistakes_are_told_at_once_and_not_too_many() -> None:
    with pytest.raises(InputError) as raised:
        read_document(sale(*[{}] * 30), TillDocument)
    assert str(raised.value).startswith("30 mistakes")
    assert len(raised.value.mistakes) == 21
    assert raised.value.mistakes[-1] == "and 10 more"


def test_the_same_said_in_another_way_is_the_same() -> None:
    one, _ = read_document(
        b'{"id":"s1","lines":[{"gtin":"80614141123458","serial":"1"}]}', TillDocument
    )
    other, _ = read_document(
        b' {"lines": [{"serial": "1", "gtin": "80614141123458", "quantity": 1}], "id": "s1" }',
        TillDocument,
    )
    assert digest(one) == digest(other)
    assert digest(one) != digest(TillDocument("s1", (Line(gtin=GTIN),)))


def test_a_notice_says_who_sends_and_when_it_is_due() -> None:
    text = msgspec.json.encode(
        {"id": "a1", "supplier": "ACME", "due": "2026-11-24T08:00:00Z", "lines": [{"gtin": GTIN}]}
    )
    document, meant = read_document(text, ReceiptDocument)
    assert (document.supplier, meant) == ("ACME", [Unnamed(GTIN, 1)])
