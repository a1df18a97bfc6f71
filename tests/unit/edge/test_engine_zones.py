"""Where an item is: from power by antenna to a belief, and from beliefs to moves."""

import math

import pytest

from edge.engine.items import Item
from edge.engine.profiles import PROFILES, Profile, profile_of_kind
from edge.engine.weights import GENERIC, Weights, ZoneWeights
from edge.engine.zones import Zones
from edge.model import Sgtin, ZoneKind

ANTENNAS = {("a", 1): "floor", ("a", 2): "floor", ("a", 3): "back", ("b", 1): "door"}
FLOOR, FLOOR_2, BACK, DOOR = range(4)
KINDS = {"back": ZoneKind.BACK_ROOM, "door": ZoneKind.EXIT}


class Tag:
    """One item of a store, told epoch by epoch what antennas hear of it, in dBm."""

    def __init__(self, weights: Weights = GENERIC, profile: Profile | None = None) -> None:
        profiles = {} if profile is None else dict.fromkeys(("floor", "back", "door"), profile)
        self.zones = Zones(ANTENNAS, KINDS, profiles, weights, epoch_s=2.0)
        self.item = Item(Sgtin("80614141123458", "1"), "")
        self.epoch = 0

    def hear(self, levels: dict[int, float], epochs: int = 1, frozen: tuple[int, ...] = ()) -> str:
        for _ in range(epochs):
            self.epoch += 1
            item = self.item
            self.zones.begin_epoch(item, self.epoch, frozen)
            for antenna, dbm in levels.items():
                power = min(10 ** (dbm / 10), item.limit)
                item.heard[antenna] = item.heard.get(antenna, 0.0) + power
            if item.zone:
                zone = self.zones.weigh(item, self.epoch)
                if zone != item.zone:
                    self.zones.note_move(item, zone, self.epoch)
                    item.zone = zone
            else:
                item.zone = self.zones.first_zone(item)
        return self.item.zone

    def epochs_until(self, zone: str, levels: dict[int, float]) -> int:
        for epochs in range(1, 200):
            if self.hear(levels) == zone:
                return epochs
        raise AssertionError(f"never moved to {zone}")


FIRST = {
    "the only one that hears it": ({BACK: -70.0}, "back"),
    "the one that hears it much louder": ({FLOOR: -75.0, BACK: -55.0}, "back"),
    "what is likelier beforehand, of equals": ({FLOOR: -60.0, BACK: -60.0}, "floor"),
    "two antennas of a zone together": ({FLOOR: -62.0, FLOOR_2: -62.0, BACK: -60.0}, "floor"),
}


@pytest.mark.parametrize(("levels", "zone"), FIRST.values(), ids=FIRST)
def test_a_new_item_is_in(levels: dict[int, float], zone: str) -> None:
    assert Tag().hear(levels) == zone


def test_a_single_loud_cross_read_moves_nothing() -> None:
    tag = Tag()
    tag.hear({FLOOR: -60.0}, epochs=3)
    tag.hear({FLOOR: -60.0, BACK: -25.0})
    assert tag.hear({FLOOR: -60.0}, epochs=20) == "floor"


def test_a_tag_that_is_carried_off_moves_within_half_a_minute() -> None:
    tag = Tag()
    tag.hear({FLOOR: -60.0, BACK: -75.0}, epochs=50)
    assert tag.epochs_until("back", {FLOOR: -75.0, BACK: -58.0}) <= 15


def test_a_tag_between_two_zones_rests() -> None:
    tag = Tag()
    tag.hear({FLOOR: -60.0}, epochs=10)
    seen = {tag.hear({FLOOR: -60.0 - n % 3, BACK: -60.0 - (n + 1) % 3}) for n in range(200)}
    assert seen == {"floor"}


def test_after_going_back_a_tag_moves_less_easily_but_still_does() -> None:
    tag = Tag()
    tag.hear({FLOOR: -60.0}, epochs=10)
    ways = ("back", {BACK: -55.0, FLOOR: -70.0}), ("floor", {FLOOR: -55.0, BACK: -70.0})
    waits = [tag.epochs_until(*ways[turn % 2]) for turn in range(4)]
    assert waits[2] > waits[0]
    assert max(waits) <= 30


def test_a_patient_profile_waits_longer() -> None:
    waits = []
    for move_logit in (0.5, 6.0):
        tag = Tag(profile=Profile(move_logit=move_logit, trust=0.8))
        tag.hear({FLOOR: -60.0}, epochs=20)
        waits.append(tag.epochs_until("back", {FLOOR: -70.0, BACK: -55.0}))
    assert waits[0] < waits[1]


def test_what_deaf_antennas_heard_is_not_forgotten() -> None:
    listening, deaf = Tag(), Tag()
    for tag in (listening, deaf):
        tag.hear({FLOOR: -50.0}, epochs=20)
    assert listening.hear({BACK: -65.0}, epochs=30) == "back"
    assert deaf.hear({BACK: -65.0}, epochs=30, frozen=(FLOOR, FLOOR_2)) == "floor"
    assert deaf.zones.is_heard_by(deaf.item, {FLOOR})
    assert not listening.zones.is_heard_by(listening.item, {FLOOR})


def test_an_items_belief_is_kept_only_while_it_is_unsure() -> None:
    tag = Tag()
    tag.hear({FLOOR: -60.0}, epochs=20)
    assert tag.item.belief is None
    tag.hear({FLOOR: -66.0, BACK: -56.0})
    assert tag.item.belief is not None
    assert math.isclose(sum(tag.item.belief.values()), 1.0, abs_tol=0.02)


def test_the_share_of_exits_is_of_what_was_heard_last() -> None:
    tag = Tag()
    tag.hear({FLOOR: -60.0}, epochs=5)
    assert tag.zones.exit_share(tag.item) == 0
    tag.hear({DOOR: -60.0}, epochs=5)
    assert tag.zones.exit_share(tag.item) > 0.5


def test_weights_of_a_store_outvote_the_shipped_ones() -> None:
    fitted = Weights(
        1.3, 2.0, 20.0, {"back": ZoneWeights(2.0, {"a:1": 1.0}), "floor": ZoneWeights()}
    )
    assert Tag().hear({FLOOR: -60.0, BACK: -62.0}) == "floor"
    assert Tag(fitted).hear({FLOOR: -60.0, BACK: -62.0}) == "back"


def test_a_zone_has_the_profile_of_its_kind_or_the_one_it_was_given() -> None:
    own = Profile(trust=0.1)
    zones = Zones(ANTENNAS, KINDS, {"back": own}, GENERIC, 2.0)
    assert zones.profile("back") is own
    assert zones.profile("door") is PROFILES["dock_door"]
    assert zones.profile("floor") is PROFILES["apparel"]
    assert profile_of_kind(ZoneKind.POINT_OF_SALE) is PROFILES["point_of_sale"]
