"""tagtally-sim ctl: tell a running simulated reader how to misbehave, and what is before it."""

import json
from collections.abc import Mapping

import click

from edge.errors import ConfigError
from simulators.control import order
from simulators.fault_table import FAULTS
from simulators.serial.play import READERS, serial_faults


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--control",
    metavar="PATH | HOST:PORT",
    help="Where `tagtally-sim run --control` listens: a Unix socket, or a loopback port.",
)
@click.pass_context
def ctl(context: click.Context, control: str | None) -> None:
    """Tell a running simulator what to do: faults, inputs, antennas, tags.

    The simulator must have been started with --control.
    """
    context.obj = control


@ctl.command()
@click.argument("name")
@click.argument("values", nargs=-1, metavar="[KEY=VALUE]...")
@click.pass_obj
def fault(control: str | None, name: str, values: tuple[str, ...]) -> None:
    """Switch a fault on, or let it happen at once; `faults` lists them."""
    _order(control, "fault", name=name, values=_pairs(values))


@ctl.command()
@click.argument("name", required=False)
@click.pass_obj
def clear(control: str | None, name: str | None) -> None:
    """Switch one fault off, or all of them."""
    _order(control, "clear", **({"name": name} if name else {}))


@ctl.command()
@click.option(
    "--protocol", type=click.Choice(["llrp", *READERS]), default="llrp", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="One object, for programs.")
def faults(*, protocol: str, as_json: bool) -> None:
    """List all faults with their parameters; needs no running simulator."""
    for name, kind in (FAULTS if protocol == "llrp" else serial_faults(protocol)).items():
        if as_json:
            parameters = {one.name: one.default for one in kind.parameters}
            row = {"name": name, "says": kind.says, "effect": kind.effect, "values": parameters}
            click.echo(json.dumps(row))
            continue
        click.echo(f"{name} ({kind.effect})")
        click.echo(click.wrap_text(kind.says, 78, "    ", "    "))
        for one in kind.parameters:
            click.echo(f"      {one.name}={one.default}  {one.allowed}")


@ctl.command()
@click.pass_obj
def state(control: str | None) -> None:
    """Tell of the client, what it has asked, ROSpecs, and the faults that are on."""
    _order(control, "state")


@ctl.command()
@click.argument("port", type=int)
@click.argument("level", type=click.Choice(["HIGH", "LOW"]))
@click.pass_obj
def gpi(control: str | None, port: int, level: str) -> None:
    """Pull a general-purpose input up or down."""
    _order(control, "gpi", port=port, level=level)


@ctl.command()
@click.argument("port", type=int)
@click.argument("state", type=click.Choice(["up", "down"]))
@click.pass_obj
def antenna(control: str | None, port: int, state: str) -> None:
    """Connect or disconnect an antenna."""
    _order(control, "antenna", port=port, state=state)


@ctl.group()
def tags() -> None:
    """List, add or remove the tags before the antennas."""


@tags.command("list")
@click.argument("zone", required=False)
@click.pass_obj
def list_tags(control: str | None, zone: str | None) -> None:
    """Give the EPCs of each zone, or of one."""
    _order(control, "tags", **({"zone": zone} if zone else {}))


@tags.command("add")
@click.argument("zone")
@click.argument("epcs", nargs=-1, required=True, metavar="EPC...")
@click.pass_obj
def add_tags(control: str | None, zone: str, epcs: tuple[str, ...]) -> None:
    """Put tags (hex) into a zone, wherever they were before."""
    _order(control, "add-tags", zone=zone, epcs=list(epcs))


@tags.command("remove")
@click.argument("epcs", nargs=-1, required=True, metavar="EPC...")
@click.pass_obj
def remove_tags(control: str | None, epcs: tuple[str, ...]) -> None:
    """Take tags (hex) out of the store."""
    _order(control, "remove-tags", epcs=list(epcs))


def _order(control: str | None, command: str, **parameters: object) -> None:
    if control is None:
        raise click.UsageError("--control is missing, needed is where the simulator listens")
    click.echo(json.dumps(order(control, {"command": command, **parameters}), indent=1))


def _pairs(values: tuple[str, ...]) -> Mapping[str, str]:
    pairs: dict[str, str] = {}
    for value in values:
        key, separator, given = value.partition("=")
        if not separator or not key:
            raise ConfigError(f"{value!r}, needed is KEY=VALUE")
        pairs[key] = given
    return pairs
