"""tagtally-edge sync: a person's word where the agent must not decide by itself.

The commands that change something need the agent to be stopped: its file has one writer.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from edge import config as configuration
from edge.cli.common import config_option, json_option
from edge.device import new_device_id
from edge.lock import exclusive
from edge.storage.database import open_database
from edge.storage.stock import Stock
from edge.storage.sync import Sync
from edge.terminal import table


@click.group()
def sync() -> None:
    """Say what to do where the talk with head office needs a person's word."""


@sync.command()
@config_option
def takeover(path: Path) -> None:
    """Have this store's documents belong to this device (it replaces another one).

    Head office then takes all counts of this device, once it has been rebuilt, and refuses the
    device that had them before.
    """
    with _writing(path) as (config, sync_):
        sync_.want_takeover()
    click.echo(f"{config.store.id}: this device takes over when the agent starts")


@sync.command()
@config_option
def rebuilt(path: Path) -> None:
    """Say that this file knows the store, without waiting until the readers were up for long."""
    with _writing(path) as (config, sync_):
        sync_.set_rebuilt()
    click.echo(f"{config.store.id}: its counts may take the place of head office's")


@sync.command("new-device")
@config_option
def new_device(path: Path) -> None:
    """Make this machine a device of its own (its disk is a copy of another one's)."""
    config = configuration.load(path)
    with exclusive(Path(config.storage.path)):
        made = new_device_id(Path(config.storage.path))
    click.echo(f"{config.store.id}: this machine is device {made} now")


@sync.command("left-out")
@config_option
@json_option
def left_out(path: Path, *, as_json: bool) -> None:
    """Show the rows that nobody could take; each is tried again when it changes."""
    config = configuration.load(path)
    with contextlib.closing(open_database(Path(config.storage.path), read_only=True)) as db:
        rows = Stock(db).left_out()
    if as_json:
        for row in rows:
            click.echo(msgspec.json.encode(row))
    elif rows:
        click.echo(table(["GTIN", "VER", "REASON"], [[r.gtin, r.ver, r.reason] for r in rows]))
    else:
        click.echo("none")


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[tuple[configuration.Config, Sync]]:
    config = configuration.load(path)
    database = Path(config.storage.path)
    with exclusive(database), contextlib.closing(open_database(database)) as db:
        yield config, Sync(db)
