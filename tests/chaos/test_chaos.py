"""Real programs from reader to Firestore: whatever fails on the way, at quiet all count the same.

`./dev chaos` runs more and longer trials than there is time for here; README.md has their results.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.site import Site
from tests.chaos.trial import differences, repair, settle, trial
from tests.support.emulator import emulator_host
from tests.support.sync import eventually

__all__ = ["emulator_host"]  # a fixture

SEED = 20_260_706
MOVING_S = 3.0
MOVING_ON_S = 10.0  # past what comes first


@pytest.fixture
def site(tmp_path: Path, emulator_host: str) -> Iterator[Site]:
    """Give a site whose network and database behave, until a test says otherwise."""
    one = Site(tmp_path, emulator_host, SEED)
    one.courier.calm_down()
    one.firestore.is_calm = True
    yield one
    one.close()


def ends_equal(site: Site) -> bool:
    repair(site)
    return settle(site) is not None


@pytest.mark.timeout(180)
def test_cloud_edge_and_truth_are_equal_after_faults_by_chance(
    tmp_path: Path, emulator_host: str
) -> None:
    report = trial(tmp_path, emulator_host, SEED, lasts_s=16)
    assert report.differences == []
    assert report.faults.total() >= 8


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("victim", "moment"), [("agent", "after"), ("bridge-0", "before"), ("bridge-0", "after")]
)
def test_a_kill_at_the_very_moment_of_a_commit_loses_and_doubles_nothing(
    victim: str, moment: str, site: Site
) -> None:
    commits: list[str] = []

    def kill_at_the_third() -> None:
        if len(commits) == 2:
            site.kill(victim)
        commits.append(victim)

    setattr(site.firestore, moment, kill_at_the_third)
    site.start(MOVING_S)
    eventually(lambda: len(commits) >= 3, "three commits")
    assert ends_equal(site), differences(site)


@pytest.mark.timeout(180)
def test_t34_of_two_agents_that_live_at_a_time_the_one_that_stays_is_believed(site: Site) -> None:
    site.start(MOVING_S)
    eventually(lambda: _has_acked(site), "head office knows of some")
    site.begin_twin()
    eventually(lambda: "term" in site.programs["twin"].output(), "the twin lives")
    eventually(site.is_quiet, "goods rest")
    assert ends_equal(site), differences(site)


@pytest.mark.timeout(180)
def test_t35_an_old_image_that_lived_offline_twice_ends_in_what_is_there(site: Site) -> None:
    site.start(MOVING_ON_S)
    eventually(lambda: _has_acked(site), "head office knows of some")
    image = site.keep_copy()
    eventually(site.is_quiet, "goods rest")
    eventually(lambda: site.pending() == 0, "head office knows all")
    site.brokers["store"].program.kill()
    site.roll_back(image)
    eventually(lambda: site.pending() > 0, "something is counted offline")
    site.kill("agent")
    term = site.term()
    site.begin("agent")
    eventually(lambda: site.term() > term, "another life begins offline")
    site.kill("agent")
    site.brokers["store"].start()
    assert ends_equal(site), differences(site)


def _has_acked(site: Site) -> bool:
    return site.database.exists() and bool(site.cloud())


@pytest.mark.timeout(180)
def test_t03_while_the_disk_is_full_nothing_new_is_said(site: Site) -> None:
    site.start(MOVING_ON_S)
    eventually(lambda: _has_acked(site), "head office knows of some")
    site.fill_disk(is_full=True)
    eventually(lambda: "storage" in site.alarms(), "head office hears of the disk")
    before = site.edge()
    eventually(site.is_quiet, "goods rest")
    assert site.edge() == before
    assert site.truth() != before
    assert ends_equal(site), differences(site)
