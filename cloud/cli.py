"""tagtally-cloud: head office's commands.  Errors become one line and an exit code here."""

import logging
import secrets
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from cloud import config as configuration
from cloud.commanding import send_command
from cloud.config import Config
from cloud.documents import paths, records, shapes
from cloud.documents.interface import Query
from cloud.provisioning import read_products, write_products
from cloud.service import mqtt_settings, open_documents, run_both, run_bridge, run_web
from edge.errors import ConfigError, GatewayError
from edge.wire import Command, Wish

DEFAULT_CONFIG = "/etc/tagtally/cloud.toml"


class Commands(click.Group):
    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except GatewayError as error:
            click.echo(f"tagtally-cloud: {error}", err=True)
            ctx.exit(error.exit_code)


config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=DEFAULT_CONFIG,
    envvar="TAGTALLY_CLOUD_CONFIG",
    show_default=True,
    show_envvar=True,
    help="Head office's configuration.",
)


@click.group(cls=Commands)
@click.version_option(package_name="tagtally", prog_name="tagtally-cloud")
def main() -> None:
    """Tagtally's head office: from the broker to the documents, and from them to browsers."""


@main.command()
@config_option
def bridge(config_file: Path) -> None:
    """Receive what stores say, commit it to the documents, and answer."""
    config = _start(config_file)
    run_bridge(config)


@main.command()
@config_option
def web(config_file: Path) -> None:
    """Serve the page and the HTTP API."""
    config = _start(config_file)
    run_web(config)


@main.command()
@config_option
def serve(config_file: Path) -> None:
    """Do what bridge and web do, in one process."""
    config = _start(config_file)
    run_both(config)


@main.command("check-config")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def check_config(file: Path) -> None:
    """Say what is wrong with a configuration, or that nothing is."""
    documents = configuration.load(file).documents
    where = documents.path if documents.kind is configuration.Kind.EMBEDDED else documents.project
    emulator = f" in the emulator at {documents.emulator}" if documents.emulator else ""
    click.echo(f"{file}: in order; {documents.kind} documents, {where}{emulator}")


@main.group()
def provision() -> None:
    """Write what head office knows beforehand."""


@provision.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@config_option
def products(file: Path, config_file: Path) -> None:
    """Give SKUs their names, from a CSV file with the columns gtin and name."""
    config = configuration.load(config_file)
    found = read_products(file)
    with closing(open_documents(config.documents)) as documents:
        write_products(documents, found)
    click.echo(f"{len(found)} products written")


@main.command()
@click.option("--store", "store_id", required=True, help="The store's id.")
@click.option("--json", "as_json", is_flag=True, help="One object a line, for programs.")
@config_option
def stock(store_id: str, as_json: bool, config_file: Path) -> None:  # noqa: FBT001  (click's)
    """List a store's stock as the documents have it, by GTIN."""
    config = configuration.load(config_file)
    query = Query(paths.stock(store_id))
    with closing(open_documents(config.documents)) as documents:
        lines = [shapes.stock_line(document) for document in documents.find(query)]
    for line in lines:
        click.echo(msgspec.json.encode(line) if as_json else _told(line))


_WISHES = [wish.value for wish in Wish if wish is not Wish.COUNT]  # that one says more


@main.command()
@click.argument("store_id", metavar="STORE")
@click.argument("wish", type=click.Choice(_WISHES))
@click.option("--device", default="", help="Of which device; its id, or how that begins.")
@click.option("--timeout", "timeout_s", default=30.0, show_default=True, help="In seconds.")
@config_option
def command(store_id: str, wish: str, device: str, timeout_s: float, config_file: Path) -> None:
    """Tell a store's agent what to do, and wait until it has heard.

    resend: send all counts once more.  digest: compare all counts with the documents, and send
    again what differs.  snapshot: send all, and have whatever else the documents hold deleted.
    takeover: own this store's documents from now on (needs --device).
    """
    config = configuration.load(config_file)
    if config.mqtt is None:
        raise ConfigError("mqtt: missing; a command goes by the broker")
    if wish == Wish.TAKEOVER and not device:
        raise click.UsageError("takeover needs --device: it says which one is to own the store")
    said = Command(store_id, secrets.token_hex(8), Wish(wish), device)
    status = send_command(mqtt_settings(config.mqtt), said, timeout_s)
    click.echo(f"{store_id}: heard by device {status.device}, {status.pending} GTINs pending")


@main.command()
@click.option("--store", "store_id", help="Of this store only.")
@click.option("--json", "as_json", is_flag=True, help="One object a line, for programs.")
@config_option
def deadletters(store_id: str | None, as_json: bool, config_file: Path) -> None:  # noqa: FBT001
    """List what could not be taken from stores, with its bytes and the reason."""
    config = configuration.load(config_file)
    with closing(open_documents(config.documents)) as documents:
        found = documents.find(records.dead_letters(store_id))
    for letter in sorted(map(records.dead_letter, found), key=lambda each: each.at_us):
        click.echo(msgspec.json.encode(letter) if as_json else _letter_told(letter))


def _letter_told(letter: records.DeadLetter) -> str:
    at = datetime.fromtimestamp(letter.at_us / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    what = f"GTIN {letter.gtin} ver {letter.ver}" if letter.gtin else f"{letter.size} bytes"
    return f"{at}  {letter.store}  {what}  {letter.reason}"


def _told(line: shapes.StockLine) -> str:
    zones = "  ".join(f"{zone} {count}" for zone, count in sorted(line.zones.items()))
    missing = f"  missing {line.missing}" if line.missing else ""
    return f"{line.gtin}  present {line.present}  {zones}{missing}"


def _start(config_file: Path) -> Config:
    """Read the configuration of a service, and begin its log."""
    config = configuration.load(config_file)
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s"
    )
    return config


if __name__ == "__main__":
    main()
