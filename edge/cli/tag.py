"""Read and change the memory of single tags, where the configuration allows it."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from edge import config as configuration
from edge.cli.asking import choose_reader, perform, reader_option, show
from edge.cli.common import Commands, config_option
from edge.llrp.access import (
    PATIENCE_S,
    Bank,
    KillTag,
    LockField,
    LockTag,
    Privilege,
    ReadTag,
    TagOperation,
    WriteEpc,
    WriteTag,
    words_of,
)


class HexBytes(click.ParamType[bytes]):
    """Bytes in hexadecimal digits, from one to `most`, a multiple of `unit` of them."""

    name = "hex"

    def __init__(self, most: int, unit: int = 1) -> None:
        self._most, self._unit = most, unit

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> bytes:
        if isinstance(value, bytes):
            return value
        try:
            data = bytes.fromhex(str(value))
        except ValueError:
            data = b""
        if not 0 < len(data) <= self._most or len(data) % self._unit:
            most, group = 2 * self._most, 2 * self._unit
            self.fail(f"expected up to {most} hexadecimal digits, in groups of {group}", param, ctx)
        return data


EPC, NEW_EPC, DATA = HexBytes(62), HexBytes(62, unit=2), HexBytes(64, unit=2)

_bank_option = click.option(
    "--bank",
    type=click.Choice([bank.value for bank in Bank]),
    default=Bank.EPC.value,
    show_default=True,
    help="Which part of the tag's memory.",
)
_pointer_option = click.option(
    "--pointer",
    type=click.IntRange(0, 0xFFFF),
    default=0,
    show_default=True,
    help="The first word, counted from 0.",
)


_epc_argument = click.argument("epc", type=EPC)


@click.group(cls=Commands)
def tag() -> None:
    """Read, write, lock and kill tags, as far as `[access] allow` lets you.

    A tag is meant by its EPC, in hexadecimal digits; pointers and counts are in words of 16 bits.
    Where the agent runs it does the work, and goes on counting meanwhile.
    """


def _on_tag(make: Callable[..., TagOperation]) -> Callable[..., None]:
    """Give a command what all of them take; the operation that it makes is carried out."""

    @click.option(
        "--password",
        type=HexBytes(4, unit=4),
        default="00000000",
        envvar="TAGTALLY_TAG_PASSWORD",
        show_envvar=True,
        help="The tag's password, 8 hexadecimal digits.",
    )
    @click.option(
        "--patience",
        "patience_s",
        type=click.FloatRange(0.1, 60),
        default=PATIENCE_S,
        show_default=True,
        help="How many seconds the tag may take to be met.",
    )
    @reader_option
    @config_option
    @click.pass_context
    def command(
        ctx: click.Context, /, path: Path, reader_name: str | None, password: bytes, **own: object
    ) -> None:
        operation = make(password=int.from_bytes(password), **own)
        config = configuration.load(path)
        show(ctx, perform(config, choose_reader(config, reader_name), operation))

    return functools.update_wrapper(command, make)


@tag.command()
@_epc_argument
@_bank_option
@_pointer_option
@click.option(
    "--words",
    type=click.IntRange(0, 255),
    default=0,
    show_default=True,
    help="How many; 0 reads up to the end of the bank.",
)
@_on_tag
def read(bank: str, **on_tag: Any) -> TagOperation:  # noqa: ANN401 - as click gives them
    """Read words of the tag that has this EPC, and show them in hexadecimal digits."""
    return ReadTag(bank=Bank(bank), **on_tag)


@tag.command()
@_epc_argument
@click.argument("data", type=DATA)
@_bank_option
@_pointer_option
@_on_tag
def write(bank: str, data: bytes, **on_tag: Any) -> TagOperation:  # noqa: ANN401 - as above
    """Write DATA, in hexadecimal digits, into the tag that has this EPC."""
    return WriteTag(bank=Bank(bank), data=words_of(data), **on_tag)


@tag.command("write-epc")
@_epc_argument
@click.argument("new_epc", type=NEW_EPC)
@_on_tag
def write_epc(new_epc: bytes, **on_tag: Any) -> TagOperation:  # noqa: ANN401 - as above
    """Give the tag that has this EPC a new one, and read it back."""
    return WriteEpc(new_epc=new_epc, **on_tag)


@tag.command()
@_epc_argument
@click.argument("field", type=click.Choice([field.value for field in LockField]))
@click.argument("privilege", type=click.Choice([one.value for one in Privilege]))
@_on_tag
def lock(field: str, privilege: str, **on_tag: Any) -> TagOperation:  # noqa: ANN401 - as above
    """Lock or unlock a FIELD of the tag that has this EPC; `perma...` can never be undone."""
    return LockTag(field=LockField(field), privilege=Privilege(privilege), **on_tag)


@tag.command()
@_epc_argument
@_on_tag
def kill(**on_tag: Any) -> TagOperation:  # noqa: ANN401 - as above
    """Silence the tag that has this EPC for ever; needs its kill password."""
    return KillTag(**on_tag)
