"""tagtally-cloud's commands: what they print, and their exit codes."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cloud.cli import main
from cloud.documents import paths, records, shapes
from cloud.documents.embedded import EmbeddedDocuments
from cloud.documents.interface import Put
from edge.epc import check_digit
from edge.model import StockRow
from edge.wire import DeadRow

GTIN = "09506001343524"  # GS1's own example
OTHER = "04012345678901"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "cloud.toml"
    file.write_text('[documents]\nkind = "embedded"\npath = "documents.db"\n')
    return file


@pytest.fixture
def documents(config: Path) -> Iterator[EmbeddedDocuments]:
    opened = EmbeddedDocuments(config.parent / "documents.db")
    yield opened
    opened.close()


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def put(gtin: str, zones: dict[str, int], missing: int = 0) -> Put:
    row = StockRow(gtin, 1, zones, missing)
    return shapes.put_stock("muc-01", row, term=1, changed_at_us=5)


# ---------------------------------------------------------------- configuration


def test_the_version_is_told() -> None:
    result = run("--version")
    assert (result.exit_code, result.output.split()[0]) == (0, "tagtally-cloud,")


def test_a_configuration_in_order_is_told_with_where_the_documents_live(config: Path) -> None:
    result = run("check-config", config)
    assert result.exit_code == 0
    assert (
        result.output == f"{config}: in order; embedded documents, {config.parent}/documents.db\n"
    )


WRONG = {
    "no file": (None, 2, "cloud.toml: cannot be read"),
    "a mistake": ('[documents]\nkind = "embeded"\n', 2, "documents.kind: expected one of"),
}


@pytest.mark.parametrize("command", ["check-config", "serve", "stock"])
@pytest.mark.parametrize(("text", "code", "told"), WRONG.values(), ids=WRONG)
def test_a_wrong_configuration_is_told_without_a_trace(
    tmp_path: Path, command: str, text: str | None, code: int, told: str
) -> None:
    file = tmp_path / "cloud.toml"
    if text is not None:
        file.write_text(text)
    options: dict[str, list[str | Path]] = {
        "check-config": [file],
        "serve": ["--config", file],
        "stock": ["--store", "muc-01", "--config", file],
    }
    result = run(command, *options[command])
    assert result.exit_code == code
    assert result.stderr.startswith("tagtally-cloud: ")
    assert told in result.stderr
    assert "Traceback" not in result.stderr


def test_a_bridge_without_a_broker_is_a_mistake_of_configuration(config: Path) -> None:
    result = run("bridge", "--config", config)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("tagtally-cloud: mqtt: missing")


def test_documents_out_of_reach_are_told_with_a_code_that_says_try_again(tmp_path: Path) -> None:
    file = tmp_path / "cloud.toml"
    file.write_text('[documents]\nkind = "embedded"\npath = "none/documents.db"\n')
    result = run("stock", "--store", "muc-01", "--config", file)
    assert result.exit_code == 69
    assert "unable to open" in result.stderr


# ---------------------------------------------------------------- stock


def test_the_stock_is_listed_by_gtin(config: Path, documents: EmbeddedDocuments) -> None:
    documents.commit([put(GTIN, {"floor": 2, "back": 1}, missing=4), put(OTHER, {"floor": 0})])
    result = run("stock", "--store", "muc-01", "--config", config)
    assert result.output.splitlines() == [
        f"{OTHER}  present 0  floor 0",
        f"{GTIN}  present 3  back 1  floor 2  missing 4",
    ]


def test_the_stock_is_an_object_a_line_for_programs(
    config: Path, documents: EmbeddedDocuments
) -> None:
    documents.commit([put(GTIN, {"floor": 2, "back": 1}, missing=4)])
    result = run("stock", "--store", "muc-01", "--json", "--config", config)
    [line] = [json.loads(line) for line in result.output.splitlines()]
    expected = {"gtin": GTIN, "zones": {"floor": 2, "back": 1}, "present": 3, "missing": 4}
    assert expected.items() <= line.items()


def test_a_store_without_stock_has_no_lines(config: Path) -> None:
    result = run("stock", "--store", "muc-01", "--config", config)
    assert (result.exit_code, result.output) == (0, "")


def test_a_store_id_that_can_be_none_is_refused(config: Path) -> None:
    result = run("stock", "--store", "Munich/1", "--config", config)
    assert result.exit_code != 0
    assert "store id 'Munich/1'" in result.stderr


# ---------------------------------------------------------------- products


def provision(config: Path, text: str | bytes) -> Result:
    file = config.parent / "products.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return run("provision", "products", file, "--config", config)


def names(documents: EmbeddedDocuments, *gtins: str) -> list[str | None]:
    found = [documents.get(paths.product(gtin)) for gtin in gtins]
    return [shapes.product(document).name if document else None for document in found]


GOOD = {
    "GTIN-14": "gtin,name\n09506001343524,Hemd\n",
    "EAN-13, as on the label": "gtin,name\n9506001343524,Hemd\n",
    "more columns, in another order": "price,name,gtin\n1.00,Hemd,9506001343524\n",
    "as a spreadsheet saves it": "\ufeffgtin,name\r\n9506001343524,Hemd\r\n\r\n",
    "blanks around": "gtin,name\n 9506001343524 , Hemd \n",
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_products_get_their_names(config: Path, documents: EmbeddedDocuments, text: str) -> None:
    result = provision(config, text)
    assert (result.exit_code, result.output) == (0, "1 products written\n")
    assert names(documents, GTIN) == ["Hemd"]


def test_more_products_than_one_commit_holds_are_all_written(
    config: Path, documents: EmbeddedDocuments
) -> None:
    heads = [f"{n:013d}" for n in range(1, 1002)]
    gtins = [head + check_digit(head) for head in heads]
    result = provision(config, "gtin,name\n" + "".join(f"{gtin},n {gtin}\n" for gtin in gtins))
    assert result.output == "1001 products written\n"
    assert names(documents, gtins[0], gtins[-1]) == [f"n {gtins[0]}", f"n {gtins[-1]}"]


HEAD = f"gtin,name\n{OTHER},Hose\n"  # what is well before the mistake is not written either
BAD: dict[str, tuple[str | bytes, str]] = {
    "no such column": ("ean,name\n9506001343524,Hemd\n", "names no column gtin"),
    "an empty file": ("", "names no column gtin, name"),
    "a wrong check digit": (f"{HEAD}9506001343525,Hemd\n", "line 3: gtin: the check digit"),
    "letters": (f"{HEAD}abc,Hemd\n", "line 3: gtin: expected 8, 12, 13 or 14 digits"),
    "as a spreadsheet ruins it": (f"{HEAD}9.50600E+12,Hemd\n", "line 3: gtin: expected"),
    "no name": (f"{HEAD}9506001343524,\n", "line 3: name: expected 1 to 200"),
    "a line that is too short": (f"{HEAD}9506001343524\n", "line 3: name: expected 1 to 200"),
    "twice": (f"{HEAD}0{OTHER[1:]},B\n", f"line 3: gtin: {OTHER} stands above already"),
    "no text": (HEAD.encode() + b"\xff\xfe\n", "cannot be read"),
    "an open quotation": (f'{HEAD}9506001343524,"Hemd\n', "cannot be read"),
}


@pytest.mark.parametrize(("text", "told"), BAD.values(), ids=BAD)
def test_a_list_with_a_mistake_is_told_and_nothing_of_it_is_written(
    config: Path, documents: EmbeddedDocuments, text: str | bytes, told: str
) -> None:
    result = provision(config, text)
    assert result.exit_code == 2
    assert told in result.stderr
    assert names(documents, OTHER, GTIN) == [None, None]


def test_of_a_hundred_mistakes_the_first_are_told_and_the_others_counted(config: Path) -> None:
    result = provision(config, "gtin,name\n" + "x,y\n" * 100)
    assert len(result.stderr.splitlines()) == 1 + 20 + 1
    assert result.stderr.splitlines()[-1] == "  and 80 more"


# ---------------------------------------------------------------- dead letters, commands


def test_dead_letters_are_listed_oldest_first_with_why(
    config: Path, documents: EmbeddedDocuments
) -> None:
    row = DeadRow(GTIN, 7, "too large")
    documents.commit(
        [
            records.put_dead_row("muc-01", 3, row, at_us=2_100_000_000_000_000),
            records.put_dead_message("ham-01", b"noise", "no JSON", at_us=2_000_000_000_000_000),
        ]
    )
    assert run("deadletters", "--config", config).output.splitlines() == [
        "2033-05-18T03:33:20Z  ham-01  5 bytes  no JSON",
        f"2036-07-18T13:20:00Z  muc-01  GTIN {GTIN} ver 7  too large",
    ]
    [letter] = map(
        json.loads,
        run("deadletters", "--store", "ham-01", "--json", "--config", config).output.splitlines(),
    )
    assert base64.b64decode(letter["message"]) == b"noise"


def test_a_takeover_needs_to_know_by_whom(config: Path) -> None:
    config.write_text(config.read_text() + '[mqtt]\nhost = "127.0.0.1"\n')
    result = run("command", "muc-01", "takeover", "--config", config)
    assert result.exit_code == 2
    assert "--device" in result.output


def test_a_command_needs_a_broker(config: Path) -> None:
    result = run("command", "muc-01", "digest", "--config", config)
    assert (result.exit_code, result.output.split(":")[1]) == (2, " mqtt")


def test_a_command_that_nobody_hears_is_told_so(config: Path) -> None:
    config.write_text(config.read_text() + '[mqtt]\nhost = "127.0.0.1"\nport = 1\n')
    result = run("command", "muc-01", "digest", "--timeout", "0.2", "--config", config)
    assert result.exit_code == 69
    assert "muc-01: no agent has heard the command within 0.2 s" in result.output
