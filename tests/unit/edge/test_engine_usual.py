"""What is usual of an item between two zones, and what is more than that."""

from edge.engine.usual import Usual

DOUBT = 2.0


def discounted(usual: Usual, lead: float) -> float:
    """Give what is left of another zone's lead."""
    evidence = {"floor": 0.0, "back": lead}
    usual.discount(evidence, "floor", DOUBT)
    return evidence["back"] - evidence["floor"]


def after(leads: list[float]) -> Usual:
    usual = Usual()
    for lead in leads:
        discounted(usual, lead)
    return usual


def test_a_lead_counts_in_full_while_nothing_is_known() -> None:
    assert discounted(Usual(), 2.0) == 2.0


def test_a_lead_that_comes_and_goes_counts_for_little() -> None:
    assert discounted(after([1.5, -2.0] * 30), 1.5) < 0.0


def test_a_lead_that_never_was_counts_in_full() -> None:
    assert discounted(after([-4.0] * 60), 2.0) == 2.0


def test_a_lead_far_beyond_the_usual_is_left_one() -> None:
    assert discounted(after([-1.5, -2.5] * 30), 4.0) > 2.0


def test_a_zone_that_leads_for_long_is_the_better_one() -> None:
    assert after([1.5] * 200).better() == "back"


def test_a_zone_that_leads_now_and_then_is_not() -> None:
    assert after([1.5, -2.5] * 100).better() is None


def test_nothing_is_better_after_a_few_epochs() -> None:
    assert after([4.0] * 10).better() is None
