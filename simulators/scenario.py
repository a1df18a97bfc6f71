"""What happens when: a TOML file with zones, one reader, products and flows of items.

[[zones]]                 name
[[readers]]               name, reads_per_s; exactly one
[[readers.antennas]]      port, zone, read_probability, rssi_dbm, spread_db
[[products]]              gtin, name, company_prefix_digits
[[flows]]                 from, to, items, at_s, over_s, every_s; `outside` is no zone
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.epc import check_digit
from edge.errors import ConfigError
from simulators.radio import Antenna, Radio
from simulators.tables import Mistakes, Table
from simulators.world import OUTSIDE, Flow, Product, World, WorldAir

SCENARIOS = Path(__file__).parent / "scenarios"
_NAME = r"[a-z0-9][a-z0-9_-]{0,39}"
_NAME_ALLOWED = "1 to 40 of a-z, 0-9, - and _, the first a letter or a digit"
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Reader:
    name: str
    reads_per_s: float
    antennas: tuple[Antenna, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    zones: tuple[str, ...]
    reader: Reader
    products: tuple[Product, ...]
    flows: tuple[Flow, ...]

    def world(self, seed: int) -> World:
        return World(self.products, self.zones, self.flows, seed)

    def air(self, world: World, seed: int) -> WorldAir:
        return WorldAir(world, Radio(self.reader.antennas, self.reader.reads_per_s, seed))


def scenario_names() -> list[str]:
    """Name the scenarios that come with the program."""
    return sorted(path.stem for path in SCENARIOS.glob("*.toml"))


def load_scenario(name: str) -> Scenario:
    """Read a scenario that comes with the program, by name, or else a file, by its path.

    Raises ConfigError with one line a mistake.
    """
    path = SCENARIOS / f"{name}.toml" if name in scenario_names() else Path(name)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = ", ".join(scenario_names())
        raise ConfigError(f"{name}: no such file, and no scenario of that name ({known})") from None
    except OSError as error:
        raise ConfigError(f"{name}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name}: is no TOML: {error}") from error
    mistakes = Mistakes(name)
    scenario = _scenario(Table(data, "", mistakes))
    mistakes.check()
    return scenario


def _scenario(table: Table) -> Scenario:
    zones = [_zone(zone) for zone in table.tables("zones")]
    readers = [_reader(reader, zones) for reader in table.tables("readers")]
    products = [_product(product) for product in table.tables("products")]
    flows = [_flow(flow, zones) for flow in table.tables("flows")]
    if len(readers) > 1:
        table.note("readers", f"{len(readers)} of them, allowed is one")
    table.check_unique("zones", "name")
    table.check_unique("products", "gtin")
    table.finish()
    nobody = Reader("", 1, ())  # stands in until the mistakes are checked
    return Scenario(tuple(zones), readers[0] if readers else nobody, tuple(products), tuple(flows))


def _zone(table: Table) -> str:
    name = table.text("name", _NAME, _NAME_ALLOWED)
    if name == OUTSIDE:
        table.note("name", f"{OUTSIDE!r} is the world outside the store, and no zone")
        name = ""
    table.finish()
    return name


def _reader(table: Table, zones: Sequence[str]) -> Reader:
    reader = Reader(
        table.text("name", _NAME, _NAME_ALLOWED),
        table.number("reads_per_s", 1, 100_000),
        tuple(_antenna(antenna, zones) for antenna in table.tables("antennas")),
    )
    table.check_unique("antennas", "port")
    table.finish()
    return reader


def _antenna(table: Table, zones: Sequence[str]) -> Antenna:
    antenna = Antenna(
        port=table.whole("port", 1, 255),
        zone=_one_of(table, "zone", zones),
        read_probability=table.number("read_probability", 0, 1, default=0.9),
        rssi_dbm=table.number("rssi_dbm", -90, -20, default=-55),
        spread_db=table.number("spread_db", 0, 30, default=8),
    )
    table.finish()
    return antenna


def _product(table: Table) -> Product:
    gtin = table.text("gtin", r"[0-9]{14}", "14 digits")
    if gtin and gtin[-1] != str(check_digit(gtin[:-1])):
        table.note("gtin", f"{gtin!r} has the check digit {check_digit(gtin[:-1])}")
    product = Product(gtin, table.text("name"), table.whole("company_prefix_digits", 6, 12, 7))
    table.finish()
    return product


def _flow(table: Table, zones: Sequence[str]) -> Flow:
    flow = Flow(
        from_zone=_one_of(table, "from", zones, OUTSIDE),
        to_zone=_one_of(table, "to", zones, OUTSIDE),
        items=table.whole("items", 1, 1_000_000),
        at_s=table.number("at_s", 0, _DAY_S, default=0),
        over_s=table.number("over_s", 0, _DAY_S, default=0),
        every_s=table.number("every_s", 0.1, _DAY_S) if table.has("every_s") else None,
    )
    if flow.from_zone and flow.from_zone == flow.to_zone:
        table.note("to", f"{flow.to_zone!r} is where the items come from")
    if flow.every_s is not None and flow.over_s > flow.every_s:
        table.note("over_s", f"{flow.over_s:g} is longer than every_s, {flow.every_s:g}")
    table.finish()
    return flow


def _one_of(table: Table, key: str, zones: Sequence[str], *others: str) -> str:
    if not all(zones) or not zones:  # a mistake of its own, which is not to be told twice
        return table.text(key)
    names = [*zones, *others]
    return table.text(key, "|".join(names), f"one of {', '.join(names)}")
