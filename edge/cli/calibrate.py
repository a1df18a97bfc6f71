"""tagtally-edge calibrate: a store's own weights for its zones, and how good they are."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from edge import config as configuration
from edge.cli import fit
from edge.cli.common import config_option
from edge.cli.traces import by_epcs, load_reads, note, reader_option
from edge.cli.walk import carried, walk
from edge.config import Config
from edge.engine.calibration import Recording, calibrate
from edge.engine.weights import Weights
from edge.errors import ConfigError, StorageError
from edge.model import ZoneKind
from edge.tuning import antenna_zones

_LEAST_EPOCHS = 8
_WANTED_EPOCHS = 30


def _zone_files(
    _ctx: click.Context, _param: click.Parameter, values: Sequence[str]
) -> list[tuple[str, Path]]:
    found = []
    for value in values:
        zone, equals, file = value.partition("=")
        if not (zone and equals and file):
            raise click.BadParameter(f"expected ZONE=FILE, such as floor=floor.csv, got {value}")
        found.append((zone.lower(), Path(file).expanduser()))  # as zones are named, as shells would
    return found


def _epcs(_ctx: click.Context, _param: click.Parameter, values: Sequence[str]) -> list[bytes]:
    try:
        return [bytes.fromhex(value) for value in values]
    except ValueError:
        raise click.BadParameter(f"expected bytes in hex, got {' '.join(values)}") from None


@click.command("calibrate")
@config_option
@click.option(
    "--trace",
    "traces",
    metavar="ZONE=FILE",
    callback=_zone_files,
    multiple=True,
    help="What was read while all tags were in ZONE; once or more for each zone.",
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Where the weights are written."
)
@click.option(
    "--epc",
    "epcs",
    metavar="HEX",
    callback=_epcs,
    multiple=True,
    help="A tag that was carried, where others lay about; once or more.",
)
@reader_option
def calibrate_command(
    path: Path,
    traces: Sequence[tuple[str, Path]],
    out: Path | None,
    epcs: Sequence[bytes],
    reader_name: str | None,
) -> None:
    """Fit the zone model to this store, and say how good the fit is.

    Without --trace the agent that runs records while you carry tags through one zone after another.
    """
    config = configuration.load(path)
    if out is not None and not out.absolute().parent.is_dir():
        raise ConfigError(f"--out {out}: there is no folder {out.absolute().parent}")
    if not traces:
        traces = walk(config)
        epcs = epcs or carried(traces)
    _check_zones(config, [zone for zone, _ in traces])
    recordings = [
        recording
        for zone, file in traces
        for recording in _recordings(config, zone, file, epcs, reader_name)
    ]
    _check_lengths(config, recordings)
    try:
        found = calibrate(
            recordings, antenna_zones(config), config.zone_kinds(), config.presence.epoch_s
        )
    except ValueError as error:
        raise ConfigError(f"cannot be calibrated: {error}") from error
    click.echo("\n".join(fit.lines(found, config.presence.epoch_s)))
    for doubt in fit.doubtful(found):
        note(doubt)
    if out is None:
        click.echo("\nnothing is written without --out FILE")
        return
    _write(out, found.weights)
    key = f"[presence] calibration = {json.dumps(str(out))}"
    click.echo(f"\n{out} is written; {key} makes the agent use it from its next start on")


def _check_zones(config: Config, names: Sequence[str]) -> None:
    """Raise ConfigError for zones that nothing can be learned of."""
    kinds, covered = config.zone_kinds(), sorted(set(antenna_zones(config).values()))
    for name in names:
        if name not in covered:
            raise ConfigError(f"--trace {name}=: expected one of {', '.join(covered)}, got {name}")
    exits = {name for name in names if kinds[name] is ZoneKind.EXIT}
    if exits:
        note(f"an exit is passed through, not stayed in: {', '.join(sorted(exits))} is left out")
    learned = sorted({*names} - exits)
    if len(learned) < 2:
        got = ", ".join(learned) or "none"
        raise ConfigError(f"--trace: expected two zones or more of {', '.join(covered)}, got {got}")
    if absent := [
        name for name in covered if kinds[name] is not ZoneKind.EXIT and name not in names
    ]:
        note(f"no trace of {', '.join(absent)}, which keeps the numbers of the shipped model")


def _recordings(
    config: Config, zone: str, file: Path, epcs: Sequence[bytes], reader_name: str | None
) -> list[Recording]:
    found = by_epcs(load_reads(config, file, reader_name), epcs)
    if not found:
        raise ConfigError(f"{file}: none of the tags of --epc was read")
    return [Recording(zone, reader, reads, str(file)) for reader, reads in found.items()]


def _check_lengths(config: Config, recordings: Sequence[Recording]) -> None:
    """Raise ConfigError for a zone of which too little was read to learn from and to try."""
    epoch_us = round(config.presence.epoch_s * 1e6)
    epochs = Counter(
        zone
        for zone, _, _ in {
            (one.zone, number, read.at_us // epoch_us)
            for number, one in enumerate(recordings)
            for read in one.reads
        }
    )
    for zone, heard in epochs.items():
        seconds, least = heard * epoch_us / 1e6, _LEAST_EPOCHS * epoch_us / 1e6
        if heard < _LEAST_EPOCHS:
            raise ConfigError(
                f"zone {zone}: tags were read in {seconds:g} s, needed are {least:g} s at least"
            )
        if heard < _WANTED_EPOCHS:
            wanted = _WANTED_EPOCHS * epoch_us / 1e6
            note(f"zone {zone}: tags were read in {seconds:g} s only; {wanted:g} s make it better")


def _write(out: Path, weights: Weights) -> None:
    """Write the weights whole, or leave what is there."""
    text = msgspec.json.format(msgspec.json.encode(weights), indent=1) + b"\n"
    part = out.with_name(f"{out.name}.part")
    try:
        part.write_bytes(text)
        part.replace(out)
    except OSError as error:
        raise StorageError(f"{out}: cannot be written: {error.strerror}") from error
