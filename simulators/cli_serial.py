"""tagtally-sim serial: a simulated reader at a pseudo-terminal."""

from pathlib import Path

import click
import msgspec

from simulators.cli_world import Show, show_options
from simulators.play import WorldPlayer
from simulators.radio import Antenna
from simulators.scenario import Protocol, Reader, Scenario, scenario_names
from simulators.serial.play import READERS, SerialStation


@click.command(
    epilog=f"Scenarios that come with the program: {', '.join(scenario_names())}.",
    short_help="Play a scenario before a reader at a serial port.",
)
@click.option("--protocol", type=click.Choice([*READERS]), required=True)
@click.option(
    "--link",
    type=click.Path(path_type=Path),
    required=True,
    metavar="PATH",
    help="The name of the port: a symbolic link to a pseudo-terminal.",
)
@click.option(
    "--baud",
    type=click.IntRange(1200, 4_000_000),
    help="The line's rate.  [default: the usual one of the protocol]",
)
@show_options
def serial(*, show: Show, protocol: str, link: Path, baud: int | None) -> None:
    """Play a scenario before a reader at a serial port that is none: a pseudo-terminal.

    Bytes take the time that they take on a line of that rate, and a host that opens the port at
    another one hears noise.  Prints "serving PROTOCOL at PATH" as soon as the port can be opened,
    and ends on Ctrl-C or SIGTERM.  `tagtally-sim run` plays scenarios of several readers.
    """

    def make(scenario: Scenario, seed: int) -> WorldPlayer:
        what = msgspec.structs.replace(
            scenario.reader,
            protocol=Protocol(protocol),
            baud=baud or scenario.reader.baud,
            antennas=_antennas(scenario.reader, protocol),
        )
        world = scenario.world(seed)
        return WorldPlayer(world, {what.name: SerialStation(what, world, link, seed)})

    show.play(make)


def _antennas(reader: Reader, protocol: str) -> tuple[Antenna, ...]:
    """Give the antennas for which the protocol's reader has a port, and tell of the others."""
    most = READERS[protocol].most_ports
    left_out = [antenna for antenna in reader.antennas if antenna.port > most]
    if len(left_out) == len(reader.antennas):
        return reader.antennas  # a mistake, which the reader tells
    for antenna in left_out:
        click.echo(
            f"antenna {antenna.port} is left out, and zone {antenna.zone} with it: "
            f"{protocol} readers have {'one port' if most == 1 else f'{most} ports'}",
            err=True,
        )
    return tuple(antenna for antenna in reader.antennas if antenna.port <= most)
