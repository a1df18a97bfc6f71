"""A calibration's walk: the agent records, and the operator says in which zone the tags are."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click
import msgspec

from edge.cli.asking import ask_route
from edge.cli.traces import note
from edge.config import Config
from edge.errors import ConfigError
from edge.model import TagRead, ZoneKind
from edge.shop.zone_desk import Walked
from edge.trace import load_trace
from edge.tuning import antenna_zones


def walk(config: Config) -> list[tuple[str, Path]]:
    """Lead the operator through the zones; give each one's trace, as the agent has written it."""
    kinds = config.zone_kinds()
    covered = list(dict.fromkeys(antenna_zones(config).values()))
    zones = [zone for zone in covered if kinds[zone] is not ZoneKind.EXIT]
    if len(zones) < 2:
        raise ConfigError(f"expected two zones or more beside exits, there are {', '.join(zones)}")
    ask_route(config, "GET", "/zones/muted")  # whoever cannot record says so before anybody walks
    click.echo("Take a few tags, and nothing else that is new. A minute in each zone is enough.")
    return [(zone, path) for zone in zones for path in _walked(config, zone)]


def _walked(config: Config, zone: str) -> Iterator[Path]:
    """Record one zone; nothing where the operator leaves it out."""
    if _asked(f"Zone {zone}: go there with the tags, then press Enter (s leaves it out)") == "s":
        return
    ask_route(config, "POST", "/walk", {})
    _asked(f"Zone {zone}: carry the tags through all of it, press Enter when done")
    answer = msgspec.json.decode(ask_route(config, "POST", f"/walk/{zone}", {}), type=Walked)
    click.echo(f"  {answer.reads} reads, kept in {answer.path}")
    if answer.missed:
        note(f"zone {zone}: {answer.missed} reads found no room: make the walk shorter")
    if answer.reads:
        yield Path(answer.path)
    else:
        note(f"zone {zone}: nothing was read, so it is left out")


def carried(traces: Sequence[tuple[str, Path]]) -> list[bytes]:
    """Tell which tags were carried: read in all zones, and loudest by different antennas.

    What lies still is loudest by the same antenna wherever others are carried.  Raises ConfigError
    where no tag is told from the rest.
    """
    loudest: dict[bytes, list[tuple[str, int]]] = {}
    zones = dict.fromkeys(zone for zone, _ in traces)
    for zone in zones:
        reads = [load_trace(path).reads for of, path in traces if of == zone]
        for epc, antenna in _loudest(reads).items():
            loudest.setdefault(epc, []).append(antenna)
    found = [
        epc
        for epc, antennas in loudest.items()
        if len(antennas) == len(zones) and len(set(antennas)) > 1
    ]
    if not found:
        raise ConfigError(
            f"of {len(loudest)} tags none was clearly carried through all zones: "
            "name those that were with --epc"
        )
    click.echo(f"carried: {len(found)} of {len(loudest)} tags: {_some(found)}\n")
    return found


def _loudest(
    traces: Sequence[Mapping[str | None, Sequence[TagRead]]],
) -> dict[bytes, tuple[str, int]]:
    """Give for each tag the antenna that heard most power of it."""
    power: dict[bytes, dict[tuple[str, int], float]] = {}
    for trace in traces:
        for reader, reads in trace.items():
            for read in reads:
                heard, antenna = power.setdefault(read.epc, {}), (reader or "", read.antenna_port)
                heard[antenna] = heard.get(antenna, 0.0) + 10 ** (read.rssi_dbm / 10)
    return {epc: max(heard, key=heard.__getitem__) for epc, heard in power.items()}


def _some(epcs: Sequence[bytes]) -> str:
    shown = ", ".join(epc.hex() for epc in epcs[:3])
    return shown if len(epcs) <= 3 else f"{shown} ..."


def _asked(question: str) -> str:
    return str(click.prompt(question, default="", show_default=False, prompt_suffix=": ")).strip()
