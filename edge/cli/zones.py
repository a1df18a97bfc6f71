"""tagtally-edge mute, candidates: what people say and ask of zones."""

import time
from pathlib import Path
from urllib.parse import quote

import click
import msgspec

from edge import config as configuration
from edge.cli.asking import ask_route
from edge.cli.common import config_option, json_option, reading
from edge.config import Config
from edge.engine.presence import SALE_DWELL_S
from edge.model import ZoneKind
from edge.shop.zone_desk import MAX_MUTE_MIN, MuteWish
from edge.storage.items import Dwelling, Items
from edge.terminal import age, table


@click.command()
@click.argument("zone")
@config_option
@click.option(
    "--minutes",
    type=click.FloatRange(0, MAX_MUTE_MIN),
    default=30.0,
    show_default=True,
    help="For how long; 0 ends it.",
)
def mute(zone: str, path: Path, minutes: float) -> None:
    """Hear nothing in ZONE while a delivery passes.

    What its antennas read meanwhile causes no event, and the clocks of items there stand still.
    """
    config = configuration.load(path)
    ask_route(config, "POST", f"/zones/{quote(zone, safe='')}/mute", MuteWish(minutes))
    click.echo(f"{zone}: muted for {minutes:g} min" if minutes else f"{zone}: heard again")


@click.command()
@config_option
@json_option
def candidates(path: Path, *, as_json: bool) -> None:
    """Show what waits at a point of sale and was not sold: a till may have missed it."""
    now_us = time.time_ns() // 1000
    found = sale_candidates(configuration.load(path), now_us)
    if as_json:
        for one in found:
            click.echo(msgspec.json.encode(one))
    elif found:
        rows = [[f.gtin, f.serial, f.zone, age((now_us - f.since_us) / 1e6)] for f in found]
        click.echo(table(["GTIN", "SERIAL", "ZONE", "SINCE"], rows))
    else:
        click.echo("none")


def sale_candidates(config: Config, now_us: int) -> list[Dwelling]:
    """Give the items that dwell in points of sale, those that came first at the top."""
    tills = [z for z, kind in config.zone_kinds().items() if kind is ZoneKind.POINT_OF_SALE]
    latest_us = now_us - SALE_DWELL_S * 1_000_000
    with reading(config) as db:
        found = [one for zone in tills for one in Items(db).dwelling(zone)]
    return [one for one in found if one.since_us <= latest_us]
