"""tagtally-edge count: what is shown, and what is said of files that cannot be used."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.cli import main
from edge.cli.count_files import product_gtin, read_expected
from edge.epc import check_digit
from edge.errors import InputError
from edge.wire_counts import CountOrder
from tests.support.counting import CountedStore
from tests.support.engine import GTIN, epc

CONFIG = """
store.id = "test-01"
mqtt = { host = "127.0.0.1", port = 1 }
storage.path = "store.db"
[[readers]]
name = "hand"
protocol = "tsl"
device = "/dev/ttyS9"
region = "eu"
handheld = true
antennas = [{ port = 1, zone = "floor" }]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "store.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


@pytest.fixture
def store(folder: Path) -> CountedStore:
    return CountedStore(folder / "store.db", floor=[1, 2, 3])


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["count", *arguments, "--config", str(folder / "store.toml")])


def counted(store: CountedStore, name: str = "q4") -> None:
    store.desk.open(CountOrder(zones=["floor"], id=name), "api")
    store.press(1, 2, 9)


def test_progress_says_how_far_it_is(folder: Path, store: CountedStore) -> None:
    counted(store)
    told = run(folder, "progress", "--once").output
    assert told == "q4 running: 3 found of 3 expected, 1 to go, 1 not expected\n"


def test_progress_ends_with_the_count(folder: Path, store: CountedStore) -> None:
    counted(store)
    store.desk.close("q4", "api")
    assert run(folder, "progress", "q4").output.startswith("q4 closed: 3 found")


def test_a_result_is_shown_by_sku_with_the_items_that_differ(
    folder: Path, store: CountedStore
) -> None:
    counted(store)
    store.desk.close("q4", "command")
    store.desk.approve("q4", "command")
    told = run(folder, "show").output.splitlines()
    assert told[0] == "count     q4, approved"
    assert told[2].endswith("by api, expecting what was there")
    assert told[4].endswith("by command: 1 arrived, 1 missing")
    assert told[5] == "items     3 expected, 3 found, 1 missing, 1 unexpected"
    assert told[6] == "accuracy  33.33% of units, 0.00% of SKUs"
    assert told[-1].split() == [GTIN, "3", "3", "1", "1", *["missing", "3;", "unexpected", "9"]]


def test_counts_are_listed_newest_first(folder: Path, store: CountedStore) -> None:
    assert run(folder, "list").output == "nothing was counted yet\n"
    counted(store, "first")
    store.desk.cancel("first", "api")
    counted(store, "second")
    told = [json.loads(line) for line in run(folder, "list", "--json").output.splitlines()]
    assert [(one["id"], one["state"]) for one in told] == [
        ("second", "running"),
        ("first", "cancelled"),
    ]


def test_status_tells_of_counts_that_wait(folder: Path, store: CountedStore) -> None:
    counted(store)
    config = ["--config", str(folder / "store.toml")]
    told = CliRunner().invoke(main, ["status", *config]).output
    assert "counts    1 running\n" in told
    store.desk.close("q4", "api")
    assert "counts    1 closed\n" in CliRunner().invoke(main, ["status", *config]).output


