"""The decoder against vectors that others wrote: GS1, Intel, Nedap, and what readers deliver."""

import json
from pathlib import Path
from typing import Any

import pytest

from edge.epc import Stray, StrayReason, decode, encode_sgtin96
from edge.epc.tables import HEADERS, SGTIN_PARTITIONS, Names, Partition
from edge.errors import ConfigError
from edge.model import Sgtin
from edge.trace import load_trace
from tests.support.shared import shared_data

pytestmark = pytest.mark.shared_data
shared_data("epc")  # without it the whole module is skipped, and says why

STANDARDS = ("epc/tds1x_annex_e3.json", "epc/tds23_annex_e3.json")
WILD_FILE = "epc/malformed_in_the_wild.json"
READ_SCHEMES = ("SGTIN-96", "SGTIN-198")

# The classes of malformed_in_the_wild.json in this program's words.
WILD = {
    "unprogrammed": {StrayReason.UNPROGRAMMED},
    "non_gs1": {StrayReason.UNKNOWN_HEADER, StrayReason.TID},
    "too_short": {StrayReason.WRONG_LENGTH},
    "trailing_zero": {StrayReason.WRONG_LENGTH},
    "trailing_data": {StrayReason.WRONG_LENGTH},
    "bad_partition": {StrayReason.PARTITION},
    "bad_range": {StrayReason.OUT_OF_RANGE},
    "retired": {StrayReason.UNKNOWN_HEADER},
    "gs1_other": {StrayReason.NOT_AN_ITEM},
    "gs1_logistic": {StrayReason.NOT_AN_ITEM},
    "non_retail": {StrayReason.NOT_AN_ITEM},
}


def load(relative: str) -> Any:  # noqa: ANN401  # the rim: JSON
    return json.loads(shared_data(relative).read_text())


def standard_vectors(*schemes: str) -> list[Any]:
    return [
        pytest.param(vector, id=f"{relative[4:9]} {vector['scheme']}")
        for relative in STANDARDS
        for vector in load(relative)
        if vector["scheme"] in schemes
    ]


def other_vectors() -> list[Any]:
    standards = [
        pytest.param(vector["hex"], id=f"{relative[4:9]} {vector['scheme']}")
        for relative in STANDARDS
        for vector in load(relative)
        if "SGTIN" not in vector["scheme"]
    ]
    nedaps = [
        pytest.param(case["hex"], id=case["name"])
        for scheme, case in nedap_cases()
        if scheme != "SGTIN"
    ]
    return standards + nedaps


def intel_vectors(*kinds: str) -> list[Any]:
    """Without those that the collection itself marks as disputed."""
    return [
        pytest.param(vector, id=f"{index} {vector['name']}")
        for index, vector in enumerate(load("epc/intel_tagcode_sgtin.json")["vectors"])
        if vector["kind"] in kinds and "disputed" not in vector
    ]


def wild_vectors(*expected: str) -> list[Any]:
    return [
        pytest.param(vector, id=vector["name"])
        for vector in load(WILD_FILE)
        if vector["expect"] in expected and vector["hex"]
    ]


def nedap_cases() -> list[tuple[str, dict[str, str]]]:
    return [
        (group["scheme"], case)
        for group in load("epc/epcpy_tests.json")
        for case in group["valid"]
        if "hex" in case
    ]


def nedap_items() -> list[Any]:
    return [
        pytest.param(case, id=case["name"]) for scheme, case in nedap_cases() if scheme == "SGTIN"
    ]


def padded(hex_text: str) -> bytes:
    return bytes.fromhex(hex_text + "0" * (len(hex_text) % 2))


def key_of_uri(uri: str) -> tuple[str, str]:
    """Give the 13 digits of a SGTIN's URI without its check digit, and the serial."""
    company, item, serial = uri.rpartition(":sgtin:")[2].split(".", 2)
    return item[0] + company + item[1:], serial


@pytest.mark.parametrize("vector", standard_vectors(*READ_SCHEMES))
def test_the_standards_items_are_read(vector: dict[str, str]) -> None:
    decoded = decode(bytes.fromhex(vector["hex"]))
    assert isinstance(decoded, Sgtin)
    assert vector["element_string"].startswith(f"(01){decoded.gtin}(21)")
    assert (decoded.gtin[:-1], decoded.serial) == key_of_uri(vector["tag_uri"].split(":3.")[1])


