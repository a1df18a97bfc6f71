"""tagtally-sim ctl: tell a running simulated reader how to misbehave, and what is before it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import click

from edge.errors import ConfigError
from simulators.control import order
from simulators.fault_table import FAULTS
from simulators.serial.play import READERS, serial_faults


@dataclass(frozen=True, slots=True)
class Whom:
    control: str | None
    reader: str | None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--control",
    metavar="PATH | HOST:PORT",
    help="Where `tagtally-sim run --control` listens: a Unix socket, or a loopback port.",
)
@click.option("--reader", metavar="NAME", help="Which reader, where it plays several.")
@click.pass_context
def ctl(context: click.Context, control: str | None, reader: str | None) -> None:
    """Tell a running simulator what to do: faults, inputs, antennas, tags.

    The simulator must have been started with --control.
    """
    context.obj = Whom(control, reader)


@ctl.command()
@click.argument("name")
@click.argument("values", nargs=-1, metavar="[KEY=VALUE]...")
@click.pass_obj
def fault(whom: Whom, name: str, values: tuple[str, ...]) -> None:
    """Switch a fault on, or let it happen at once; `faults` lists them."""
    _order(whom, "fault", name=name, values=_pairs(values))


@ctl.command()
@click.argument("name", required=False)
@click.pass_obj
def clear(whom: Whom, name: str | None) -> None:
    """Switch one fault off, or all of them."""
    _order(whom, "clear", **({"name": name} if name else {}))


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
def state(whom: Whom) -> None:
    """Tell of the client, what it has asked, ROSpecs, and the faults that are on."""
    _order(whom, "state")


@ctl.command()
@click.argument("port", type=int)
@click.argument("level", type=click.Choice(["HIGH", "LOW"]))
@click.pass_obj
def gpi(whom: Whom, port: int, level: str) -> None:
    """Pull a general-purpose input up or down."""
    _order(whom, "gpi", port=port, level=level)


@ctl.command()
@click.argument("port", type=int)
@click.argument("state", type=click.Choice(["up", "down"]))
@click.pass_obj
def antenna(whom: Whom, port: int, state: str) -> None:
    """Connect or disconnect an antenna."""
    _order(whom, "antenna", port=port, state=state)


@ctl.group()
def tags() -> None:
    """List, add or remove the tags before the antennas."""


@tags.command("list")
@click.argument("zone", required=False)
@click.pass_obj
def list_tags(whom: Whom, zone: str | None) -> None:
    """Give the EPCs of each zone, or of one."""
    _order(whom, "tags", **({"zone": zone} if zone else {}))


@tags.command("add")
@click.argument("zone")
@click.argument("epcs", nargs=-1, required=True, metavar="EPC...")
@click.pass_obj
def add_tags(whom: Whom, zone: str, epcs: tuple[str, ...]) -> None:
    """Put tags (hex) into a zone, wherever they were before."""
    _order(whom, "add-tags", zone=zone, epcs=list(epcs))


@tags.command("remove")
@click.argument("epcs", nargs=-1, required=True, metavar="EPC...")
@click.pass_obj
def remove_tags(whom: Whom, epcs: tuple[str, ...]) -> None:
    """Take tags (hex) out of the store."""
    _order(whom, "remove-tags", epcs=list(epcs))


def _order(whom: Whom, command: str, **parameters: object) -> None:
    if whom.control is None:
        raise click.UsageError("--control is missing, needed is where the simulator listens")
    reader = {"reader": whom.reader} if whom.reader else {}
    answer = order(whom.control, {"command": command, **reader, **parameters})
    click.echo(json.dumps(answer, indent=1))


def _pairs(values: tuple[str, ...]) -> Mapping[str, str]:
    pairs: dict[str, str] = {}
    for value in values:
        key, separator, given = value.partition("=")
        if not separator or not key:
            raise ConfigError(f"{value!r}, needed is KEY=VALUE")
        pairs[key] = given
    return pairs
