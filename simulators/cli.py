"""tagtally-sim: readers for testers."""

from contextlib import ExitStack
from pathlib import Path

import click

from edge.errors import GatewayError
from simulators.cli_ctl import ctl
from simulators.cli_serial import serial
from simulators.cli_stand import announce, stand_options
from simulators.control import ControlServer
from simulators.play import ScenarioPlayer, Stand, TracePlayer
from simulators.replay import Recording, load_trace
from simulators.scenario import load_scenario, scenario_names
from simulators.signals import nobody, until_signal
from simulators.truth import TruthFile


class Commands(click.Group):
    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except GatewayError as error:
            for line in str(error).splitlines():
                click.echo(f"tagtally-sim: {line}", err=True)
            ctx.exit(error.exit_code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tagtally", prog_name="tagtally-sim")
def main() -> None:
    """Simulate RFID readers, for tests and demonstrations without hardware.

    Each simulated reader is an LLRP reader on a TCP port, for one client at a time, and prints
    "listening on HOST:PORT" as soon as clients can come.  It ends on Ctrl-C or SIGTERM.
    """


main.add_command(ctl)
main.add_command(serial)


@main.command(
    epilog=f"Scenarios that come with the program: {', '.join(scenario_names())}.",
    short_help="Play a scenario: goods that come, move and go.",
)
@click.argument("scenario", default="demo", metavar="[SCENARIO | FILE.toml]")
@stand_options
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
def run(  # noqa: PLR0913 - one parameter an option
    *,
    stand: Stand,
    scenario: str,
    seed: int,
    duration: float,
    truth: Path | None,
    control: str | None,
) -> None:
    """Play a scenario: items arrive, move between zones and leave, and a reader hears them.

    SCENARIO is the name of one that comes with the program, "demo" if nothing is said, or a file.
    """
    with ExitStack() as stack:
        player = ScenarioPlayer(load_scenario(scenario), stand, seed)
        stack.callback(player.close)
        server = ControlServer(control, player.switchboard) if control else None
        if server is not None:
            stack.callback(server.close)
            click.echo(f"obeying at {server.endpoint}")
        announce(stand, player.address)
        attend = server.attend if server is not None else nobody
        player.play(until_signal(), duration, TruthFile(truth) if truth else None, attend)


@main.command(short_help="Serve a recorded trace as a reader would.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.csv")
@stand_options
@click.option(
    "--speed",
    type=click.FloatRange(min=0.01, max=10_000),
    default=1.0,
    show_default=True,
    metavar="N",
    help="Play N times as fast; the reader's clock runs as fast.",
)
@click.option("--keep", is_flag=True, help="Keep the reader up after the last read.")
def replay(*, stand: Stand, file: Path, speed: float, keep: bool) -> None:
    """Serve a recorded trace as a reader would, from the moment when a client wants reads.

    FILE.csv has a header line with the columns timestamp (seconds since 1970), antenna, rssi
    (dBm) and epc (hex, or b'...'); other columns are ignored, and the rows need no order.
    While no client has an active ROSpec the reader's clock stands still.  No read is ever
    dropped: what did not reach a client that went away is sent to the next one.  After the
    last read the reader closes the connection and the program ends.
    """
    recording = Recording(load_trace(file))
    player = TracePlayer(recording, stand, speed)
    try:
        announce(stand, player.address)
        player.play(until_signal(), keep=keep)
    finally:
        player.close()
    click.echo(f"delivered {recording.delivered_reads} reads")
    if recording.unheard_reads:
        click.echo(f"{recording.unheard_reads} reads were by antennas that nobody asked for")
