"""Stocktakes of three real stores, imported as count sessions (Wölbitsch et al., IOTSMS 2019).

The sample has every item that was read, and of what was expected only how many there were.  So:

* found is reproduced, once each row counts as an item: the sample leaves out the company prefix,
  without which 225 rows look like ones before them;
* missing and unexpected cannot be, as nobody knows which items were expected.  But with any list
  that has the published totals they are those that were published, and so is the accuracy.
"""

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.cli.count_files import product_gtin
from tests.support.shared import shared_data

pytestmark = pytest.mark.shared_data

_EDGE = Path(sys.executable).with_name("tagtally-edge")
_CONFIG = """\
[store]
id = "test-01"
[[readers]]
name = "hand"
protocol = "tsl"
device = "/dev/ttyS9"
region = "eu"
antennas = [{ port = 1, zone = "floor" }]
handheld = true
[mqtt]
host = "127.0.0.1"
[storage]
path = "store.db"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "store.toml"
    path.write_text(_CONFIG, encoding="utf-8")
    return path


def published() -> dict[str, dict[str, float]]:
    with shared_data("stocktake/sample_stocktakes.csv").open(encoding="utf-8-sig") as file:
        names = ("Expected", "Unexpected", "Missing", "Actual", "Accuracy")
        return {
            row["InventoryId"]: {name: float(row[name]) for name in names}
            for row in csv.DictReader(file, delimiter=";")
        }


def read_rows() -> Iterator[dict[str, str]]:
    with shared_data("stocktake/sample_read_events.csv").open(encoding="utf-8-sig") as file:
        yield from csv.DictReader(file, delimiter=";")


def edge(config: Path, *arguments: str) -> list[dict[str, Any]]:
    command = [str(_EDGE), *arguments, "--config", str(config), "--json"]
    told = subprocess.run(command, capture_output=True, check=True, text=True, timeout=60).stdout
    return [json.loads(line) for line in told.splitlines()]


def take_in(config: Path, *arguments: str) -> dict[str, dict[str, Any]]:
    files = [
        str(shared_data("stocktake/sample_read_events.csv")),
        "--stocktakes",
        str(shared_data("stocktake/sample_stocktakes.csv")),
    ]
    told = edge(config, "count", "import", *files, "--zone", "floor", *arguments)
    return {row["count"]["id"].removeprefix("import-"): row for row in told}


def test_every_item_that_was_read_is_found(config: Path) -> None:
    told = take_in(config, "--rows-are-items")
    found = {name: row["count"]["found"] for name, row in told.items()}
    assert found == {name: totals["Actual"] for name, totals in published().items()}
    assert sum(found.values()) == 22_659


def test_without_the_company_prefix_225_items_look_like_others(config: Path) -> None:
    told = take_in(config)
    found = {name: row["count"]["found"] for name, row in told.items()}
    assert found == {"110347": 6651 - 74, "108366": 10_472 - 136, "110105": 5536 - 15}
    assert told["110347"]["verdicts"]["found"] == "6577 here, 6651 published"


def test_what_the_sample_cannot_say_is_told(config: Path) -> None:
    for row in take_in(config, "--rows-are-items").values():
        assert row["verdicts"] == {
            "found": "as published",
            "missing, unexpected": "not in the file: which items were expected",
            "accuracy": "as published, of the published totals",
        }


def test_any_list_with_the_published_totals_gives_the_published_figures(
    config: Path, tmp_path: Path
) -> None:
    """Leave out as many of the found items as were unexpected, and add what was missing."""
    totals = published()
    left_out = {name: int(one["Unexpected"]) for name, one in totals.items()}
    lines = ["InventoryId,gtin,quantity"]
    for row in read_rows():
        name = row["InventoryId"]
        if left_out[name]:
            left_out[name] -= 1
        else:
            lines.append(f"{name},{product_gtin(row['Product'])},1")
    never_seen = product_gtin("a product of which nothing was found")
    lines += [f"{name},{never_seen},{int(one['Missing'])}" for name, one in totals.items()]
    file = tmp_path / "expected.csv"
    file.write_text("\n".join(lines), encoding="utf-8")

    told = take_in(config, "--rows-are-items", "--expected", str(file))
    for name, one in totals.items():
        count = told[name]["count"]
        assert count["found"] == one["Actual"]
        assert count["missing"] == one["Missing"]
        assert count["unexpected"] == one["Unexpected"]
        assert count["expected"] == one["Expected"] + one["Missing"]
        assert round(count["unit_accuracy"], 4) == one["Accuracy"]


def test_an_imported_stocktake_waits_for_approval_and_is_there_once(config: Path) -> None:
    take_in(config, "--rows-are-items")
    assert {row["state"] for row in edge(config, "count", "list")} == {"closed"}
    with pytest.raises(subprocess.CalledProcessError) as failed:
        take_in(config)
    assert "is there already" in failed.value.stderr
