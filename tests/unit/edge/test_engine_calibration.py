"""Weights from an install walk, on walks so small that one can say what must come out."""

import msgspec
import pytest

from edge.engine.calibration import Calibration, Recording, calibrate
from edge.engine.changes import EngineSettings
from edge.engine.regression import Sample, chances_of, evidence, fit
from edge.engine.replay import replay
from edge.engine.weights import GENERIC, Weights
from edge.model import TagRead
from tests.support.engine import at, epc

ZONES = {("r", 1): "left", ("r", 2): "right"}
# The second antenna is deaf by 12 dB: what it hears as well as the first is in its own zone.
LEVELS = {"left": (-50.0, -72.0), "right": (-60.0, -62.0)}


def reads_in(zone: str, seconds: int = 120, start: int = 0) -> list[TagRead]:
    return [
        TagRead(epc(1), port, level + (second * 7 + port) % 5 - 2, at(start + second))
        for second in range(seconds)
        for port, level in enumerate(LEVELS[zone], 1)
    ]


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    recordings = [Recording(zone, "r", reads_in(zone)) for zone in LEVELS]
    return calibrate(recordings, ZONES, {})


def last_zone(weights: Weights, reads: list[TagRead]) -> str:
    moments = list(replay({"r": reads}, ZONES, {}, EngineSettings(), weights=weights))
    [place] = moments[-1].places.values()
    return place


def test_a_deaf_antenna_is_allowed_for(calibration: Calibration) -> None:
    assert last_zone(GENERIC, reads_in("right")) == "left"
    assert last_zone(calibration.weights, reads_in("right")) == "right"
    assert last_zone(calibration.weights, reads_in("left")) == "left"


def test_what_was_not_fitted_is_right_and_nothing_confused(calibration: Calibration) -> None:
    assert calibration.right > 0.9
    assert all(confusion.share < 0.2 for confusion in calibration.confusions)


def test_the_same_recordings_give_the_same_weights(calibration: Calibration) -> None:
    recordings = [Recording(zone, "r", reads_in(zone)) for zone in LEVELS]
    assert calibrate(recordings, ZONES, {}).weights == calibration.weights


def test_weights_are_small_json_and_come_back_from_it(calibration: Calibration) -> None:
    text = msgspec.json.encode(calibration.weights)
    assert len(text) < 1000
    assert msgspec.json.decode(text, type=Weights) == calibration.weights


def test_zones_that_look_alike_are_named_with_the_antennas_that_confuse_them() -> None:
    alike = [Recording(zone, "r", reads_in("right")) for zone in ("left", "right")]
    found = calibrate(alike, ZONES, {})
    assert found.right < 0.8
    worst = found.confusions[0]
    assert {worst.zone, worst.taken_for} == {"left", "right"}
    assert set(worst.antennas) == {"r:1", "r:2"}
    assert sum(worst.antennas.values()) == pytest.approx(1)


REFUSED = {
    "one zone": ([Recording("left", "r", reads_in("left"))], "two zones or more"),
    "a reader without antennas": ([Recording("left", "x", reads_in("left"))], "reader x"),
    "nothing read": ([Recording("left", "r", [])], "holds no read"),
}


@pytest.mark.parametrize(("recordings", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_fitted_is_said(recordings: list[Recording], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        calibrate(recordings, ZONES, {})


def test_a_regression_finds_what_separates_the_classes() -> None:
    samples = [
        Sample(truth, (0.0, 0.0), {0: 1.0 if truth else -1.0, 1: 0.5}) for truth in (0, 1)
    ] * 20
    weights = fit(samples, classes=2, features=2, ridge=1.0, passes=20)
    for sample in samples[:2]:
        assert chances_of(evidence(weights, sample))[sample.truth] > 0.8


def test_a_replay_gives_a_moment_for_each_second_and_all_events() -> None:
    reads = reads_in("left", seconds=60)
    moments = list(replay({"r": reads}, ZONES, {}, EngineSettings()))
    assert len(moments) == 60
    assert [event.kind.value for moment in moments for event in moment.events] == ["arrived"]


def test_readers_that_heard_the_same_walk_are_fitted_together() -> None:
    zones = {("a", 1): "left", ("b", 1): "right"}
    together = [
        Recording(zone, reader, of_port(zone, port), "the walk")
        for zone in LEVELS
        for port, reader in enumerate("ab", 1)
    ]
    one_reader = [Recording(zone, "r", reads_in(zone)) for zone in LEVELS]
    fitted, expected = calibrate(together, zones, {}), calibrate(one_reader, ZONES, {})
    assert fitted.right == expected.right
    for zone in LEVELS:
        of_one = expected.weights.zones[zone].antennas
        assert fitted.weights.zones[zone].antennas == {"a:1": of_one["r:1"], "b:1": of_one["r:2"]}


def of_port(zone: str, port: int) -> list[TagRead]:
    """Give one antenna's reads, as those of another reader's only one."""
    return [
        TagRead(read.epc, 1, read.rssi_dbm, read.at_us)
        for read in reads_in(zone)
        if read.antenna_port == port
    ]
