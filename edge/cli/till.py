"""tagtally-edge sale, return, receipt, refill: what a till says, said by a person.

What changes something is asked of the agent that runs; what only looks reads its file.
"""

import uuid
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click
import msgspec

from edge import config as configuration
from edge.cli.asking import ask_route
from edge.cli.common import config_option, json_option, reading
from edge.config import Config
from edge.errors import InputError
from edge.local.documents import Id, Kind, Line, TillDocument
from edge.local.files import MAX_FILE, read_file
from edge.shop.minimums import load_minimums
from edge.shop.till_answers import LineAnswer, TillAnswer
from edge.shop.till_looks import ReceiptView, ReceiptWithLines, TillLooks
from edge.terminal import table

_GTIN_DIGITS = frozenset({8, 12, 13, 14})
_id_option = click.option("--id", "document", help="What the till calls it; a new one by default.")
_zone_option = click.option("--zone", help="Where: the point of sale by default.")
_items = click.argument("items", nargs=-1, required=True, metavar="ITEM...")


@click.command()
@_items
@config_option
@json_option
@_id_option
@_zone_option
def sale(
    items: Sequence[str], path: Path, document: str | None, zone: str | None, *, as_json: bool
) -> None:
    """Say that items were sold.

    ITEM is an EPC (in hex, as URI, or as (01)...(21)...), or a GTIN; a GTIN that stands there twice
    was sold twice.
    """
    _tell(Kind.SALE, "/sales", configuration.load(path), _document(items, document, zone), as_json)


@click.command("return")
@_items
@config_option
@json_option
@_id_option
@_zone_option
def return_(
    items: Sequence[str], path: Path, document: str | None, zone: str | None, *, as_json: bool
) -> None:
    """Say that items came back; ITEM as for `sale`."""
    told = _document(items, document, zone)
    _tell(Kind.RETURN, "/returns", configuration.load(path), told, as_json)


@click.group()
def receipt() -> None:
    """Say what is to be delivered, and see what has arrived."""


@receipt.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@config_option
def add(file: Path, path: Path) -> None:
    """Take the advance notices in FILE, JSON or CSV as in the drop folder."""
    config = configuration.load(path)
    with click.open_file(str(file), "rb") as opened:
        entries = read_file(file.name, opened.read(MAX_FILE + 1))
    if wrong := [f"{one.kind} {one.document.id}" for one in entries if one.kind != Kind.RECEIPT]:
        raise InputError(f"{file}: expected receipts only", wrong)
    for entry in entries:
        answer = ask_route(config, "POST", "/receipts", entry.document)
        told = msgspec.json.decode(answer)
        click.echo(f"receipt {told['id']}: {told['expected']} expected, due {told['due']}")


@receipt.command("list")
@config_option
@json_option
def list_(path: Path, *, as_json: bool) -> None:
    """Show what was announced: open receipts first."""
    receipts = _looks(configuration.load(path)).receipts()
    if as_json:
        for one in receipts:
            click.echo(msgspec.json.encode(one))
    elif receipts:
        head = ["RECEIPT", "SUPPLIER", "DUE", "STATE", "EXPECTED", "RECEIVED", "MISSING", "OVER"]
        click.echo(table(head, [_receipt_row(one) for one in receipts]))
    else:
        click.echo("none")


@receipt.command()
@click.argument("receipt_id", metavar="ID")
@config_option
@json_option
def show(receipt_id: str, path: Path, *, as_json: bool) -> None:
    """Show what of a receipt has arrived."""
    _show(_looks(configuration.load(path)).receipt(receipt_id), as_json=as_json)


@receipt.command()
@click.argument("receipt_id", metavar="ID")
@config_option
@json_option
def close(receipt_id: str, path: Path, *, as_json: bool) -> None:
    """Close a receipt: what has not arrived by now is missing."""
    try:
        msgspec.convert(receipt_id, Id)
    except msgspec.ValidationError:
        raise InputError(f"{receipt_id}: no receipt can have this name") from None
    answer = ask_route(configuration.load(path), "POST", f"/receipts/{receipt_id}/close")
    _show(msgspec.json.decode(answer, type=ReceiptWithLines), as_json=as_json)


