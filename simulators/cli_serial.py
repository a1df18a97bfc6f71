"""tagtally-sim serial: a simulated reader at a pseudo-terminal."""

from contextlib import ExitStack
from pathlib import Path

import click

from simulators.control import ControlServer
from simulators.scenario import load_scenario, scenario_names
from simulators.serial.play import READERS, SerialPlayer
from simulators.signals import nobody, until_signal
from simulators.truth import TruthFile


@click.command(
    epilog=f"Scenarios that come with the program: {', '.join(scenario_names())}.",
    short_help="Play a scenario before a reader at a serial port.",
)
@click.argument("scenario", default="demo", metavar="[SCENARIO | FILE.toml]")
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
@click.option(
    "--seed",
    type=int,
    default=1,
    show_default=True,
    help="The same seed gives the same items, moves and reads.",
)
@click.option(
    "--duration",
    type=click.FloatRange(min=0),
    default=float("inf"),
    metavar="SECONDS",
    help="Let nothing move after so long; the reader reads on.  [default: never]",
)
@click.option(
    "--truth",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.json",
    help="Write what is really there, anew at every change.",
)
@click.option(
    "--control",
    metavar="PATH | HOST:PORT",
    help="Obey `tagtally-sim ctl`, on a Unix socket or a loopback port.",
)
def serial(  # noqa: PLR0913 - one parameter an option
    *,
    scenario: str,
    protocol: str,
    link: Path,
    baud: int | None,
    seed: int,
    duration: float,
    truth: Path | None,
    control: str | None,
) -> None:
    """Play a scenario before a reader at a serial port that is none: a pseudo-terminal.

    Bytes take the time that they take on a line of that rate, and a host that opens the port at
    another one hears noise.  Prints "serving PROTOCOL at PATH" as soon as the port can be opened,
    and ends on Ctrl-C or SIGTERM.
    """
    with ExitStack() as stack:
        player = SerialPlayer(load_scenario(scenario), protocol, link, baud, seed)
        stack.callback(player.close)
        server = ControlServer(control, player.switchboard) if control else None
        if server is not None:
            stack.callback(server.close)
            click.echo(f"obeying at {server.endpoint}")
        click.echo(f"serving {protocol} at {link}")
        attend = server.attend if server is not None else nobody
        player.play(until_signal(), duration, TruthFile(truth) if truth else None, attend)
