"""What store.toml says of counting, as the engine is told it."""

from pathlib import Path

import msgspec
import pytest

from edge import config, tuning
from edge.config_zones import ProfileOverride
from edge.engine.profiles import PROFILES, Profile
from edge.engine.weights import GENERIC, Weights, ZoneWeights
from edge.options import ProfileName

PATH = Path("/etc/tagtally/store.toml")
STORE = """
[store]
id = "muc-01"
[[readers]]
name = "r"
protocol = "llrp"
host = "10.0.4.21"
antennas = [
  { port = 1, zone = "floor" }, { port = 2, zone = "vitrine" }, { port = 3, zone = "door" }
]
[mqtt]
host = "broker.example.org"
[[zones]]
name = "door"
kind = "exit"
"""
FITTED = Weights(
    1.3,
    1.5,
    20.0,
    {zone: ZoneWeights(0.0, {"r:1": 1.0, "r:2": 1.0, "r:3": 0.0}) for zone in ("floor", "vitrine")},
)


def parsed(more: str = "") -> config.Config:
    return config.parse(STORE + more, PATH)


def test_the_names_in_the_configuration_are_those_of_the_engine() -> None:
    assert set(ProfileName) == set(PROFILES)
    own = {*Profile.__struct_fields__} - {"floor_minimum"}  # of a SKU: [refill] has that
    assert {*ProfileOverride.__struct_fields__} == own


def test_a_zone_has_its_profile_with_its_own_values() -> None:
    more = '[[zones]]\nname = "vitrine"\nprofile = "jewellery"\noverride = { departed_s = 3600 }\n'
    store = parsed(more)
    expected = msgspec.structs.replace(PROFILES["jewellery"], departed_s=3600.0)
    assert tuning.zone_profiles(store) == {"door": PROFILES["dock_door"], "vitrine": expected}
    assert tuning.profile_names(store) == {
        "door": "dock_door",
        "floor": "apparel",
        "vitrine": "jewellery, departed_s 3600",
    }


@pytest.mark.parametrize(
    ("key", "value", "bounds"),
    [("missing_min_s", 7200, (7200.0, 7200.0)), ("missing_max_s", 5, (5.0, 5.0))],
)
def test_what_a_zone_says_moves_the_other_bound_of_its_profile(
    key: str, value: int, bounds: tuple[float, float]
) -> None:
    store = parsed(f'[[zones]]\nname = "floor"\noverride = {{ {key} = {value} }}\n')
    profile = tuning.zone_profiles(store)["floor"]
    assert (profile.missing_min_s, profile.missing_max_s) == bounds


def test_the_engine_is_told_what_the_configuration_says() -> None:
    more = """
    [[zones]]
    name = "till"
    kind = "point_of_sale"
    sells = true
    [presence]
    company_prefixes = ["0614141"]
    track_strays = true
    bulk_exit = { items = 9, within_s = 4 }
    """
    settings = tuning.engine_settings(parsed(more))
    assert settings.company_prefixes == ("0614141",)
    assert settings.track_strays
    assert settings.selling_zones == {"till"}
    assert (settings.bulk_exit_items, settings.bulk_exit_s) == (9, 4.0)


def notes(weights: Weights, more: str = "") -> list[str]:
    return list(tuning.notes(parsed(f'[presence]\ncalibration = "w.json"\n{more}'), weights))


def test_weights_that_fit_the_store_leave_only_exits_to_the_shipped_model() -> None:
    assert notes(FITTED) == ["/etc/tagtally/w.json: zones told by the shipped model: door"]


def test_an_antenna_that_came_or_went_since_the_calibration_is_told() -> None:
    antennas = {"r:1": 1.0, "r:9": 1.0}
    other = msgspec.structs.replace(FITTED, zones={"cellar": ZoneWeights(0.0, antennas)})
    assert notes(other) == [
        "/etc/tagtally/w.json: knows antennas that are not here: r:9; calibrate anew",
        "/etc/tagtally/w.json: does not know antenna r:2, r:3; calibrate anew",
        "/etc/tagtally/w.json: knows zones that are not here: cellar",
        "/etc/tagtally/w.json: zones told by the shipped model: door, floor, vitrine",
    ]


def test_a_zone_without_an_antenna_is_told() -> None:
    [note, *_] = tuning.notes(parsed('[[zones]]\nname = "cellar"\n'), GENERIC)
    assert note == "zone cellar has no antenna: nothing is ever counted there"


def test_a_store_without_a_calibration_has_the_shipped_model() -> None:
    assert tuning.store_weights(parsed()) is GENERIC
    assert tuning.model_name(parsed()) == "uncalibrated, told by the shipped model"
