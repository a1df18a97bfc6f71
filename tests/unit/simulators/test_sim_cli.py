"""The command line of `tagtally-sim`: help, and mistakes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.errors import ConfigError
from simulators.cli import main
from simulators.scenario import load_scenario
from simulators.truth import TruthFile

GOOD_ROW = "timestamp,antenna,rssi,epc\n1,1,-50,e280\n"


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize("command", [["run"], ["replay"], []])
def test_help_fits_a_terminal_and_names_every_option(command: list[str]) -> None:
    result = call(*command, "--help")
    assert result.exit_code == 0
    assert max(map(len, result.output.splitlines())) <= 80
    for option in {"run": ["--seed", "--duration", "--truth"], "replay": ["--speed", "--keep"]}.get(
        "".join(command), []
    ):
        assert option in result.output


def test_the_version_is_told() -> None:
    assert call("--version").output.startswith("tagtally-sim, version ")


def test_every_mistake_of_a_file_is_one_line_with_the_programs_name(tmp_path: Path) -> None:
    path = tmp_path / "trace.csv"
    path.write_text(GOOD_ROW + "x,1,-50,e280\n1,1,-50,e2\n1,0,-50,e280\n", encoding="utf-8")
    result = call("replay", str(path), "--port", "0")
    assert result.exit_code == 2
    assert result.stdout == ""  # nothing was served
    assert [line.split(": ")[:4] for line in result.stderr.splitlines()] == [
        ["tagtally-sim", str(path), "line 3", "column timestamp"],
        ["tagtally-sim", str(path), "line 5", "column antenna"],
    ]


WRONG = {
    "an unknown scenario": (["run", "nosuch"], "tagtally-sim: nosuch: no such file"),
    "a trace that is not there": (["replay", "nosuch.csv"], "tagtally-sim: nosuch.csv: cannot"),
    "a port beyond all": (["run", "--port", "70000"], "70000 is not in the range"),
    "a speed of 0": (["replay", "x.csv", "--speed", "0"], "0.0 is not in the range"),
    "a negative duration": (["run", "--duration", "-1"], "-1.0 is not in the range"),
    "no trace": (["replay"], "Missing argument 'FILE.csv'"),
}


@pytest.mark.parametrize(("arguments", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_ends_with_2_and_says_why(arguments: list[str], said: str) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_truth_file_that_cannot_be_written_ends_it_at_once(tmp_path: Path) -> None:
    result = call("run", "--port", "0", "--truth", str(tmp_path / "nosuch" / "truth.json"))
    assert result.exit_code == 2
    assert "cannot be written: No such file or directory" in result.stderr


def test_the_truth_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "truth.json"
    world = load_scenario("demo").world(seed=1)
    truth = TruthFile(path)
    presents = []
    for elapsed_s in (0, 10):
        world.advance(elapsed_s)
        truth.write(world, quiet=False)
        presents.append(json.loads(path.read_text(encoding="utf-8"))["present"])
    assert presents == [260, world.present]
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_in_place_of_the_truth_file_is_told(tmp_path: Path) -> None:
    world = load_scenario("demo").world(seed=1)
    (tmp_path / "truth.json").mkdir()
    with pytest.raises(ConfigError, match="cannot be written"):
        TruthFile(tmp_path / "truth.json").write(world, quiet=True)
    assert [path.name for path in tmp_path.iterdir()] == ["truth.json"]
