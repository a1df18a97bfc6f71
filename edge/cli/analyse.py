"""tagtally-edge analyse: a recorded trace through the engine, without reader or broker."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click
import msgspec

from edge import config as configuration
from edge import tuning
from edge.cli.common import config_option
from edge.cli.traces import load_reads, note, reader_option
from edge.config import Config
from edge.engine.register import NO_GTIN
from edge.engine.replay import Moment, replay
from edge.epc import EpcDecoder, Stray
from edge.model import Sgtin, TagRead

_ZONE = "zone"


class Row(msgspec.Struct, frozen=True):
    """One line.  `gtin` and `serial` are null for a tag that is no item."""

    time: float  # seconds since 1970, UTC
    epc: str
    gtin: str | None
    serial: str | None
    type: str  # an item event's kind, or `zone`
    zone: str
    from_zone: str | msgspec.UnsetType | None = msgspec.UNSET  # of events


@click.command()
@click.argument("trace", type=click.Path(path_type=Path))
@config_option
@click.option(
    "--calibration",
    type=click.Path(path_type=Path),
    help="Weights of `calibrate`, in place of those of the configuration.",
)
@click.option(
    "--every",
    "every_s",
    type=click.FloatRange(0.1, 86_400),
    help="Also say where each tag is, once in so many seconds.",
)
@click.option(
    "--track-strays", is_flag=True, help="Follow tags that are no items too, by their EPCs."
)
@reader_option
def analyse(  # noqa: PLR0913  # one parameter an option
    trace: Path,
    path: Path,
    calibration: Path | None,
    every_s: float | None,
    reader_name: str | None,
    *,
    track_strays: bool,
) -> None:
    """Run the engine over TRACE, and print item events as JSON lines.

    A row of type `zone` says where a tag is in the seconds from its `time` on, as known at their
    end; there is none while the tag is missing or gone.
    """
    config = configuration.load(path)
    if track_strays:
        presence = msgspec.structs.replace(config.presence, track_strays=True)
        config = msgspec.structs.replace(config, presence=presence)
    weights = tuning.load_weights(calibration) if calibration else tuning.store_weights(config)
    reads = load_reads(config, trace, reader_name)
    if calibration is None and config.presence.calibration is None:
        note("uncalibrated: zones are told by the shipped model; see `tagtally-edge calibrate`")
    epcs = _epcs_of_items(config, reads)
    moments = replay(
        reads,
        tuning.antenna_zones(config),
        config.zone_kinds(),
        tuning.engine_settings(config),
        weights=weights,
        profiles=tuning.zone_profiles(config),
        every_s=every_s or 1.0,
    )
    for row in _rows(moments, epcs, every_s):
        click.echo(msgspec.json.encode(row))


def _rows(
    moments: Iterable[Moment], epcs: Mapping[Sgtin, str], every_s: float | None
) -> Iterator[Row]:
    for moment in moments:
        if every_s is not None:
            begin_s = round(moment.at_us / 1e6 - every_s, 6)
            for item, zone in sorted(moment.places.items(), key=_in_order):
                yield _row(begin_s, epcs, item, _ZONE, zone)
        for event in moment.events:
            item = Sgtin(event.gtin, event.serial)
            row = _row(event.at_us / 1e6, epcs, item, event.kind.value, event.zone)
            yield msgspec.structs.replace(row, from_zone=event.from_zone)


def _row(time: float, epcs: Mapping[Sgtin, str], item: Sgtin, kind: str, zone: str) -> Row:
    if item.gtin == NO_GTIN:
        return Row(time, item.serial, None, None, kind, zone)
    return Row(time, epcs[item], item.gtin, item.serial, kind, zone)


def _in_order(place: tuple[Sgtin, str]) -> tuple[str, str]:
    return place[0].gtin, place[0].serial


def _epcs_of_items(config: Config, reads: Mapping[str, Sequence[TagRead]]) -> dict[Sgtin, str]:
    """Give the EPC by which each item was read first; tell of the tags that are no items."""
    decode = EpcDecoder(company_prefixes=config.presence.company_prefixes)
    epcs: dict[Sgtin, str] = {}
    strays: Counter[str] = Counter()
    for epc in dict.fromkeys(read.epc for of_reader in reads.values() for read in of_reader):
        decoded = decode(epc)
        if isinstance(decoded, Stray):
            strays[decoded.reason.value] += 1
        else:
            epcs.setdefault(decoded, epc.hex())
    if strays and not config.presence.track_strays:
        count = strays.total()
        kinds = ", ".join(f"{many} {reason}" for reason, many in strays.most_common())
        what = "1 tag is no item" if count == 1 else f"{count} tags are no items"
        note(
            f"{what} and not followed ({kinds}); "
            "--track-strays, or track_strays = true in [presence], follows them too"
        )
    return epcs
