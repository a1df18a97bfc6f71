"""tagtally-edge mute: have the agent hear nothing in a zone for a while."""

from pathlib import Path
from urllib.parse import quote

import click

from edge import config as configuration
from edge.cli.asking import ask_route
from edge.cli.common import config_option
from edge.zone_desk import MAX_MUTE_MIN, MuteWish


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
