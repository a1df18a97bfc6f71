"""What happens when, and before which readers: a TOML file.

[[zones]]                 name
[[readers]]               name, protocol ("llrp"), reads_per_s; of LLRP: profile; of others: baud
[[readers.antennas]]      port, zone, read_probability, rssi_dbm, spread_db
[[products]]              gtin, name, company_prefix_digits
[[flows]]                 from, to, items, at_s, over_s, every_s; `outside` is no zone

All readers are before one world: where their antennas share a zone, they hear the same items.
"""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from edge import toml
from edge.epc import check_digit
from edge.errors import ConfigError
from simulators.profile import PROFILES
from simulators.radio import Antenna, Radio, Word
from simulators.world import OUTSIDE, Flow, Product, World, WorldAir

SCENARIOS = Path(__file__).parent / "scenarios"


class Protocol(StrEnum):
    """What a reader speaks; UHFReader has two dialects."""

    LLRP = "llrp"
    MERCURY = "mercury"
    R2000 = "r2000"
    UHFREADER = "uhfreader"
    UHFREADER18 = "uhfreader18"
    TSL = "tsl"
    M100 = "m100"


class Zone(msgspec.Struct, frozen=True):
    name: Word


class Reader(msgspec.Struct, frozen=True):
    name: Word
    reads_per_s: Annotated[float, Meta(ge=1, le=100_000, description="a number from 1 to 100000")]
    antennas: Annotated[
        tuple[Antenna, ...], Meta(min_length=1, description="one [[readers.antennas]] or more")
    ]
    protocol: Protocol = Protocol.LLRP
    profile: Annotated[str, Meta(description="a text")] | None = None
    baud: (
        Annotated[int, Meta(ge=1200, le=4_000_000, description="an integer from 1200 to 4000000")]
        | None
    ) = None

    @property
    def antenna_ports(self) -> tuple[int, ...]:
        return tuple(antenna.port for antenna in self.antennas)

    def air(self, world: World, seed: int) -> WorldAir:
        return WorldAir(world, Radio(self.antennas, self.reads_per_s, seed))


class Scenario(msgspec.Struct, frozen=True):
    zones: Annotated[tuple[Zone, ...], Meta(min_length=1, description="one [[zones]] or more")]
    readers: Annotated[
        tuple[Reader, ...], Meta(min_length=1, description="one [[readers]] or more")
    ]
    products: Annotated[
        tuple[Product, ...], Meta(min_length=1, description="one [[products]] or more")
    ]
    flows: Annotated[tuple[Flow, ...], Meta(min_length=1, description="one [[flows]] or more")]

    @property
    def reader(self) -> Reader:
        """Give the only reader; raise ConfigError where there are several."""
        if len(self.readers) > 1:
            names = ", ".join(reader.name for reader in self.readers)
            raise ConfigError(f"the scenario has {len(self.readers)} readers ({names}), not one")
        return self.readers[0]

    def world(self, seed: int) -> World:
        return World(self.products, [zone.name for zone in self.zones], self.flows, seed)


def scenario_names() -> list[str]:
    """Name the scenarios that come with the program."""
    return sorted(path.stem for path in SCENARIOS.glob("*.toml"))


def load_scenario(name: str) -> Scenario:
    """Read a scenario that comes with the program, by name, or else a file, by its path.

    Raises ConfigError with one line a mistake.
    """
    path = SCENARIOS / f"{name}.toml" if name in scenario_names() else Path(name)
    if not path.exists():
        known = ", ".join(scenario_names())
        raise ConfigError(f"{name}: no such file, and no scenario of that name ({known})")
    return toml.parse(toml.read_text(path), path, Scenario, _clashes)


def _clashes(data: toml.Data) -> Iterator[str]:
    """Yield what is wrong between values that are well by themselves."""
    for key, name in (("zones", "name"), ("readers", "name"), ("products", "gtin")):
        yield from toml.doubles(toml.tables(data, key), (name,))
    zones = [str(zone["name"]) for _, zone in toml.tables(data, "zones") if "name" in zone]
    if OUTSIDE in zones:
        place = f"zones[{zones.index(OUTSIDE)}].name"
        yield f"{place}: {OUTSIDE} is the world outside the store, and no zone"
    for place, reader in toml.tables(data, "readers"):
        yield from _clashes_of_reader(place, reader, zones)
    for place, product in toml.tables(data, "products"):
        yield from _clashes_of_gtin(place, product.get("gtin"))
    for place, flow in toml.tables(data, "flows"):
        yield from _clashes_of_flow(place, flow, zones)


def _clashes_of_reader(place: str, reader: toml.Data, zones: list[str]) -> Iterator[str]:
    antennas = list(toml.tables(reader, "antennas", f"{place}."))
    yield from toml.doubles(antennas, ("port",))
    for antenna_place, antenna in antennas:
        yield from _not_among(f"{antenna_place}.zone", antenna.get("zone"), zones)
    is_llrp = reader.get("protocol", Protocol.LLRP) == Protocol.LLRP
    if "baud" in reader and is_llrp:
        yield f"{place}.baud: has no meaning with LLRP"
    if "profile" in reader and not is_llrp:
        yield f"{place}.profile: has a meaning with LLRP only"
    elif "profile" in reader:
        yield from _not_among(f"{place}.profile", reader["profile"], list(PROFILES))


def _clashes_of_gtin(place: str, gtin: object) -> Iterator[str]:
    if isinstance(gtin, str) and len(gtin) == 14 and gtin.isascii() and gtin.isdigit():
        digit = check_digit(gtin[:-1])
        if gtin[-1] != digit:
            yield f"{place}.gtin: {toml.shown(gtin)} has the check digit {digit}"


def _clashes_of_flow(place: str, flow: toml.Data, zones: list[str]) -> Iterator[str]:
    for key in ("from", "to"):
        yield from _not_among(f"{place}.{key}", flow.get(key), [*zones, OUTSIDE])
    if "to" in flow and flow.get("from") == flow["to"]:
        yield f"{place}.to: {toml.shown(flow['to'])} is where the items come from"
    over_s, every_s = flow.get("over_s"), flow.get("every_s")
    if isinstance(over_s, int | float) and isinstance(every_s, int | float) and over_s > every_s:
        yield f"{place}.over_s: {over_s:g} is longer than every_s, {every_s:g}"


def _not_among(place: str, value: object, names: list[str]) -> Iterator[str]:
    """Yield a mistake where a text is none of the names; other values have been complained of."""
    if isinstance(value, str) and value not in names:
        yield f"{place}: expected one of {', '.join(names)}, got {toml.shown(value)}"
