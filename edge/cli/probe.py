"""Readers on the network: who is there, and what one is and can."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from edge import config as configuration
from edge.cli.asking import choose_reader, perform, reader_option, show
from edge.cli.common import config_option, json_option
from edge.clock import SystemClock
from edge.config_readers import LLRP_PORT, LLRP_TLS_PORT, ReaderConfig, TlsConfig
from edge.errors import ConfigError, ReaderError
from edge.llrp.capabilities import Capabilities
from edge.llrp.clock import span
from edge.llrp.facts import SessionFacts
from edge.llrp.operations import SetOutput
from edge.lock import holder
from edge.options import LlrpVersion
from edge.readers import direct
from edge.readers.mdns import discover as ask_network
from edge.terminal import table

_RIGHT_US = 100_000  # the connection's own delay is in it
_ADDRESS = re.compile(r"\[([^\]]+)\](?::(\d+))?|([^:]+)(?::(\d+))?|([0-9a-fA-F:]+)")


@click.command()
@click.argument("address", metavar="HOST[:PORT]")
@click.option("--fingerprint", help="Over TLS: the SHA-256 of the reader's certificate.")
@click.option("--ca-file", help="Over TLS: who has signed the reader's certificate.")
@click.option(
    "--version",
    "llrp_version",
    type=click.Choice([one.value for one in LlrpVersion]),
    default=LlrpVersion.AUTO.value,
    show_default=True,
    help="Which version of LLRP to speak.",
)
@json_option
def probe(
    address: str,
    *,
    fingerprint: str | None,
    ca_file: str | None,
    llrp_version: str,
    as_json: bool,
) -> None:
    """Show what a reader is and can; nothing is changed in it.

    A reader talks to one client at a time: stop the agent that uses it before.
    """
    tls = TlsConfig(ca_file, fingerprint) if fingerprint or ca_file else None
    host, port = _parse(address, LLRP_TLS_PORT if tls else LLRP_PORT)
    config = ReaderConfig(
        name="probe",
        host=host,
        port=port,
        antennas=(),
        tls=tls,
        version=LlrpVersion(llrp_version),
    )
    facts = direct.look_at(config, SystemClock())
    if as_json:
        click.echo(msgspec.json.encode({"host": host, "port": port, "facts": facts}))
        return
    click.echo(f"{'reader':<11}{host}:{port}")
    for name, text in _lines(facts):
        click.echo(f"{name:<11}{text}")
    if facts.capabilities.modes:
        click.echo()
        click.echo(_modes(facts.capabilities))


@click.command()
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(0.1, 60),
    default=3.0,
    show_default=True,
    help="How many seconds to wait for answers.",
)
@json_option
def discover(*, timeout_s: float, as_json: bool) -> None:
    """Find LLRP readers on this network that tell of themselves (mDNS, `_llrp._tcp`)."""
    found = ask_network(timeout_s)
    if as_json:
        for one in found:
            click.echo(msgspec.json.encode(one))
    elif found:
        rows = [
            [one.name, f"{one.host}:{one.port}", ", ".join(one.addresses), " ".join(one.text)]
            for one in found
        ]
        click.echo(table(["NAME", "HOST", "ADDRESSES", "TELLS"], rows))
    else:
        click.echo(f"no reader has told of itself within {timeout_s:g} s", err=True)


@click.command()
@click.argument("port", type=click.IntRange(1, 255))
@click.argument("level", type=click.Choice(["high", "low"]))
@reader_option
@config_option
@click.pass_context
def output(
    ctx: click.Context, /, port: int, level: str, reader_name: str | None, path: Path
) -> None:
    """Set an output line (GPO) of a reader, which is counted from 1."""
    config = configuration.load(path)
    operation = SetOutput(port=port, is_high=level == "high")
    show(ctx, perform(config, choose_reader(config, reader_name), operation))


@click.command()
@click.argument("file", type=click.File("wb"))
@click.option(
    "--seconds",
    type=click.FloatRange(0.1, 3600),
    default=10.0,
    show_default=True,
    help="How long tags are read.",
)
@reader_option
@config_option
def record(file: BinaryIO, *, seconds: float, reader_name: str | None, path: Path) -> None:
    """Read tags as the agent would, and write all that the reader says to a FILE.

    `llrp decode FILE` shows it: every field of every report, a phase and a serialized TID among
    them where they are configured.  A reader talks to one client at a time: stop the agent before.
    """
    config = configuration.load(path)
    if pid := holder(Path(config.storage.path)):
        raise ReaderError(f"the agent ({pid}) has the reader, which talks to one client: stop it")
    reads = direct.record(choose_reader(config, reader_name), SystemClock(), seconds, file.write)
    click.echo(f"{reads} reads, {file.tell()} bytes; `llrp decode {file.name}` shows them")


def _parse(address: str, port: int) -> tuple[str, int]:
    """Take HOST, HOST:PORT or [IPv6]:PORT apart."""
    if found := _ADDRESS.fullmatch(address):
        host = found[1] or found[3] or found[5]
        number = int(found[2] or found[4] or port)
        if 0 < number < 1 << 16:
            return host, number
    raise ConfigError(f"expected HOST, HOST:PORT or [IPv6]:PORT, got {address}")


def _lines(facts: SessionFacts) -> Iterator[tuple[str, str]]:
    reader, clock_us = facts.capabilities, -round(facts.clock.offset_s * 1e6)
    newest = facts.newest_version
    yield "make", reader.make
    yield "LLRP", f"{facts.version}" + (f", {newest} is its newest" if newest else "")
    yield "antennas", _antennas(facts)
    yield "power", _power(reader)
    yield "radio", _radio(reader)
    yield "limits", _limits(reader)
    yield "lines", f"{reader.gpis} inputs, {reader.gpos} outputs"
    yield "can", ", ".join(_abilities(reader)) or "no more than it must"
    left = ", ".join(map(str, facts.foreign_rospecs))
    yield "ROSpecs", f"of other programs: {left}" if left else "none of other programs"
    yield "clock", "right" if abs(clock_us) < _RIGHT_US else span(clock_us)


def _antennas(facts: SessionFacts) -> str:
    told = ", ".join(
        f"{port} {'connected' if is_there else 'not connected'}"
        for port, is_there in sorted(facts.antennas.items())
    )
    return f"{facts.capabilities.antennas}" + (f": {told}" if told else "")


def _power(reader: Capabilities) -> str:
    levels = reader.power_levels
    if not levels:
        return "not told"
    return f"{levels[0].dbm:g} to {levels[-1].dbm:g} dBm in {len(levels)} levels"


def _radio(reader: Capabilities) -> str:
    region = f"country {reader.country}, {reader.standard or 'standard not told'}"
    if reader.hops:
        return f"{region}, hops by table {', '.join(map(str, reader.hop_tables))}"
    channels = ", ".join(f"{khz / 1000:g}" for khz in reader.channels_khz)
    return f"{region}, channels {channels} MHz" if channels else region


def _limits(reader: Capabilities) -> str:
    limits = {
        "ROSpecs": reader.max_rospecs,
        "AccessSpecs": reader.max_access_specs,
        "operations in one": reader.max_op_specs,
    }
    return ", ".join(f"{_limit(number)} {what}" for what, number in limits.items())


def _limit(number: int) -> str:
    return str(number) if number else "any number of"


def _abilities(reader: Capabilities) -> Iterator[str]:
    names = {
        "tell UTC": reader.has_utc_clock,
        "hold reports": reader.holds_reports,
        "warn of a full buffer": reader.warns_of_full_buffer,
        "singulate by state": reader.state_aware,
    }
    yield from (name for name, can in names.items() if can)


def _modes(reader: Capabilities) -> str:
    rows: list[list[str | int]] = [
        [mode.identifier, mode.m_value, mode.data_rate_bps, mode.tari_ns[0], mode.tari_ns[1]]
        for mode in reader.modes
    ]
    return table(["MODE", "M", "BIT/S", "TARI FROM NS", "TO NS"], rows)
