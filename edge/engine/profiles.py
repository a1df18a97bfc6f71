"""How patient the engine is: named sets of parameters, one for each zone.

A profile is chosen for what hangs or happens in a zone; an item is judged by that of the zone where
it is.  Logits are natural: 0 is even odds, 2 is about 7 to 1, 5 about 150 to 1.
"""

from types import MappingProxyType

import msgspec

from edge.model import ZoneKind

_DAY_S = 86_400.0


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that can be set of one zone; what is left out is that of `apparel`.

    trust: how much of an epoch's evidence counts as new, 0 to 1; fading makes neighbours repeat
        each other.
    change: the chance, in an epoch, that an item has gone to one given other zone.
    move_logit: how sure the engine must be to move an item from here.
    restless_logit: by how much more after each move back; it wears off in `restless_s`.
    missing_logit: how sure it must be that an item is gone to call it missing.
    missing_min_s, missing_max_s: never sooner, and in any case, counted while the zone is watched.
    departed_s: an item that has been missing for so long has departed.
    sold_s: reads of a sold item mean nothing for so long: it may wait in a bag at the till.
    floor_minimum: so many of each SKU the floor should hold, where nobody says otherwise.
    """

    trust: float = 1.6
    change: float = 0.01
    move_logit: float = 1.7
    restless_logit: float = 5.0
    restless_s: float = 3600.0
    missing_logit: float = 1.2
    missing_min_s: float = 20.0
    missing_max_s: float = 3600.0
    departed_s: float = 7 * _DAY_S
    sold_s: float = _DAY_S
    floor_minimum: int = 2


APPAREL = Profile()
PROFILES = MappingProxyType(
    {
        # Soft goods on rails and shelves: most tags are read well, some for minutes not at all.
        "apparel": APPAREL,
        # Trays of small tags on metal: read in bursts, worth an early word, rarely carried about.
        "jewellery": Profile(
            trust=0.3, move_logit=3.0, restless_logit=1.5, missing_logit=0.5, missing_max_s=900.0,
            floor_minimum=1,
        ),
        # What passes here does so within seconds, and does not stay.
        "dock_door": Profile(
            trust=0.8, change=0.01, move_logit=0.8, restless_logit=0.5, missing_logit=0.5,
            missing_min_s=10.0, missing_max_s=600.0, departed_s=_DAY_S,
        ),
        # A queue of bags: quick to come and go, and what is sold is read again for a while.
        "point_of_sale": Profile(
            trust=0.6, change=0.005, move_logit=1.2, missing_logit=0.8, missing_max_s=900.0,
            departed_s=_DAY_S, sold_s=2 * _DAY_S,
        ),
    }
)  # fmt: skip
_OF_KINDS = {
    ZoneKind.DOCK: "dock_door",
    ZoneKind.EXIT: "dock_door",
    ZoneKind.POINT_OF_SALE: "point_of_sale",
}


def profile_name_of_kind(kind: ZoneKind) -> str:
    """Give the name of the profile of a zone for which none was set."""
    return _OF_KINDS.get(kind, "apparel")


def profile_of_kind(kind: ZoneKind) -> Profile:
    return PROFILES[profile_name_of_kind(kind)]