@click.command()
@config_option
@json_option
def awaited(path: Path, *, as_json: bool) -> None:
    """Show what was sold or returned by GTIN and cannot be told which items it was."""
    lines = _looks(configuration.load(path)).awaited()
    if as_json:
        for one in lines:
            click.echo(msgspec.json.encode(one))
        return
    rows: list[list[str | int]] = [
        [
            one.document,
            one.gtin,
            one.left,
            f"{one.told:%Y-%m-%d %H:%M}Z",
            "given up" if one.is_given_up else "awaited",
        ]
        for one in lines
    ]
    click.echo(table(["DOCUMENT", "GTIN", "LEFT", "TOLD", "STATE"], rows) if rows else "none")


@click.command()
@config_option
@json_option
def refill(path: Path, *, as_json: bool) -> None:
    """Show what to bring from the back room to the floor."""
    advice = _looks(configuration.load(path)).refill()
    if as_json:
        for one in advice:
            click.echo(msgspec.json.encode(one))
        return
    rows: list[list[str | int]] = [
        [
            one.gtin,
            one.floor,
            one.minimum,
            one.bring,
            ", ".join(f"{count} in {zone}" for zone, count in one.back.items()),
        ]
        for one in advice
    ]
    text = table(["GTIN", "FLOOR", "MINIMUM", "BRING", "THERE ARE"], rows)
    click.echo(text if rows else "nothing to bring")


def _document(items: Sequence[str], document: str | None, zone: str | None) -> TillDocument:
    lines = tuple(
        Line(gtin=one) if one.isdecimal() and len(one) in _GTIN_DIGITS else Line(epc=one)
        for one in items
    )
    return TillDocument(document or f"by-hand-{uuid.uuid4()}", lines, zone=zone)


def _tell(kind: Kind, target: str, config: Config, document: TillDocument, as_json: bool) -> None:  # noqa: FBT001 as the option has it
    answer = ask_route(config, "POST", target, document)
    if as_json:
        click.echo(answer)
        return
    told = msgspec.json.decode(answer, type=TillAnswer)
    click.echo(f"{kind} {told.id}")
    for line in told.lines:
        click.echo(f"  {line.gtin or line.epc} {line.serial or ''}".rstrip() + f": {_said(line)}")


def _said(line: LineAnswer) -> str:
    match line.outcome:
        case "noted":
            return f"noted; it is no item: {line.reason}"
        case "counted":
            known = f"taken to be {', '.join(line.serials)}" if line.serials else ""
            awaited = f"{line.awaited} awaited until readers show which" if line.awaited else ""
            return "; ".join(text for text in (known, awaited) if text)
        case "unchanged":
            return f"unchanged: it was {line.was} already"
        case _:
            return f"{line.outcome}; it was {line.was or 'never read here'}"


def _show(found: ReceiptWithLines, *, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    click.echo(table(["RECEIPT", "SUPPLIER", "DUE", "STATE"], [_receipt_row(found.receipt)[:4]]))
    click.echo()
    head = ["GTIN", "SERIAL", "EXPECTED", "RECEIVED", "MISSING", "OVER"]
    rows: list[list[str | int]] = [
        [line.gtin, line.serial or "any", line.expected, line.received, line.missing, line.over]
        for line in found.lines
    ]
    click.echo(table(head, rows))


def _receipt_row(one: ReceiptView) -> list[str | int]:
    state = "open" if one.closed is None else f"closed {one.closed:%Y-%m-%d %H:%M}Z"
    counts = one.expected, one.received, one.missing, one.over
    return [one.id, one.supplier or "-", f"{one.due:%Y-%m-%d %H:%M}Z", state, *counts]


def _looks(config: Config) -> TillLooks:
    return TillLooks(partial(reading, config), config.zone_kinds(), partial(load_minimums, config))


COMMANDS = (sale, return_, receipt, awaited, refill)
