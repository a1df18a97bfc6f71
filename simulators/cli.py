"""tagtally-sim: readers for testers."""

from pathlib import Path

import click

from edge.errors import GatewayError
from simulators.cli_ctl import ctl
from simulators.cli_serial import serial
from simulators.cli_stand import announce, stand_options
from simulators.cli_world import Show, show_options
from simulators.play import Stand, TracePlayer
from simulators.replay import Recording, load_trace
from simulators.scenario import scenario_names
from simulators.signals import until_signal
from simulators.store import store_player


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

    An LLRP reader is on a TCP port, a serial one at a pseudo-terminal, each for one client at a
    time.  "listening on HOST:PORT" or "serving PROTOCOL at PATH" is printed as soon as clients can
    come, with the reader's name before it where there are several.  All ends on Ctrl-C or SIGTERM.
    """


main.add_command(ctl)
main.add_command(serial)


@main.command(
    epilog=f"Scenarios that come with the program: {', '.join(scenario_names())}.",
    short_help="Play a scenario: goods that come, move and go.",
)
@stand_options
@show_options
@click.option(
    "--links",
    type=click.Path(file_okay=False, path_type=Path),
    default="run",
    show_default=True,
    metavar="DIR",
    help="Where serial readers have their ports, each by its name.",
)
def run(*, show: Show, stand: Stand, links: Path) -> None:
    """Play a scenario: items arrive, move between zones and leave, and readers hear them.

    SCENARIO is the name of one that comes with the program, "demo" if nothing is said, or a file.
    All its readers are before the same items: LLRP readers at --port and the ports above it in the
    order of the file, serial readers at pseudo-terminals in --links.
    """
    if stand.tls is not None:
        click.echo(f"certificates in {stand.tls.folder}")
    show.play(lambda scenario, seed: store_player(scenario, stand, links, seed))


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