CANNOT: dict[str, tuple[tuple[str, ...], int, str]] = {
    "no such count": (("show", "q9"), 65, "there is no count q9"),
    "none runs": (("close",), 65, "no count is running"),
    "no agent": (("open", "--zone", "floor"), 69, "its agent does not run"),
    "no file": (("open", "--zone", "floor", "--expected", "x.csv"), 65, "x.csv: cannot be read"),
    "no zone": (("open",), 2, "Missing option '--zone'"),
}


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(("arguments", "code", "words"), CANNOT.values(), ids=CANNOT)
def test_what_cannot_be_done_is_one_line(
    folder: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    result = run(folder, *arguments)
    assert result.exit_code == code
    assert words in result.output


LISTS: dict[str, tuple[str, dict[str, object]]] = {
    "quantities": (f"gtin,quantity\n{GTIN},3\n", {"quantities": {GTIN: 3}}),
    "semicolons and a mark of order": (
        f"\ufeffgtin;quantity\n{GTIN};3\n",
        {"quantities": {GTIN: 3}},
    ),
    "a SKU twice": (f"gtin,quantity\n{GTIN},3\n{GTIN},2\n", {"quantities": {GTIN: 5}}),
    "a short GTIN": ("gtin,quantity\n96385074,1\n", {"quantities": {"00000096385074": 1}}),
    "EPCs": (f"epc\n{epc(1).hex()}\n", {"epcs": [epc(1).hex()]}),
}


@pytest.mark.parametrize(("text", "fields"), LISTS.values(), ids=LISTS)
def test_a_list_of_what_is_expected_is_read(
    tmp_path: Path, text: str, fields: dict[str, object]
) -> None:
    file = tmp_path / "list.csv"
    file.write_text(text, encoding="utf-8")
    assert read_expected(file) == fields


WRONG: dict[str, tuple[bytes, str]] = {
    "no columns": (b"sku,number\n1,2\n", "expected the columns gtin and quantity, or epc"),
    "empty": (b"", "expected the columns"),
    "a wrong check digit": (b"gtin,quantity\n96385075,1\n", "line 2: GTIN 96385075: the check"),
    "no number": (b"gtin,quantity\n96385074,many\n", "line 2: quantity 'many' is not a whole"),
    "a line too short": (b"gtin,quantity\n96385074\n", "line 2: quantity ''"),
    "not UTF-8": (b"gtin,quantity\n\xff,1\n", "not UTF-8 at byte 14"),
}


@pytest.mark.parametrize(("data", "words"), WRONG.values(), ids=WRONG)
def test_a_list_that_cannot_be_used_is_refused_by_its_lines(
    tmp_path: Path, data: bytes, words: str
) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(data)
    with pytest.raises(InputError, match=words):
        read_expected(file)


def test_a_product_without_a_gtin_has_one_of_its_own() -> None:
    made = product_gtin("167CB110760D8E0F")
    assert (made[:2], len(made), check_digit(made[:13])) == ("02", 14, made[13])
    assert made == product_gtin("167CB110760D8E0F") != product_gtin("84DA5982FB594BA3")
    assert product_gtin("96385074") == "00000096385074"


def test_a_stocktake_with_its_own_epcs_is_imported(folder: Path) -> None:
    file = folder / "reads.csv"
    lines = [f"q1,{epc(serial).hex()}" for serial in (1, 2, 2)]
    file.write_text("\n".join(["InventoryId,epc", *lines]), encoding="utf-8")
    expected = folder / "expected.csv"
    expected.write_text(f"epc\n{epc(2).hex()}\n{epc(7).hex()}\n", encoding="utf-8")
    told = run(folder, "import", str(file), "--zone", "floor", "--expected", str(expected))
    assert told.output == (
        "import-q1: 2 expected, 2 found, 1 missing, 1 unexpected, accuracy 0.00%\n"
    )
    shown = json.loads(run(folder, "show", "import-q1", "--json").output)
    [line] = shown["lines"]
    assert (line["missing_serials"], line["unexpected_serials"]) == (["7"], ["1"])


def test_a_stocktake_of_a_zone_that_is_not_there_is_refused(folder: Path) -> None:
    file = folder / "reads.csv"
    file.write_text(f"InventoryId,epc\nq1,{epc(1).hex()}\n", encoding="utf-8")
    result = run(folder, "import", str(file), "--zone", "attic")
    assert (result.exit_code, "expected one of floor, got attic" in result.output) == (65, True)


def test_a_stocktake_that_cannot_be_read_is_refused_whole(folder: Path) -> None:
    file = folder / "reads.csv"
    file.write_text("InventoryId,epc\nq1,e280\nq1,xyz\n", encoding="utf-8")
    result = run(folder, "import", str(file), "--zone", "floor")
    assert result.exit_code == 65
    assert "2 lines cannot be used" in result.output
    assert "line 2: EPC e280 is no item" in result.output
