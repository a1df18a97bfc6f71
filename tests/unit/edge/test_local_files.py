"""What stands in the files of tills, as JSON and as CSV."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import InputError
from edge.local import files as module
from edge.local.documents import Kind
from edge.local.files import Entry, read_file
from edge.model import Sgtin

GTIN = "80614141123458"
SALE = {"kind": "sale", "id": "s1", "lines": [{"gtin": GTIN, "quantity": 2}]}
NOTICE = {"kind": "receipt", "id": "a1", "supplier": "ACME", "lines": [{"gtin": GTIN}]}


def read_csv(*lines: str) -> list[Entry]:
    return read_file("sales.csv", "\n".join(lines).encode())


def test_json_holds_a_document_or_several() -> None:
    [one] = read_file("a.json", msgspec.json.encode(SALE))
    assert (one.kind, one.document.id) == (Kind.SALE, "s1")
    found = read_file("a.JSON", msgspec.json.encode([SALE, NOTICE]))
    assert [(e.kind, e.document.id) for e in found] == [(Kind.SALE, "s1"), (Kind.RECEIPT, "a1")]


def test_rows_of_csv_with_one_id_are_one_document() -> None:
    found = read_csv(
        "kind,id,at,gtin,serial,quantity",
        f"sale,s1,2026-11-23T10:00:00Z,{GTIN},1,",
        f"return,s1,,{GTIN},2,",
        f"sale,s1,,{GTIN},,3",
        "",
    )
    assert [(e.kind, e.document.id, len(e.meant)) for e in found] == [
        (Kind.SALE, "s1", 2),
        (Kind.RETURN, "s1", 1),
    ]
    assert found[0].meant[0] == Sgtin(GTIN, "1")


def test_csv_and_json_that_say_the_same_are_the_same() -> None:
    of_csv = read_csv("id,kind,quantity,gtin", f"s1,sale,2,{GTIN}")
    of_json = read_file("a.json", msgspec.json.encode(SALE))
    assert of_csv == of_json


def test_csv_of_a_spreadsheet_is_read() -> None:
    text = f'\ufeffKind,ID,GTIN,Quantity\r\nsale,"s1",{GTIN},2\r\n'
    assert read_file("a.csv", text.encode()) == read_file("a.json", msgspec.json.encode(SALE))


WRONG_CSV = {
    "no head": ("", "line 1: expected columns of kind, id"),
    "no id": (f"kind,gtin\nsale,{GTIN}", "line 1: expected columns of kind, id"),
    "a column too many": ("kind,id,colour", "line 1: .* got kind, id, colour"),
    "a column twice": ("kind,id,id", "line 1: .* got kind, id, id"),
    "a cell too few": (f"kind,id,gtin\nsale,s1,{GTIN}\nsale,s2", "line 3: expected 3 columns"),
    "another kind": (f"kind,id,gtin\nloan,s1,{GTIN}", "line 2: kind: expected one of sale, return"),
    "a GTIN that is none": (
        f"kind,id,gtin\nsale,s1,{GTIN}\nsale,s1,123",
        r'line 3.gtin: a GTIN has 8, 12, 13 or 14 digits, got "123"',
    ),
    "a quantity that is none": (
        f"kind,id,gtin,quantity\nsale,s1,{GTIN},x",
        "line 2.quantity: expected an integer",
    ),
    "a supplier of a sale": (
        f"kind,id,gtin,supplier\nsale,s1,{GTIN},ACME",
        "line 2: supplier: unknown key",
    ),
    "a quote left open": ('kind,id,gtin\nsale,"s1', "not CSV"),
}


@pytest.mark.parametrize(("text", "told"), WRONG_CSV.values(), ids=WRONG_CSV)
def test_what_is_wrong_in_csv_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_file("a.csv", text.encode())


WRONG_JSON = {
    "no JSON": (b"sale", "not JSON"),
    "a number": (b"1", "expected an object, or a list of objects"),
    "a list of numbers": (b"[1]", "expected an object, or a list of objects"),
    "no kind": (b'[{"id": "s1"}]', r"\[0\].kind: expected one of sale, return, receipt"),
    "a mistake in the second": (
        msgspec.json.encode([SALE, {"kind": "sale", "id": "s2", "lines": [{}]}]),
        r"\[1\].lines\[0\]: expected either epc or gtin",
    ),
}


@pytest.mark.parametrize(("text", "told"), WRONG_JSON.values(), ids=WRONG_JSON)
def test_what_is_wrong_in_json_is_told_with_its_place(text: bytes, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_file("a.json", text)


def test_files_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_DOCUMENTS", 1)
    with pytest.raises(InputError, match="2 documents are too many, allowed are 1"):
        read_file("a.json", msgspec.json.encode([SALE, NOTICE]))
    monkeypatch.setattr(module, "MAX_FILE", 10)
    with pytest.raises(InputError, match="more than 10 bytes"):
        read_file("a.json", msgspec.json.encode(SALE))


@given(name=st.sampled_from(["a.json", "a.csv"]), content=st.binary(max_size=200))
def test_noise_is_refused_and_nothing_else_happens(name: str, content: bytes) -> None:
    try:
        read_file(name, content)
    except InputError as error:
        told = str(error)
        assert told
