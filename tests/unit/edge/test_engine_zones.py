"""The plain rule of zones: who leads, who stays, who moves."""

import pytest

from edge.engine.zones import MOVE_EPOCHS, Evidence, Whereabouts, evidence_by_zone, leading_zone
from edge.model import Observation

ZONES = {("a", 1): "floor", ("a", 2): "floor", ("a", 3): "back"}
FLOOR = {"floor": Evidence(4, -60)}
BACK = {"back": Evidence(4, -60)}

LEADS = {
    "more hits": ({"back": Evidence(3, -80), "floor": Evidence(2, -40)}, "back"),
    "as many hits, but louder": ({"back": Evidence(2, -60), "floor": Evidence(2, -59)}, "floor"),
    "the first by name of equals": ({"floor": Evidence(2, -60), "back": Evidence(2, -60)}, "back"),
}
STAYS = {
    "leads where it is": {"floor": Evidence(5, -60), "back": Evidence(4, -50)},
    "a few hits more elsewhere": {"floor": Evidence(5, -60), "back": Evidence(9, -60)},
    "as many hits elsewhere, not much louder": {
        "floor": Evidence(4, -60),
        "back": Evidence(4, -55),
    },
}
MOVES = {
    "not read where it was": {"back": Evidence(1, -80)},
    "twice the hits elsewhere": {"floor": Evidence(2, -50), "back": Evidence(4, -70)},
    "as many hits, and much louder": {"floor": Evidence(4, -66), "back": Evidence(4, -60)},
}


def test_the_antennas_of_a_zone_count_together() -> None:
    observations = [
        Observation(b"\x01", "a", 1, 2, -70, 0),
        Observation(b"\x01", "a", 2, 3, -65, 0),
        Observation(b"\x01", "a", 3, 1, -50, 0),
    ]
    assert evidence_by_zone(observations, ZONES) == {
        "floor": Evidence(5, -65),
        "back": Evidence(1, -50),
    }


@pytest.mark.parametrize(("evidence", "leader"), LEADS.values(), ids=LEADS)
def test_the_strongest_evidence_leads(evidence: dict[str, Evidence], leader: str) -> None:
    assert leading_zone(evidence) == leader


@pytest.mark.parametrize("evidence", STAYS.values(), ids=STAYS)
def test_an_item_stays_while_no_other_zone_is_clearly_above(
    evidence: dict[str, Evidence],
) -> None:
    whereabouts = Whereabouts("floor")
    assert {whereabouts.weigh(evidence) for _ in range(3 * MOVE_EPOCHS)} == {"floor"}


@pytest.mark.parametrize("evidence", MOVES.values(), ids=MOVES)
def test_an_item_moves_after_some_epochs_in_a_row_and_not_before(
    evidence: dict[str, Evidence],
) -> None:
    whereabouts = Whereabouts("floor")
    weighed = [whereabouts.weigh(evidence) for _ in range(MOVE_EPOCHS)]
    assert weighed == ["floor"] * (MOVE_EPOCHS - 1) + ["back"]


def test_one_epoch_where_it_was_begins_the_count_anew() -> None:
    whereabouts = Whereabouts("floor")
    row = [*[BACK] * (MOVE_EPOCHS - 1), FLOOR, *[BACK] * (MOVE_EPOCHS - 1)]
    assert {whereabouts.weigh(evidence) for evidence in row} == {"floor"}


def test_two_other_zones_in_turn_move_nothing() -> None:
    whereabouts = Whereabouts("floor")
    row = [BACK, {"exit": Evidence(4, -60)}] * MOVE_EPOCHS
    assert {whereabouts.weigh(evidence) for evidence in row} == {"floor"}


def test_after_a_move_the_way_back_is_as_long() -> None:
    whereabouts = Whereabouts("floor")
    whereabouts.move("back")
    weighed = [whereabouts.weigh(FLOOR) for _ in range(MOVE_EPOCHS)]
    assert weighed == ["back"] * (MOVE_EPOCHS - 1) + ["floor"]
