"""Look at serial readers: recorded bytes of their lines, and what a port answers."""

from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from edge.cli.common import Commands, json_option
from edge.clock import SystemClock
from edge.config_serial import Device
from edge.readers.serial_config import probe_for
from edge.readers.serial_link import serial_line
from edge.serial.decode import Decoded, decode, parse_hex
from edge.serial.framing import Direction
from edge.serial.probe import Found
from edge.serial.registry import PROTOCOLS
from edge.toml import allowed

_DIRECTIONS = {
    "either": Direction.EITHER,
    "from-reader": Direction.FROM_READER,
    "to-reader": Direction.TO_READER,
}
_STEP_S = 0.05


@click.group(cls=Commands)
def serial() -> None:
    """Decode recorded bytes of serial readers, and find out what a port speaks."""


@serial.command("decode")
@click.argument("file", type=click.File("rb"))
@click.option("--protocol", type=click.Choice([*PROTOCOLS]), required=True)
@click.option(
    "--direction",
    type=click.Choice([*_DIRECTIONS]),
    default="either",
    show_default=True,
    help="Whose bytes they are; commands and answers may look alike.",
)
@click.option("--hex", "is_hex", is_flag=True, help="The file has hex digits; # begins a remark.")
@json_option
@click.pass_context
def decode_file(  # noqa: PLR0913 - one parameter an option
    ctx: click.Context,
    *,
    file: BinaryIO,
    protocol: str,
    direction: str,
    is_hex: bool,
    as_json: bool,
) -> None:
    """Show every frame in a FILE of recorded bytes (`-` is standard input).

    The last line counts frames, reads and faults; the exit code is 0 only without a fault.
    """
    data = file.read()
    if is_hex:
        data = parse_hex(data.decode("utf-8", "replace"), getattr(file, "name", "standard input"))
    frames = reads = faults = 0
    for one in decode(PROTOCOLS[protocol], data, _DIRECTIONS[direction]):
        frames += one.name is not None
        reads += len(one.reads)
        faults += len(one.faults)
        click.echo(_shown(one, as_json=as_json))
    if as_json:
        click.echo(msgspec.json.encode({"frames": frames, "reads": reads, "faults": faults}))
    click.echo(f"frames {frames}, reads {reads}, faults {faults}", err=as_json)
    ctx.exit(1 if faults else 0)


def _shown(one: Decoded, *, as_json: bool) -> str | bytes:
    return msgspec.json.encode(one.as_dict()) if as_json else one.as_text()


@serial.command()
@click.argument("port")
@click.option(
    "--baud",
    "bauds",
    type=click.IntRange(1200, 4_000_000),
    multiple=True,
    help="Try this rate only; may be given again.  [default: the usual ones of each protocol]",
)
@json_option
def probe(port: str, *, bauds: tuple[int, ...], as_json: bool) -> None:
    """Find out which reader answers at PORT, by asking it who it is.

    PORT is a path such as /dev/serial/by-id/..., socket://HOST:PORT or rfc2217://HOST:PORT.  Ask
    only ports of readers: other equipment may take what it is asked for something else.
    """
    found = _probe(_device(port), bauds)
    told = {"protocol": found.protocol.name, "baud": found.baud, "reader": found.told}
    if as_json:
        click.echo(msgspec.json.encode(told))
    else:
        click.echo(f"{port}: {found.protocol.name} at {found.baud} baud: {found.told}")


def _device(port: str) -> str:
    """Give the name as the configuration has it; a path may be relative here."""
    device = port if "://" in port else str(Path(port).absolute())
    try:
        return msgspec.convert(device, Device)
    except msgspec.ValidationError:
        raise click.BadParameter(f"expected {allowed(Device)}, got {port}") from None


def _probe(port: str, bauds: tuple[int, ...]) -> Found:
    clock, line, asking = SystemClock(), serial_line(port), probe_for(bauds)
    line.set_baud(asking.baud)
    line.open(0.0)
    try:
        asking.start(clock.now())
        while True:
            output = asking.step(line.read(_STEP_S), clock.now())
            if output.found:
                return output.found
            if output.baud is not None:
                line.set_baud(output.baud)
            if output.to_send:
                line.write(output.to_send)
    finally:
        line.close()
