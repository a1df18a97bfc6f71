"""tagtally-edge calibrate and analyse over recorded traces."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.cli import main
from edge.model import TagRead
from edge.tuning import load_weights
from tests.support.engine import START_S, at, epc

CONFIG = """
[store]
id = "muc-01"
[[readers]]
name = "r420"
protocol = "llrp"
host = "10.0.4.21"
antennas = [{ port = 1, zone = "left" }, { port = 2, zone = "right" }, { port = 3, zone = "door" }]
[[zones]]
name = "door"
kind = "exit"
[mqtt]
host = "broker.example.org"
"""
ITEM, TEST_TAG = epc(1), bytes.fromhex("aa112233445566778899aabb")
# The second antenna is deaf by 12 dB: what it hears as well as the first is in its own zone.
LEVELS = {"left": (-50.0, -72.0), "right": (-60.0, -62.0)}


def reads_in(zone: str, tag: bytes = ITEM, start: int = 0, seconds: int = 120) -> list[TagRead]:
    return [
        TagRead(tag, port, level + (second * 7 + port) % 5 - 2, at(start + second))
        for second in range(seconds)
        for port, level in enumerate(LEVELS[zone], 1)
    ]


def write(path: Path, reads: Iterable[TagRead], reader: str | None = "10.0.4.21:5084") -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["timestamp", *(["reader"] if reader else []), "antenna", "rssi", "epc"])
        for read in reads:
            who = [reader] if reader else []
            level = round(read.rssi_dbm, 1)
            writer.writerow(
                [f"{read.at_us / 1e6:.6f}", *who, read.antenna_port, level, f"b'{read.epc.hex()}'"]
            )
    return path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "store.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def calibrated(config: Path, *more: object, tag: bytes = ITEM) -> Result:
    traces = [
        part
        for zone in LEVELS
        for part in (
            "--trace",
            f"{zone}={write(config.with_name(f'{zone}.csv'), reads_in(zone, tag))}",
        )
    ]
    out = config.with_name("weights.json")
    return call("calibrate", "--config", config, *traces, "--out", out, *more)


def rows(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def last_zone(config: Path, reads: list[TagRead], *more: object) -> object:
    trace = write(config.with_name("trace.csv"), reads)
    found = rows(call("analyse", trace, "--config", config, "--every", 1, *more))
    return [row["zone"] for row in found if row["type"] == "zone"][-1]


def test_a_store_is_calibrated_from_traces_and_analysed_by_that(config: Path) -> None:
    result = calibrated(config)
    assert result.exit_code == 0, result.stderr
    reads = reads_in("right", start=1000)
    assert last_zone(config, reads) == "left"  # the shipped model knows of no deaf antennas
    assert last_zone(config, reads, "--calibration", config.with_name("weights.json")) == "right"


def test_the_configuration_may_name_the_weights(config: Path) -> None:
    calibrated(config)
    config.write_text(f'{CONFIG}[presence]\ncalibration = "weights.json"\n', encoding="utf-8")
    assert last_zone(config, reads_in("right")) == "right"


def test_calibrate_tells_how_well_pairs_are_told_apart(config: Path) -> None:
    shown = calibrated(config).stdout.splitlines()
    assert shown[0].endswith("of the epochs of 2 s that were not fitted are in the right zone")
    assert shown[2].startswith("ZONES ")
    assert shown[3].startswith("left, right ")
    assert "[presence] calibration = " in shown[-1]


def test_pairs_that_look_alike_come_with_the_antennas_that_confuse_them(config: Path) -> None:
    same = write(config.with_name("same.csv"), reads_in("right"))
    shown = call(
        "calibrate", "--config", config, "--trace", f"left={same}", "--trace", f"right={same}"
    ).stdout
    assert "r420:1" in shown
    assert "r420:2" in shown
    assert "nothing is written without --out" in shown


def test_the_weights_do_not_depend_on_the_order_of_the_rows(config: Path) -> None:
    calibrated(config)
    out, turned = config.with_name("weights.json"), config.with_name("turned.json")
    traces = [
        f"--trace={zone}={write(config.with_name(f'{zone}-turned.csv'), reads_in(zone)[::-1])}"
        for zone in LEVELS
    ]
    call("calibrate", "--config", config, *traces, "--out", turned)
    assert load_weights(turned) == load_weights(out)


def test_zones_may_be_named_in_capitals(config: Path) -> None:
    left = write(config.with_name("left.csv"), reads_in("left"))
    right = write(config.with_name("right.csv"), reads_in("right"))
    traces = [f"--trace=LEFT={left}", f"--trace=Right={right}"]
    assert call("calibrate", "--config", config, *traces).exit_code == 0


def test_a_zone_may_have_several_traces(config: Path) -> None:
    more = write(config.with_name("more.csv"), reads_in("left", start=500))
    assert calibrated(config, "--trace", f"left={more}").exit_code == 0


def test_test_tags_without_a_gtin_calibrate_as_well(config: Path) -> None:
    assert calibrated(config, tag=TEST_TAG).exit_code == 0


def test_events_and_seconds_are_json_lines_in_the_words_of_the_engine(config: Path) -> None:
    trace = write(config.with_name("t.csv"), reads_in("left", seconds=4))
    found = rows(call("analyse", trace, "--config", config, "--every", 1))
    common = {
        "epc": ITEM.hex(), "gtin": "80614141123458", "serial": "1", "zone": "left"
    }  # fmt: skip
    arrived = {"time": START_S + 2, **common, "type": "arrived", "from_zone": None}
    assert [row for row in found if row["type"] == "arrived"] == [arrived]
    seconds = [row for row in found if row["type"] == "zone"]
    assert [row["time"] for row in seconds] == [START_S + second for second in (1, 2, 3)]
    assert seconds[0] == {"time": START_S + 1, **common, "type": "zone"}


def test_without_every_there_are_events_alone(config: Path) -> None:
    trace = write(config.with_name("t.csv"), reads_in("left"))
    assert {row["type"] for row in rows(call("analyse", trace, "--config", config))} == {"arrived"}


def test_tags_that_are_no_items_are_told_of_with_the_way_to_follow_them(config: Path) -> None:
    trace = write(config.with_name("t.csv"), reads_in("left", TEST_TAG))
    result = call("analyse", trace, "--config", config, "--every", 1)
    assert rows(result) == []
    assert "1 tag is no item and not followed (1 unknown_header); --track-strays" in result.stderr


@pytest.mark.parametrize("way", ["option", "key"])
def test_tags_that_are_no_items_are_followed_by_their_epcs(config: Path, way: str) -> None:
    options = {"option": ["--track-strays"], "key": []}
    keys = {"option": "", "key": "[presence]\ntrack_strays = true\n"}
    config.write_text(CONFIG + keys[way], encoding="utf-8")
    trace = write(config.with_name("t.csv"), reads_in("left", TEST_TAG, seconds=10))
    result = call("analyse", trace, "--config", config, "--every", 1, *options[way])
    found = rows(result)
    assert {(row["epc"], row["gtin"], row["serial"]) for row in found} == {
        (TEST_TAG.hex(), None, None)
    }
    assert "no item" not in result.stderr


def test_an_uncalibrated_store_says_so(config: Path) -> None:
    trace = write(config.with_name("t.csv"), reads_in("left"))
    assert "uncalibrated" in call("analyse", trace, "--config", config).stderr


READERS = {
    "by its address": ("10.0.4.21:5084", ""),
    "by its host": ("10.0.4.21", ""),
    "by its name": ("r420", ""),
    "not at all": (None, ""),
    "by what only the trace knows": ("192.168.0.219:5084", "is taken for r420, the only one"),
}


@pytest.mark.parametrize(("reader", "said"), READERS.values(), ids=READERS)
def test_a_trace_may_call_its_reader(config: Path, reader: str | None, said: str) -> None:
    trace = write(config.with_name("t.csv"), reads_in("left"), reader)
    result = call("analyse", trace, "--config", config)
    assert [row["type"] for row in rows(result)] == ["arrived"]
    assert said in result.stderr


SECOND = """[[readers]]
name = "dock-1"
protocol = "llrp"
host = "10.0.4.22"
antennas = [{ port = 1, zone = "dock" }]
"""


def test_with_several_readers_a_trace_must_say_which_it_was(config: Path) -> None:
    config.write_text(CONFIG.replace("[[zones]]", f"{SECOND}[[zones]]"), encoding="utf-8")
    trace = write(config.with_name("t.csv"), reads_in("left"), None)
    refused = call("analyse", trace, "--config", config)
    assert refused.exit_code == 2
    assert "expected the name or host of one of r420, dock-1, or --reader NAME" in refused.stderr
    assert rows(call("analyse", trace, "--config", config, "--reader", "r420"))


def test_reads_of_an_antenna_that_covers_no_zone_are_told(config: Path) -> None:
    reads = [*reads_in("left"), TagRead(ITEM, 7, -40.0, at(5))]
    result = call("analyse", write(config.with_name("t.csv"), reads), "--config", config)
    assert "1 reads by r420:7, which covers no zone, are left out" in result.stderr


REFUSED = {
    "a zone that is not there": (
        ["--trace", "lobby=left.csv"],
        "--trace lobby=: expected one of door, left, right, got lobby",
    ),
    "one zone": (["--trace", "left=left.csv"], "expected two zones or more of door, left, right"),
    "no zone": (["--trace", "left.csv"], "expected ZONE=FILE"),
    "a tag in other words": (["--epc", "urn:epc"], "expected bytes in hex"),
    "a file that is not there": (
        ["--trace", "left=left.csv", "--trace", "right=none.csv"],
        "none.csv: cannot be read: No such file",
    ),
    "too little": (
        ["--trace", "left=left.csv", "--trace", "right=short.csv"],
        "zone right: tags were read in 4 s, needed are 16 s at least",
    ),
    "a tag that was not read": (
        ["--trace", "left=left.csv", "--trace", "right=left.csv", "--epc", "3034"],
        "left.csv: none of the tags of --epc was read",
    ),
    "a folder that is not there": (
        ["--trace", "left=left.csv", "--trace", "right=left.csv", "--out", "no/w.json"],
        "--out no/w.json: there is no folder",
    ),
}


@pytest.mark.parametrize(("options", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_calibrated_is_told(
    config: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    monkeypatch.chdir(config.parent)
    write(config.with_name("left.csv"), reads_in("left"))
    write(config.with_name("short.csv"), reads_in("right", seconds=4))
    result = call("calibrate", "--config", config, *options)
    assert result.exit_code == 2
    assert said in result.stderr


def test_an_exit_is_not_fitted_and_that_is_told(config: Path) -> None:
    door = write(config.with_name("door.csv"), reads_in("left"))
    result = calibrated(config, "--trace", f"door={door}")
    assert "door is left out" in result.stderr
    assert "door" not in load_weights(config.with_name("weights.json")).zones


def test_only_the_tags_that_were_carried_are_learned_from(config: Path) -> None:
    plain = calibrated(config)
    weights = load_weights(config.with_name("weights.json"))
    for zone in LEVELS:
        lying = reads_in("left", epc(9))
        write(config.with_name(f"{zone}-2.csv"), [*reads_in(zone), *lying])
    traces = [f"--trace={zone}={config.with_name(f'{zone}-2.csv')}" for zone in LEVELS]
    out = config.with_name("weights.json")
    result = call("calibrate", "--config", config, *traces, "--epc", ITEM.hex(), "--out", out)
    assert (plain.exit_code, result.exit_code) == (0, 0)
    assert load_weights(out) == weights


WRONG_WEIGHTS = {
    "no JSON": ("[", "not what `tagtally-edge calibrate` writes"),
    "another thing": ('{"share": 1}', "not what `tagtally-edge calibrate` writes"),
    "of a later program": (
        '{"share":1,"memory_reads":1,"memory_s":1,"version":9}',
        "version 9, expected 1",
    ),
}


@pytest.mark.parametrize(("text", "said"), WRONG_WEIGHTS.values(), ids=WRONG_WEIGHTS)
def test_weights_that_are_none_are_told(config: Path, text: str, said: str) -> None:
    path = config.with_name("w.json")
    path.write_text(text, encoding="utf-8")
    trace = write(config.with_name("t.csv"), reads_in("left"))
    result = call("analyse", trace, "--config", config, "--calibration", path)
    assert result.exit_code == 2
    assert f"{path}: {said}" in result.stderr
