"""Run the agent, check its configuration, and look at what it has counted.

The commands that look read the agent's file, whether the agent runs or not, and change nothing.
"""

import logging
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import click
import msgspec

from edge import config as configuration
from edge import tuning
from edge.agent import Agent
from edge.cli.asking import ask_route, facts
from edge.cli.common import DEFAULT_CONFIG, ENVIRONMENT, config_option, json_option, reading
from edge.clock import SystemClock
from edge.config import AnyReaderConfig, Config, ReaderConfig
from edge.errors import GatewayError, ReaderError
from edge.llrp.clock import FLAGGED_US, ClockState, span
from edge.lock import holder
from edge.model import StockRow
from edge.readers.serial_config import check_readers, notes
from edge.shop.service import check_shop
from edge.storage.counts import Counts
from edge.storage.readers import Readers
from edge.storage.stock import Stock
from edge.storage.strays import KEPT, Strays
from edge.storage.sync import Sync
from edge.terminal import age, table
from edge.wire import ReaderStatus

Told = TypeVar("Told")


class LinkState(msgspec.Struct, frozen=True):
    """One connection, as the agent that runs has it."""

    state: str
    version: str
    clock: ClockState
    faults: dict[str, int]  # what could not be read, by cause
    without: tuple[str, ...]  # what the reader refuses
    foreign_rospecs: tuple[int, ...]


class HealthView(msgspec.Struct, frozen=True):
    alarms: dict[str, str]


class StoreState(msgspec.Struct, frozen=True):
    """What `status` shows."""

    store: str
    database: str
    zones: str  # by which model they are told
    agent: str | None  # its pid, if it runs
    term: int
    present: int
    missing: int
    skus: int
    pending: int
    left_out: int  # GTINs that nobody could take
    is_rebuilding: bool  # the file is new, and its counts are not to take the place of others yet
    strays: dict[str, int]  # by reason
    readers: list[ReaderStatus]
    counts: dict[str, int]  # sessions that run, or wait for a person's word, by state
    links: dict[str, LinkState] = {}  # by reader, where there is an agent to ask
    muted: dict[str, float] = {}  # by zone, the seconds that are left
    alarms: dict[str, str] = {}  # by what they are about


@click.command()
@config_option
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
)
def run(path: Path, log_level: str) -> None:
    """Run the agent until SIGTERM or Ctrl-C."""
    _log_to_stderr(log_level)
    agent = Agent(configuration.load(path), SystemClock())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: agent.stop())
    agent.run()


@click.command("check-config")
@click.argument("path", type=click.Path(path_type=Path), envvar=ENVIRONMENT, default=DEFAULT_CONFIG)
def check_config(path: Path) -> None:
    """Check a configuration, and show what it says."""
    config = configuration.load(path)
    configuration.mqtt_password(config)
    check_readers(config.readers)
    check_shop(config)
    weights = tuning.store_weights(config)
    click.echo(f"{path}: store {config.store.id}, broker {config.mqtt.host}:{config.mqtt.port}\n")
    click.echo(table(["READER", "ADDRESS", "ANTENNAS"], _reader_rows(config)))
    click.echo()
    click.echo(table(["ZONE", "KIND", "PROFILE", "ANTENNAS"], _zone_rows(config)))
    click.echo(f"\nzones are {tuning.model_name(config)}")
    if (local := config.local).port or local.drop:
        tills = [f"http://{local.host}:{local.port}" if local.port else "", local.drop or ""]
        click.echo(f"\ntills: {', '.join(filter(None, tills))}")
    for note in [*notes(config.readers), *tuning.notes(config, weights)]:
        click.echo(f"\nnote: {note}")


@click.command()
@config_option
@json_option
def status(path: Path, *, as_json: bool) -> None:
    """Show how the store is: totals and readers."""
    state = _state(configuration.load(path))
    if as_json:
        click.echo(msgspec.json.encode(state))
        return
    for name, text in _totals(state).items():
        click.echo(f"{name:<10}{text}")
    for about, text in state.alarms.items():
        click.echo(f"{'alarm':<10}{about}: {text}")
    click.echo()
    click.echo(table(["READER", "STATE", "LAST READ", "DETAIL"], _state_rows(state)))
    if state.links:
        click.echo()
        click.echo(table(["LINK", "LLRP", "CLOCK", "FAULTS", "WITHOUT"], _link_rows(state)))


@click.command()
@config_option
@json_option
def stock(path: Path, *, as_json: bool) -> None:
    """Show the counts of every GTIN: present by zone, and missing."""
    with reading(configuration.load(path)) as db:
        rows = Stock(db).rows()
    _show_stock(rows, as_json=as_json)
    if not (rows or as_json):
        click.echo("nothing counted yet")


@click.command()
@config_option
@json_option
@click.option("--limit", default=20, show_default=True, help="How many rows at most.")
def pending(path: Path, *, as_json: bool, limit: int) -> None:
    """Show what head office has not confirmed, oldest first."""
    with reading(configuration.load(path)) as db:
        rows = Stock(db).pending(Sync(db).acked(), limit).rows
        in_all = Stock(db).totals().pending
    _show_stock(rows, as_json=as_json)
    if not as_json and in_all:
        click.echo(f"\n{len(rows)} of {in_all} GTINs that head office has not confirmed")
    elif not as_json:
        click.echo("head office has confirmed everything")


