"""Recorded traces for commands: whose reads they are, and what of them cannot be used."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from edge.config import Config, ReaderConfig
from edge.errors import ConfigError
from edge.model import TagRead
from edge.trace import Trace, load_trace
from edge.tuning import antenna_zones

reader_option = click.option(
    "--reader",
    "reader_name",
    help="Whose reads these are, where a trace does not say it in the configuration's words.",
)


def note(text: str) -> None:
    click.echo(f"note: {text}", err=True)


def load_reads(
    config: Config, path: Path, reader_name: str | None = None
) -> dict[str, list[TagRead]]:
    """Read a trace: the reads of antennas that cover a zone, by the configuration's readers.

    Tells what is left out; raises ConfigError where nothing is left, or a reader is not known.
    """
    trace = load_trace(path)
    if trace.is_cut:
        note(f"{path}: the last line was cut off, and is left out")
    zones = antenna_zones(config)
    found: dict[str, list[TagRead]] = {}
    unmapped: Counter[str] = Counter()
    for reader, reads in _by_reader(config, path, trace, reader_name):
        covered = [read for read in reads if (reader, read.antenna_port) in zones]
        unmapped.update(
            f"{reader}:{read.antenna_port}"
            for read in reads
            if (reader, read.antenna_port) not in zones
        )
        if covered:
            found.setdefault(reader, []).extend(covered)
    if not found:
        antennas = ", ".join(f"{reader}:{port}" for reader, port in sorted(zones))
        raise ConfigError(
            f"{path}: no read by an antenna of the configuration: "
            f"reads are by {', '.join(sorted(unmapped))}, expected {antennas}"
        )
    for antenna, reads_lost in sorted(unmapped.items()):
        note(f"{path}: {reads_lost} reads by {antenna}, which covers no zone, are left out")
    return found


def _by_reader(
    config: Config, path: Path, trace: Trace, reader_name: str | None
) -> Iterator[tuple[str, Sequence[TagRead]]]:
    names = [reader.name for reader in config.readers]
    if reader_name is not None and reader_name not in names:
        expected = ", ".join(names)
        raise ConfigError(f"--reader: expected one of {expected}, got {reader_name}")
    for called, reads in trace.reads.items():
        known = reader_name or _known(config, called)
        if known is None and len(names) == 1 and len(trace.reads) == 1:
            known = names[0]
            if called is not None:
                note(f"{path}: reader {called} is taken for {known}, the only one configured")
        if known is None:
            what = f"reader {called} is not known" if called else "does not say which reader it was"
            raise ConfigError(
                f"{path}: {what}: expected the name or host of one of {', '.join(names)}, "
                "or --reader NAME"
            )
        yield known, reads


def _known(config: Config, called: str | None) -> str | None:
    """Find the reader that a trace calls by name, host, host:port or device."""
    for reader in config.readers:
        if called in _calls(reader):
            return reader.name
    return None


def _calls(reader: object) -> set[str]:
    if isinstance(reader, ReaderConfig):
        return {reader.name, reader.host, f"{reader.host}:{reader.port}"}
    return {getattr(reader, "name", ""), getattr(reader, "device", "")}


def by_epcs(
    reads: Mapping[str, Sequence[TagRead]], epcs: Sequence[bytes]
) -> dict[str, Sequence[TagRead]]:
    """Keep the reads of these tags; of all where none is named."""
    if not epcs:
        return dict(reads)
    wanted = set(epcs)
    kept = {name: [read for read in of if read.epc in wanted] for name, of in reads.items()}
    return {name: of for name, of in kept.items() if of}
