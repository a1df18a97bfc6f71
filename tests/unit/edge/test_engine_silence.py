"""How long a tag may be silent, by how well it was read and where."""

import pytest

from edge.engine.items import Item
from edge.engine.profiles import APPAREL, Profile
from edge.engine.silence import Habit, allowed_silence_us, gone_logit, note_epoch, read_rate
from edge.model import Sgtin

EPOCH_US = 2_000_000


def item_read(every: int, times: int = 200) -> Item:
    """Give an item that was read once in so many epochs."""
    item = Item(Sgtin("80614141123458", "1"), "floor")
    for _ in range(times):
        note_epoch(item, every)
    return item


def allowed_s(
    item: Item, exit_share: float = 0.0, profile: Profile = APPAREL, exit_usual: float = 0.0
) -> float:
    habit = Habit(read_rate(item), item.longest_gap, exit_share, exit_usual)
    return allowed_silence_us(habit, EPOCH_US, profile) / 1e6


@pytest.mark.parametrize(("every", "rate"), [(1, 0.98), (2, 0.5), (5, 0.2), (20, 0.06)])
def test_the_read_rate_is_the_share_of_epochs_with_a_read(every: int, rate: float) -> None:
    assert read_rate(item_read(every)) == pytest.approx(rate, rel=0.15)


def test_a_tag_that_is_hardly_known_is_not_taken_to_be_read_always() -> None:
    assert read_rate(item_read(1, times=1)) < 0.7


def test_the_better_a_tag_is_read_the_sooner_its_silence_tells() -> None:
    allowed = [allowed_s(item_read(every)) for every in (1, 3, 10, 40)]
    assert allowed == sorted(allowed)
    assert allowed[0] < 60
    assert allowed[-1] > 600


def test_silence_after_an_exit_tells_sooner() -> None:
    item = item_read(3)
    assert allowed_s(item, exit_share=0.9) < allowed_s(item) / 2


def test_what_always_hangs_by_the_exit_may_be_silent_for_longer() -> None:
    item = item_read(3)
    assert allowed_s(item, exit_share=0.5, exit_usual=0.8) > allowed_s(item, exit_share=0.5)


def test_silence_is_never_judged_too_soon_or_too_late() -> None:
    profile = Profile(missing_min_s=100, missing_max_s=300)
    assert allowed_s(item_read(1), profile=profile) == 100
    assert allowed_s(item_read(100), profile=profile) == pytest.approx(300, abs=2)


def test_a_surer_profile_waits_longer() -> None:
    item = item_read(5)
    assert allowed_s(item, profile=Profile(missing_logit=4)) > allowed_s(item)


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5, 0.95])
@pytest.mark.parametrize("exit_share", [0.0, 0.3, 1.0])
def test_the_longer_the_silence_the_surer_is_it(rate: float, exit_share: float) -> None:
    habit = Habit(rate, 5 / rate, exit_share, 0.0)
    logits = [gone_logit(s, s / 2, habit) for s in (60, 300, 900, 3600)]
    assert logits == sorted(logits)