def _show_stock(rows: Sequence[StockRow], *, as_json: bool) -> None:
    if as_json:
        for row in rows:
            click.echo(msgspec.json.encode(row))
        return
    if not rows:
        return
    zones = sorted({zone for row in rows for zone in row.zones})
    cells: list[list[str | int]] = [
        [
            row.gtin,
            *(row.zones.get(zone, 0) for zone in zones),
            sum(row.zones.values()),
            row.missing,
        ]
        for row in rows
    ]
    click.echo(table(["GTIN", *zones, "PRESENT", "MISSING"], cells))


def _totals(state: StoreState) -> dict[str, str]:
    """Give the lines above the readers; what is naught and need not be said is left out."""
    strays = ", ".join(f"{count} {reason}" for reason, count in state.strays.items())
    running = f"runs, pid {state.agent}" if state.agent else "does not run"
    lines = {
        "store": state.store,
        "agent": f"{running}, term {state.term}",
        "database": state.database,
        "zones": state.zones,
        "items": f"{state.present} present, {state.missing} missing, of {state.skus} GTINs",
        "pending": f"{state.pending} GTINs that head office has not confirmed",
        "left out": f"{state.left_out} GTINs that cannot be sent",
        "strays": strays or "none",
        "counts": ", ".join(f"{number} {name}" for name, number in state.counts.items()),
    }
    for name, is_worth_a_line in {"counts": state.counts, "left out": state.left_out}.items():
        if not is_worth_a_line:
            del lines[name]
    if state.muted:
        muted = (f"{zone} for {left_s / 60:.0f} min" for zone, left_s in state.muted.items())
        lines["muted"] = ", ".join(muted)
    if state.is_rebuilding:
        lines["database"] += " (new: not all readers were up for long enough yet)"
    return lines


def _state(config: Config) -> StoreState:
    path, well = Path(config.storage.path), _asked(config, "/health", HealthView)
    with reading(config) as db:
        totals, sync_state = Stock(db).totals(), Sync(db).state()
        strays = Counter(stray.reason.value for stray in Strays(db).newest(KEPT))
        return StoreState(
            store=config.store.id,
            database=str(path),
            zones=tuning.model_name(config),
            agent=holder(path),
            term=sync_state.term,
            present=totals.present,
            missing=totals.missing,
            skus=totals.skus,
            pending=totals.pending,
            left_out=len(Stock(db).left_out()),
            is_rebuilding=sync_state.is_rebuilding,
            strays=dict(strays.most_common()),
            readers=Readers(db).all(),
            counts=Counts(db).waiting(),
            links=_links(config),
            muted=_asked(config, "/zones/muted", dict[str, float]) or {},
            alarms=well.alarms if well else {},
        )


def _links(config: Config) -> dict[str, LinkState]:
    """Ask the agent how its connections are; one that does not answer leaves them unknown."""
    try:
        answer = facts(config)
    except ReaderError:
        return {}
    return {
        name: LinkState(
            one.state, one.version, one.clock, one.faults, one.without, one.foreign_rospecs
        )
        for name, one in (answer.readers if answer else {}).items()
        if one is not None
    }


def _asked(config: Config, target: str, kind: type[Told]) -> Told | None:
    """Ask one of the agent's routes; None where none answers."""
    try:
        return msgspec.json.decode(ask_route(config, "GET", target), type=kind)
    except (GatewayError, msgspec.MsgspecError):
        return None


def _link_rows(state: StoreState) -> list[list[str]]:
    rows = []
    for name, link in state.links.items():
        faults = ", ".join(f"{count} {cause}" for cause, count in link.faults.items())
        wrong_us = -round(link.clock.offset_s * 1e6)
        clock = "right" if abs(wrong_us) <= FLAGGED_US else f"{span(wrong_us)}, {link.clock.gait}"
        rows.append([name, link.version, clock, faults or "none", ", ".join(link.without) or "-"])
    return rows


def _reader_rows(config: Config) -> list[list[str]]:
    return [
        [
            reader.name,
            _address(reader),
            ", ".join(f"{antenna.port} {antenna.zone}" for antenna in reader.antennas),
        ]
        for reader in config.readers
    ]


def _address(reader: AnyReaderConfig) -> str:
    if isinstance(reader, ReaderConfig):
        return f"llrp://{reader.host}:{reader.port}"
    return f"{reader.protocol} at {reader.device}"


def _zone_rows(config: Config) -> list[list[str | int]]:
    antennas = Counter(antenna.zone for reader in config.readers for antenna in reader.antennas)
    profiles = tuning.profile_names(config)
    return [
        [name, kind.value, profiles[name], antennas[name]]
        for name, kind in config.zone_kinds().items()
    ]


def _state_rows(state: StoreState) -> list[list[str]]:
    """Give the readers' rows; what nobody has watched since is not called up."""
    now_us = time.time_ns() // 1000
    rows = []
    for reader in state.readers:
        known = "up" if reader.up else "down"
        at_us = reader.last_read_at_us
        last_read = "never" if at_us is None else age((now_us - at_us) / 1e6)
        rows.append([reader.name, known if state.agent else "unknown", last_read, reader.detail])
    return rows


def _log_to_stderr(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=level.upper(), handlers=[handler])


COMMANDS = (run, check_config, status, stock, pending)
