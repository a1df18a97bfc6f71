"""Look at LLRP: recorded bytes, and readers on the network."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import click
import msgspec

from edge.cli.common import Commands, json_option
from edge.cli.probe import discover, output, probe, record
from edge.llrp.codec import Fault
from edge.llrp.facts import VERSIONS
from edge.llrp.recorded import Lost, Recorded, read_recorded
from edge.llrp.text import as_object, name_of, tree


@click.group(cls=Commands)
def llrp() -> None:
    """Decode recorded LLRP, and see what readers are and can."""


for _command in (probe, discover, record, output):
    llrp.add_command(_command)


@dataclass(slots=True)
class _Counts:
    messages: int = 0
    identical: int = 0
    faults: int = 0

    def take(self, one: Recorded | Lost) -> None:
        if isinstance(one, Lost):
            self.faults += 1
            return
        self.messages += 1
        self.identical += one.is_identical
        self.faults += len(one.faults)

    def are_good(self) -> bool:
        return self.identical == self.messages and not self.faults

    def __str__(self) -> str:
        return (
            f"messages {self.messages}, identical round trips {self.identical}, "
            f"faults {self.faults}"
        )


@llrp.command()
@click.argument("file", type=click.File("rb"))
@json_option
@click.pass_context
def decode(ctx: click.Context, file: BinaryIO, *, as_json: bool) -> None:
    """Show every message in a FILE of LLRP bytes (`-` is standard input).

    Each message is encoded again and compared with the bytes it came from.  The last line counts
    messages, those that came back identical, and faults; the exit code is 0 only if all did, and
    there was no fault.
    """
    counts = _Counts()
    for one in read_recorded(file.read()):
        counts.take(one)
        if as_json:
            click.echo(msgspec.json.encode(_as_object(one)))
        else:
            click.echo("\n".join(_as_text(one)))
    if as_json:
        summary = {
            "messages": counts.messages,
            "identical_round_trips": counts.identical,
            "faults": counts.faults,
        }
        click.echo(msgspec.json.encode(summary))
    click.echo(str(counts), err=as_json)
    ctx.exit(0 if counts.are_good() else 1)


def _as_text(one: Recorded | Lost) -> Iterator[str]:
    if isinstance(one, Lost):
        yield f"@{one.at} {one.left} bytes that are no message: {_fault(one.fault)}"
        return
    frame = one.frame
    version = VERSIONS.get(frame.version, f"of version {frame.version}")
    length = 10 + len(frame.body)
    yield (
        f"@{one.at} {name_of(one.message)} id {frame.message_id}, LLRP {version}, {length} bytes"
    )
    yield from tree(one.message)
    if not one.is_identical:
        yield "  ! encoded again, it gives other bytes"
    yield from (f"  ! {_fault(fault)}" for fault in one.faults)


def _as_object(one: Recorded | Lost) -> dict[str, Any]:
    if isinstance(one, Lost):
        return {"at": one.at, "left": one.left, "faults": [one.fault]}
    return {
        "at": one.at,
        "message": name_of(one.message),
        "id": one.frame.message_id,
        "version": one.frame.version,
        "length": 10 + len(one.frame.body),
        "identical": one.is_identical,
        "faults": one.faults,
        "fields": as_object(one.message),
    }


def _fault(fault: Fault) -> str:
    where = f"{fault.where}: " if fault.where else ""
    return f"{where}{fault.cause}, {fault.detail}"
