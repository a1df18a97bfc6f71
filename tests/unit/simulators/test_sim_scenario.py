"""Scenario files: the one that comes with the program, and every way to get one wrong."""

import re
from pathlib import Path

import pytest

from edge.epc import check_digit
from edge.errors import ConfigError
from simulators.scenario import Protocol, load_scenario, scenario_names
from simulators.serial.play import READERS
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
    assert [zone.name for zone in scenario.zones] == ["floor", "back"]
    assert scenario.reader.protocol == "llrp"
    assert scenario.reader.reads_per_s == 100
    (flow,) = scenario.flows
    assert (flow.from_zone, flow.to_zone, flow.items) == (OUTSIDE, "floor", 3)


OTHER = """[[readers]]
name = "r-1"
reads_per_s = 100
antennas = [{ port = 1, zone = "floor" }]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "shop.toml"
    path.write_text(text, encoding="utf-8")
    return path


# what is replaced in the good file, by what, and what is said of it
WRONG: dict[str, tuple[str, str, str]] = {
    "a zone named outside": (
        '{ name = "back" }]',
        '{ name = "back" }, { name = "outside" }]',
        "zones[2].name: outside is the world outside the store, and no zone",
    ),
    "a zone name with blanks": (
        '{ name = "back" }]',
        '{ name = "back" }, { name = "the floor" }]',
        "zones[2].name: expected 1 to 40 of a-z, 0-9, - and _, the first a letter or a digit",
    ),
    "a zone twice": (
        '{ name = "back" }]',
        '{ name = "back" }, { name = "back" }]',
        "zones[2].name: back is taken by zones[1] already",
    ),
    "a wrong check digit": (
        "09506000100104",
        "09506000100105",
        'products[0].gtin: "09506000100105" has the check digit 4',
    ),
    "thirteen digits": (
        "09506000100104",
        "9506000100104",
        'products[0].gtin: expected 14 digits, got "9506000100104"',
    ),
    "a number for a name": (
        'name = "T-shirt"',
        "name = 7",
        "products[0].name: expected 1 to 200 characters, got 7",
    ),
    "an unknown zone": (
        'to = "floor"',
        'to = "cellar"',
        'flows[0].to: expected one of floor, back, outside, got "cellar"',
    ),
    "an antenna in an unknown zone": (
        'port = 2, zone = "back"',
        'port = 2, zone = "cellar"',
        'readers[0].antennas[1].zone: expected one of floor, back, got "cellar"',
    ),
    "a flow that goes nowhere": (
        'to = "floor"',
        'to = "outside"',
        'flows[0].to: "outside" is where the items come from',
    ),
    "no items": (
        "items = 3",
        "items = 0",
        "flows[0].items: expected an integer from 1 to 1000000, got 0",
    ),
    "half an item": (
        "items = 3",
        "items = 1.5",
        "flows[0].items: expected an integer from 1 to 1000000, got 1.5",
    ),
    "true for a number": (
        "items = 3",
        "items = true",
        "flows[0].items: expected an integer from 1 to 1000000, got true",
    ),
    "an unknown key": (
        "items = 3",
        "items = 3, colour = 1",
        "flows[0].colour: unknown key; allowed: from, to, items, at_s, over_s, every_s",
    ),
    "a flow that overtakes itself": (
        "items = 3",
        "items = 3, over_s = 9, every_s = 5",
        "flows[0].over_s: 9 is longer than every_s, 5",
    ),
    "a reader twice": ("[[readers]]", OTHER + "[[readers]]", "readers[1].name: r-1 is taken"),
    "no rate": (
        "reads_per_s = 100",
        "",
        "readers[0].reads_per_s: missing; expected a number from 1 to 100000",
    ),
    "no reads": (
        "reads_per_s = 100",
        "reads_per_s = 0",
        "readers[0].reads_per_s: expected a number from 1 to 100000, got 0",
    ),
    "an unknown protocol": (
        "reads_per_s = 100",
        'reads_per_s = 100\nprotocol = "cf"',
        "readers[0].protocol: expected one of llrp, mercury, r2000, uhfreader, uhfreader18, tsl,",
    ),
    "an unknown profile": (
        "reads_per_s = 100",
        'reads_per_s = 100\nprofile = "r42"',
        'readers[0].profile: expected one of generic, r420, fx9600, got "r42"',
    ),
    "a line's rate for LLRP": (
        "reads_per_s = 100",
        "reads_per_s = 100\nbaud = 9600",
        "readers[0].baud: has no meaning with LLRP",
    ),
    "a profile for a serial reader": (
        "reads_per_s = 100",
        'reads_per_s = 100\nprotocol = "tsl"\nprofile = "r420"',
        "readers[0].profile: has a meaning with LLRP only",
    ),
    "an antenna twice": (
        "port = 2",
        "port = 1",
        "readers[0].antennas[1].port: 1 is taken by readers[0].antennas[0] already",
    ),
    "port 0": (
        "port = 2",
        "port = 0",
        "readers[0].antennas[1].port: expected an integer from 1 to 255, got 0",
    ),
    "a table for a list": (
        "[[readers]]",
        "[readers]",
        "readers: expected one [[readers]] or more, got a table",
    ),
}


@pytest.mark.parametrize(("old", "new", "said"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_told_with_its_file_place_and_what_is_allowed(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ConfigError) as error:
        load_scenario(str(path))
    head, line = str(error.value).splitlines()
    assert head == f"{path}: 1 mistake"
    assert line.strip().startswith(said)


def test_every_mistake_has_a_line_of_its_own(tmp_path: Path) -> None:
    text = GOOD.replace("items = 3", "items = 0").replace("port = ", "port = -")
    with pytest.raises(ConfigError) as error:
        load_scenario(str(write(tmp_path, text)))
    places = re.findall(r"^  (\S+): ", str(error.value), re.MULTILINE)
    ports = ["readers[0].antennas[0].port", "readers[0].antennas[1].port"]
    assert sorted(places) == ["flows[0].items", *ports]


def test_a_file_without_anything_is_told_all_that_it_needs(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        load_scenario(str(write(tmp_path, "")))
    assert re.findall(r"(\w+): missing", str(error.value)) == [
        "zones",
        "readers",
        "products",
        "flows",
    ]


def test_what_plays_one_reader_refuses_a_scenario_of_several(tmp_path: Path) -> None:
    text = GOOD.replace("[[readers]]", OTHER.replace("r-1", "r-0") + "[[readers]]")
    scenario = load_scenario(str(write(tmp_path, text)))
    assert [reader.name for reader in scenario.readers] == ["r-0", "r-1"]
    with pytest.raises(ConfigError, match=r"has 2 readers \(r-0, r-1\), not one"):
        scenario.reader  # noqa: B018 - the question is the test


def test_every_serial_protocol_of_a_scenario_has_a_reader() -> None:
    assert {*READERS} == {*Protocol} - {Protocol.LLRP}


def test_a_file_that_is_not_there_is_told_with_the_names_that_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no such file.*\(demo, mixed\)"):
        load_scenario(str(tmp_path / "nosuch.toml"))


@pytest.mark.parametrize("content", [b"zones = [", b"\xff\xfe"])
def test_what_is_no_toml_is_told(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"not TOML|not UTF-8"):
        load_scenario(str(path))


def test_a_folder_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_scenario(str(tmp_path))
