"""Scenario files: the one that comes with the program, and every way to get one wrong."""

import re
from pathlib import Path

import pytest

from edge.epc import check_digit
from edge.errors import ConfigError
from simulators.scenario import load_scenario, scenario_names
from simulators.world import OUTSIDE

GOOD = """
zones = [{ name = "floor" }, { name = "back" }]
products = [{ gtin = "09506000100104", name = "T-shirt" }]
flows = [{ from = "outside", to = "floor", items = 3 }]

[[readers]]
name = "r-1"
reads_per_s = 100
antennas = [{ port = 1, zone = "floor" }, { port = 2, zone = "back" }]
"""


def test_the_demo_has_300_items_of_40_products_that_never_rest() -> None:
    scenario = load_scenario("demo")
    assert len(scenario.products) == 40
    assert {antenna.port: antenna.zone for antenna in scenario.reader.antennas} == {
        1: "floor",
        2: "back",
    }
    world = scenario.world(seed=1)
    world.advance(0)
    moves_by_s = [len(world.advance(second)) for second in range(1, 121)]
    assert 270 <= world.present <= 330
    assert all(sum(moves_by_s[start : start + 5]) >= 3 for start in range(5, 115))


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_has_gtins_with_their_check_digits(name: str) -> None:
    for product in load_scenario(name).products:
        assert product.gtin[-1] == check_digit(product.gtin[:-1])
        assert len(product.gtin) == 14


def test_a_file_is_read_as_it_says(tmp_path: Path) -> None:
    scenario = load_scenario(str(write(tmp_path, GOOD)))
    assert scenario.zones == ("floor", "back")
    assert scenario.reader.reads_per_s == 100
    (flow,) = scenario.flows
    assert (flow.from_zone, flow.to_zone, flow.items) == (OUTSIDE, "floor", 3)


def write(folder: Path, text: str) -> Path:
    path = folder / "shop.toml"
    path.write_text(text, encoding="utf-8")
    return path


SECOND_READER = """[[readers]]
name = "r-0"
reads_per_s = 100
antennas = [{ port = 1, zone = "floor" }]
"""

# what is replaced in the good file, by what, and what is said of it
WRONG: dict[str, tuple[str, str, str]] = {
    "no zones": ('zones = [{ name = "floor" }, { name = "back" }]', "", "zones: missing"),
    "a zone named outside": ('{ name = "back" }', '{ name = "outside" }', "no zone"),
    "a zone name with blanks": ('"floor" }, {', '"the floor" }, {', "zones[1].name: 'the floor'"),
    "a zone twice": (
        '{ name = "back" }',
        '{ name = "back" }, { name = "back" }',
        "name back stands there more",
    ),
    "a wrong check digit": ("09506000100104", "09506000100105", "has the check digit 4"),
    "thirteen digits": ("09506000100104", "9506000100104", "allowed is 14 digits"),
    "a number for a name": ('name = "T-shirt"', "name = 7", "products[1].name: 7"),
    "an unknown zone": ('to = "floor"', 'to = "cellar"', "one of floor, back, outside"),
    "a flow that goes nowhere": ('to = "floor"', 'to = "outside"', "where the items come from"),
    "no items": ("items = 3", "items = 0", "a whole number from 1"),
    "half an item": ("items = 3", "items = 1.5", "flows[1].items: 1.5"),
    "true for a number": ("items = 3", "items = true", "flows[1].items: True"),
    "an unknown key": ("items = 3", "items = 3, colour = 1", "flows[1].colour: unknown"),
    "a flow that overtakes itself": (
        "items = 3",
        "items = 3, over_s = 9, every_s = 5",
        "longer than every_s",
    ),
    "two readers": ("[[readers]]", SECOND_READER + "[[readers]]", "2 of them, allowed is one"),
    "no rate": ("reads_per_s = 100", "", "readers[1].reads_per_s: missing"),
    "no reads": ("reads_per_s = 100", "reads_per_s = 0", "a number from 1 to 100000"),
    "an antenna twice": (
        "port = 2",
        "port = 1",
        "port 1 stands there more",
    ),
    "port 0": ("port = 2", "port = 0", "readers[1].antennas[2].port: 0"),
    "a table for a list": ("[[readers]]", "[readers]", "one or more tables [[readers]]"),
}


@pytest.mark.parametrize(("old", "new", "said"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_told_with_its_file_place_and_what_is_allowed(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ConfigError) as error:
        load_scenario(str(path))
    (line,) = str(error.value).splitlines()
    assert line.startswith(f"{path}: ")
    assert said in line


def test_every_mistake_has_a_line_of_its_own(tmp_path: Path) -> None:
    text = GOOD.replace("items = 3", "items = 0").replace("port = ", "port = -")
    with pytest.raises(ConfigError) as error:
        load_scenario(str(write(tmp_path, text)))
    places = re.findall(r": (\S+): ", str(error.value))
    ports = ["readers[1].antennas[1].port", "readers[1].antennas[2].port"]
    assert sorted(places) == ["flows[1].items", *ports]


def test_a_file_that_is_not_there_is_told_with_the_names_that_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no such file.*\(demo\)"):
        load_scenario(str(tmp_path / "nosuch.toml"))


@pytest.mark.parametrize("content", [b"zones = [", b"\xff\xfe"])
def test_what_is_no_toml_is_told(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="is no TOML"):
        load_scenario(str(path))


def test_a_folder_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_scenario(str(tmp_path))
