"""What store.toml says of its zones, and of how items are counted in them."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from edge import toml
from edge.config_readers import Text, Word
from edge.model import ZoneKind
from edge.options import ProfileName

_YEAR_S = 31_536_000

Logit = Annotated[float, Meta(ge=-10, le=20, description="a logit, a number from -10 to 20")]
Chance = Annotated[float, Meta(gt=0, le=0.2, description="a chance, a number above 0 up to 0.2")]
Share = Annotated[float, Meta(gt=0, le=3, description="a number above 0 up to 3")]
Seconds = Annotated[
    float, Meta(ge=1, le=_YEAR_S, description="seconds, a number from 1 to 31536000")
]
CompanyPrefix = Annotated[
    str, Meta(pattern=r"\A[0-9]{4,12}\Z", description="4 to 12 digits of a GS1 company prefix")
]


class ProfileOverride(msgspec.Struct, frozen=True):
    """What a zone has otherwise than its profile; the names are those of `edge.engine.profiles`."""

    trust: Share | None = None
    change: Chance | None = None
    move_logit: Logit | None = None
    restless_logit: Logit | None = None
    restless_s: Seconds | None = None
    missing_logit: Logit | None = None
    missing_min_s: Seconds | None = None
    missing_max_s: Seconds | None = None
    departed_s: Seconds | None = None
    sold_s: Seconds | None = None

    def set_values(self) -> dict[str, float]:
        return {k: value for k, value in msgspec.structs.asdict(self).items() if value is not None}


class ZoneConfig(msgspec.Struct, frozen=True):
    name: Word
    kind: ZoneKind = ZoneKind.SALES_FLOOR
    profile: ProfileName | None = None  # the kind's, where none is given
    override: ProfileOverride = ProfileOverride()
    sells: Annotated[bool, Meta(description="true or false")] = False


class BulkExitConfig(msgspec.Struct, frozen=True):
    """So many items past one exit within so many seconds are an alarm."""

    items: Annotated[int, Meta(ge=2, le=1000, description="an integer from 2 to 1000")] = 5
    within_s: Annotated[float, Meta(ge=1, le=600, description="a number from 1 to 600")] = 10.0


class PresenceConfig(msgspec.Struct, frozen=True):
    # Two seconds hold a read of every antenna of a reader that multiplexes four of them.
    epoch_s: Annotated[float, Meta(ge=0.1, le=60, description="a number from 0.1 to 60")] = 2.0
    # Where none is given, each tag may be silent for as long as its own reads allow.
    absence_s: (
        Annotated[float, Meta(ge=1, le=604800, description="a number from 1 to 604800")] | None
    ) = None
    calibration: Text | None = None  # weights that `tagtally-edge calibrate` has written
    company_prefixes: Annotated[
        tuple[CompanyPrefix, ...],
        Meta(max_length=1000, description="a list of up to 1000 company prefixes, as texts"),
    ] = ()  # items of others are strays; none: all are ours
    track_strays: Annotated[bool, Meta(description="true or false")] = False
    bulk_exit: BulkExitConfig = BulkExitConfig()


def clashes(data: toml.Data) -> Iterator[str]:
    """Yield what is wrong between values of zones that are well by themselves."""
    zones = list(toml.tables(data, "zones"))
    yield from toml.doubles(zones, ("name",))
    for place, zone in zones:
        if zone.get("sells") is True and zone.get("kind") != ZoneKind.POINT_OF_SALE:
            yield f'{place}.sells: has no meaning without kind = "point_of_sale"'
        override = zone.get("override")
        if not isinstance(override, dict):
            continue
        least, most = override.get("missing_min_s"), override.get("missing_max_s")
        if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
            yield (
                f"{place}.override.missing_min_s: expected at most missing_max_s, "
                f"which is {toml.shown(most)}, got {toml.shown(least)}"
            )
