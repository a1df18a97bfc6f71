"""tagtally-edge count: stocktakes of zones, and their differences, which a person approves.

The commands that look read the agent's file, whether the agent runs or not; those that change
something ask the agent that runs.
"""

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import click
import msgspec

from edge import config as configuration
from edge.cli.asking import ask_route
from edge.cli.common import config_option, json_option, reading
from edge.cli.count_files import compared, read_expected, read_stocktakes
from edge.cli.count_texts import cells, ended_text, imported_text, progress_text, result_text
from edge.config import Config
from edge.count_views import CountView, result, view
from edge.counts import CountState
from edge.errors import InputConflict, InputError, NothingSuch
from edge.lock import exclusive
from edge.storage.counts import CountHead, Counts
from edge.storage.database import open_database
from edge.terminal import table
from edge.wire_counts import CountAct, CountOrder

LOOK_S = 1.0

count_argument = click.argument("name", metavar="[COUNT]", required=False)


@click.group()
def count() -> None:
    """Count what lies in a zone, compare it with what should, and approve the differences."""


@count.command("open")
@config_option
@json_option
@click.option("--zone", "zones", multiple=True, required=True, help="Which; may be given again.")
@click.option("--reader", "readers", multiple=True, help="Whose reads count; all handhelds if not.")
@click.option(
    "--expected",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="CSV with the columns gtin and quantity, or epc; if not, what is in the zones by now.",
)
@click.option("--id", "name", help="The session's id; made from the time if not.")
@click.option(
    "--idle",
    "idle_s",
    type=click.FloatRange(10, 86_400),
    help="Close after so many seconds without news.",
)
def open_(  # noqa: PLR0913, PLR0917  (a command's options)
    path: Path,
    as_json: bool,  # noqa: FBT001  (click's)
    zones: Sequence[str],
    readers: Sequence[str],
    file: Path | None,
    name: str | None,
    idle_s: float | None,
) -> None:
    """Begin a session; handhelds count into it from now on."""
    config = configuration.load(path)
    expected = read_expected(file) if file else {}
    order = _order(
        {"zones": list(zones), "readers": list(readers), "id": name, "idle_s": idle_s}, expected
    )
    opened = _ask(config, "/counts", order)
    if as_json:
        click.echo(msgspec.json.encode(opened))
    else:
        click.echo(f"{opened.id}: open; tagtally-edge count close {opened.id} ends it")


@count.command()
@config_option
@json_option
@count_argument
@click.option("--once", is_flag=True, help="Show it as it is now, and end.")
def progress(path: Path, as_json: bool, name: str | None, once: bool) -> None:  # noqa: FBT001
    """Follow a session that runs, a line for each change, until it is closed."""
    config = configuration.load(path)
    shown: CountView | None = None
    while True:
        with reading(config) as db:
            now = view(
                _chosen(Counts(db), name or (shown.id if shown else None), CountState.RUNNING)
            )
        if now != shown:
            click.echo(msgspec.json.encode(now) if as_json else progress_text(now))
            shown = now
        if once or now.state != CountState.RUNNING.value:
            return
        time.sleep(LOOK_S)


@count.command()
@config_option
@json_option
@count_argument
def close(path: Path, as_json: bool, name: str | None) -> None:  # noqa: FBT001
    """End a session; its differences then wait to be approved."""
    _end(path, name, CountAct.CLOSE, as_json=as_json)


@count.command()
@config_option
@json_option
@count_argument
@click.option(
    "--write-off", is_flag=True, help="What is missing has departed, not only gone missing."
)
def approve(path: Path, as_json: bool, name: str | None, write_off: bool) -> None:  # noqa: FBT001
    """Make the differences of a session that has ended the store's stock."""
    _end(path, name, CountAct.APPROVE, as_json=as_json, writes_off=write_off)


@count.command()
@config_option
@json_option
@count_argument
def cancel(path: Path, as_json: bool, name: str | None) -> None:  # noqa: FBT001
    """Drop a session; stock stays as it is."""
    _end(path, name, CountAct.CANCEL, as_json=as_json)


@count.command()
@config_option
@json_option
@count_argument
@click.option("--all", "shows_all", is_flag=True, help="SKUs without a difference too.")
def show(path: Path, as_json: bool, name: str | None, shows_all: bool) -> None:  # noqa: FBT001
    """Show a session's result, SKU by SKU, with the items that differ; the newest if not named."""
    with reading(configuration.load(path)) as db:
        counts = Counts(db)
        found = result(counts, _chosen(counts, name, None))
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    click.echo(result_text(found, shows_all=shows_all))