@pytest.mark.parametrize("vector", standard_vectors("SGTIN-96"))
def test_the_standards_sgtin96_are_written(vector: dict[str, str]) -> None:
    gtin, serial = vector["element_string"].removeprefix("(01)").split("(21)")
    filter_value, company, _ = vector["tag_uri"].rpartition(":")[2].split(".", 2)
    written = encode_sgtin96(gtin, int(serial), len(company), int(filter_value))
    assert written == bytes.fromhex(vector["hex"])


@pytest.mark.parametrize("vector", standard_vectors("SGTIN+", "DSGTIN+", "SGTIN++", "DSGTIN++"))
def test_items_of_the_newer_schemes_are_read(vector: dict[str, str]) -> None:
    decoded = decode(padded(vector["hex"]))
    assert isinstance(decoded, Sgtin)
    link = f"/01/{decoded.gtin}/21/{decoded.serial}"
    assert vector["digital_link"].partition("?")[0].endswith(link)


@pytest.mark.parametrize("hex_text", other_vectors())
def test_other_schemes_are_no_items(hex_text: str) -> None:
    assert decode(padded(hex_text)) == Stray(StrayReason.NOT_AN_ITEM)


@pytest.mark.parametrize("vector", intel_vectors("pass"))
def test_intels_items_are_read(vector: dict[str, str]) -> None:
    _, serial = key_of_uri(vector["uri_body"])
    assert decode(bytes.fromhex(vector["hex"])) == Sgtin(vector["gtin14"], serial)


@pytest.mark.parametrize("vector", intel_vectors("fail", "badRange"))
def test_intels_refusals_are_strays(vector: dict[str, str]) -> None:
    assert isinstance(decode(padded(vector["hex"])), Stray)


@pytest.mark.parametrize("case", nedap_items())
def test_nedaps_items_are_read(case: dict[str, str]) -> None:
    decoded = decode(padded(case["hex"]))
    assert isinstance(decoded, Sgtin)
    assert (decoded.gtin[:-1], decoded.serial) == key_of_uri(case["uri"])


@pytest.mark.parametrize("vector", wild_vectors(*WILD))
def test_what_readers_deliver_is_sorted_by_its_reason(vector: dict[str, str]) -> None:
    decoded = decode(bytes.fromhex(vector["hex"]))
    assert isinstance(decoded, Stray)
    assert decoded.reason in WILD[vector["expect"]]


@pytest.mark.parametrize("vector", wild_vectors("ok", "ok_after_clean"))
def test_one_item_has_one_key_however_it_is_written(vector: dict[str, str]) -> None:
    assert decode(bytes.fromhex(vector["hex"])) == Sgtin("80614141123458", "6789")


@pytest.mark.parametrize("vector", wild_vectors("ok"))
def test_what_says_that_it_is_isos_is_no_item_whatever_its_bits(vector: dict[str, str]) -> None:
    pc = 0x3100 | 0xA2  # six words; the toggle; an application family of ISO's
    assert decode(bytes.fromhex(vector["hex"]), pc) == Stray(StrayReason.ISO)


@pytest.mark.parametrize("vector", [v for v in load(WILD_FILE) if v["expect"] == "malformed"])
def test_what_is_no_whole_number_of_bytes_is_no_read(
    vector: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "trace.csv"
    path.write_text(f"timestamp,antenna,rssi,epc\n1,1,-50,{vector['hex']}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="column epc"):
        load_trace(path)


def test_the_headers_are_the_standards() -> None:
    tables = json.loads(shared_data("epc/tables.json").read_text())["headers"]
    named = {int(header, 16): name for header, name in tables.items()}
    assert named.keys() - HEADERS.keys() == {0x00, 0xE2}
    assert {header: scheme.name for header, scheme in HEADERS.items()}.items() <= named.items()


def test_a_scheme_is_as_long_as_its_name_says() -> None:
    told = {scheme.name: scheme.bits for scheme in HEADERS.values() if scheme.bits}
    assert told == {name: int(name.rpartition("-")[2]) for name in told}


def test_items_are_what_the_sgtin_schemes_name() -> None:
    items = {scheme.name for scheme in HEADERS.values() if scheme.names is Names.ITEM}
    assert items == {s.name for s in HEADERS.values() if "SGTIN" in s.name}


def test_the_partitions_are_the_standards() -> None:
    table = json.loads(shared_data("epc/tables.json").read_text())["partition"]["sgtin"]
    expected = [
        Partition(bits[0], digits[0], bits[1], digits[1])
        for bits, digits in zip(table["bits"], table["digits"], strict=True)
    ]
    assert list(SGTIN_PARTITIONS) == expected
