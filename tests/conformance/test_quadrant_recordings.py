"""The commands over real recordings: calibrated on one half of each, analysed on the others.

One tag was carried about in one quarter of a square after another; antenna n stands at the corner
of quarter n.
"""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.cli import main
from edge.model import TagRead
from tests.benchmarks.inventory.quadrants import QUARTERS, one_after_another, played, recorded
from tests.support.shared import shared_data

pytestmark = pytest.mark.shared_data

CONFIG = """
[store]
id = "square-1"
[[readers]]
name = "ceiling"
protocol = "llrp"
host = "192.168.0.219"
antennas = [
  { port = 1, zone = "1" }, { port = 2, zone = "2" },
  { port = 3, zone = "3" }, { port = 4, zone = "4" },
]
[mqtt]
host = "broker.example.org"
"""


def write(path: Path, reads: list[TagRead]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["timestamp", "antenna", "rssi", "epc"])
        for read in reads:
            level = round(read.rssi_dbm)
            writer.writerow([read.at_us / 1e6, read.antenna_port, level, f"b'{read.epc.hex()}'"])
    return path


def call(*arguments: object) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("family", ["quad", "quadz"])
def test_the_commands_find_what_the_engine_finds(family: str, tmp_path: Path) -> None:
    config = tmp_path / "store.toml"
    config.write_text(CONFIG, encoding="utf-8")
    traces, rest = [], []
    for quarter in QUARTERS:
        reads = recorded(shared_data(f"reads/{family}{quarter}_train.csv"))
        middle_us = (reads[0].at_us + reads[-1].at_us) // 2
        early = [read for read in reads if read.at_us < middle_us]
        rest.append((quarter, [read for read in reads if read.at_us >= middle_us]))
        traces.append(f"--trace={quarter}={write(tmp_path / f'{quarter}.csv', early)}")
    joined, truth = one_after_another(rest)
    trace, weights = write(tmp_path / "joined.csv", joined), tmp_path / "weights.json"
    call("calibrate", "--config", config, *traces, "--out", weights)
    options = ["--calibration", weights, "--every", 1]
    lines = call("analyse", trace, "--config", config, *options).splitlines()
    found = [json.loads(line) for line in lines]
    begin_s = joined[0].at_us / 1e6
    places = {
        round(row["time"] - begin_s): row["zone"]
        for row in found
        if row["type"] == "zone" and row["epc"] == joined[0].epc.hex()
    }
    right = sum(places.get(second) == quarter for second, quarter in enumerate(truth))
    moves = sum(row["type"] == "moved" for row in found)
    share, moved = played(shared_data("reads"), family, learn_first=True)
    assert moves == moved
    assert 100 * right / len(truth) == pytest.approx(share, abs=0.5)
