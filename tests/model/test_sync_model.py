"""In small bounds, in every order: what an agent takes for committed is in the documents."""

from pathlib import Path

import pytest

from tests.model.spin import RULES, WORLDS, check, lacking

pytestmark = pytest.mark.skipif(lacking() is not None, reason=f"{lacking()} is not on this machine")


@pytest.mark.parametrize("world", WORLDS)
def test_the_claim_holds_in_every_state(world: str, tmp_path: Path) -> None:
    verdict = check(world, tmp_path)
    assert verdict.is_complete
    assert verdict.errors == 0
    assert verdict.states > 500_000


@pytest.mark.parametrize(("rule", "world"), RULES.items(), ids=RULES)
def test_without_this_rule_the_claim_falls(rule: str, world: str, tmp_path: Path) -> None:
    assert check(world, tmp_path, without=rule).errors == 1