@count.command("list")
@config_option
@json_option
@click.option("--limit", default=20, show_default=True, help="How many at most.")
def list_(path: Path, as_json: bool, limit: int) -> None:  # noqa: FBT001
    """List the sessions, newest first."""
    with reading(configuration.load(path)) as db:
        views = [view(head) for head in Counts(db).heads(limit)]
    if as_json:
        for one in views:
            click.echo(msgspec.json.encode(one))
    elif views:
        head = ["COUNT", "STATE", "ZONES", "EXPECTED", "FOUND", "MISSING", "UNEXPECTED", "ACCURACY"]
        click.echo(table(head, [cells(one) for one in views]))
    else:
        click.echo("nothing was counted yet")


@count.command("import")
@config_option
@json_option
@click.argument("file", metavar="FILE.csv", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--zone", required=True, help="Which zone was counted.")
@click.option(
    "--stocktakes",
    type=click.Path(dir_okay=False, path_type=Path),
    help="CSV with a line for each stocktake: its times, and the totals that were published.",
)
@click.option(
    "--expected",
    type=click.Path(dir_okay=False, path_type=Path),
    help="CSV with the columns gtin and quantity, or epc: what was expected of each.",
)
@click.option(
    "--rows-are-items",
    is_flag=True,
    help="A serial that comes again is another item: the file leaves out what tells them apart.",
)
def import_(  # noqa: PLR0913, PLR0917  (a command's options)
    path: Path,
    as_json: bool,  # noqa: FBT001  (click's)
    file: Path,
    zone: str,
    stocktakes: Path | None,
    expected: Path | None,
    rows_are_items: bool,  # noqa: FBT001  (click's)
) -> None:
    """Take stocktakes that were made elsewhere as sessions that wait for approval.

    FILE.csv has the columns InventoryId, EpcSerial and Product (or InventoryId and epc), divided
    by semicolons or commas.  The agent must be stopped.
    """
    config = configuration.load(path)
    found = read_stocktakes(file, zone, stocktakes, expected, rows_are_items=rows_are_items)
    if zone not in config.zone_kinds():
        raise InputError(f"--zone: expected one of {', '.join(config.zone_kinds())}, got {zone}")
    database = Path(config.storage.path)
    shown = []
    with exclusive(database), contextlib.closing(open_database(database)) as db, db.atomic():
        counts = Counts(db)
        for one in found:
            if counts.head(one.opened.plan.id) is not None:
                raise InputConflict(f"count {one.opened.plan.id} is there already")
            counts.add(one.opened, one.lines, one.closed_at_us)
            shown.append(compared(view(_chosen(counts, one.opened.plan.id, None)), one.published))
    for row in shown:
        click.echo(msgspec.json.encode(row) if as_json else imported_text(row))


def _order(facts: dict[str, object], expected: dict[str, object]) -> CountOrder:
    try:
        return msgspec.convert({**facts, **expected}, CountOrder)
    except msgspec.ValidationError as error:
        raise InputError(f"count: {error}") from error


def _end(
    path: Path, name: str | None, act: CountAct, *, as_json: bool, writes_off: bool = False
) -> None:
    config = configuration.load(path)
    if name is None:
        wanted = CountState.CLOSED if act is CountAct.APPROVE else CountState.RUNNING
        with reading(config) as db:
            name = _chosen(Counts(db), None, wanted).plan.id
    body = {"writes_off": writes_off} if act is CountAct.APPROVE else None
    shown = _ask(config, f"/counts/{quote(name, safe='')}/{act.value}", body)
    click.echo(msgspec.json.encode(shown) if as_json else ended_text(shown))


def _ask(config: Config, path: str, body: object) -> CountView:
    told = ask_route(config, "POST", f"{path}?by=command", body)
    return msgspec.json.decode(told, type=CountView)


def _chosen(counts: Counts, name: str | None, state: CountState | None) -> CountHead:
    """Give the session of that name; without one the newest, which must be the only one."""
    if name is not None:
        head = counts.head(name)
        if head is None:
            raise NothingSuch(f"there is no count {name}")
        return head
    heads = counts.heads(2, state)
    if not heads:
        what = f"no count is {state.value}" if state else "nothing was counted yet"
        raise NothingSuch(what)
    if state is not None and len(heads) > 1:
        raise InputError(f"several counts are {state.value}; name one (tagtally-edge count list)")
    return heads[0]
