"""The table of faults: what may be set, with what, and how long it stays."""

import re

import pytest

from edge.errors import ConfigError
from simulators.acts import ACTS
from simulators.fault_table import FAULTS, Effect
from simulators.faults import Faults, check_fault


def test_what_happens_once_has_an_act_and_nothing_else_has() -> None:
    once = {name for name, kind in FAULTS.items() if kind.effect == Effect.ONCE}
    assert once == set(ACTS)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_says_what_it_does_and_its_defaults_are_allowed(name: str) -> None:
    kind = FAULTS[name]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert kind.says.endswith((".", ")."))
    for parameter in kind.parameters:
        assert parameter.read(str(parameter.default)) == parameter.default, parameter.name


def test_a_fault_keeps_its_parameters_and_takes_the_others_from_the_table() -> None:
    values = check_fault("refuse", {"status": "3"})
    assert values.as_dict() == {"status": 3, "times": 0}


WRONG = {
    "an unknown name": ("refused", {}, "unknown fault 'refused', allowed are half-open, rst"),
    "an unknown parameter": ("refuse", {"code": 1}, "unknown parameter 'code', allowed are status"),
    "a parameter of a fault that has none": ("rst", {"x": 1}, "'x', it has none"),
    "a number beyond": (
        "refuse",
        {"status": 4},
        "status: 4, allowed is a whole number from 1 to 3",
    ),
    "no number": ("response-late", {"delay_s": "soon"}, "allowed is a number from 0 to 3600"),
    "not of the choice": ("reboot", {"specs": "some"}, "allowed is one of lost, kept"),
}


@pytest.mark.parametrize(("name", "values", "complaint"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_what_is_allowed(
    name: str, values: dict[str, object], complaint: str
) -> None:
    faults = Faults()
    with pytest.raises(ConfigError, match=re.escape(complaint)):
        faults.set(name, values)
    assert faults.on() == {}


def test_a_fault_with_times_wears_off() -> None:
    faults = Faults()
    faults.set("refuse", {"times": 2})
    assert [bool(faults.take("refuse")) for _ in range(3)] == [True, True, False]
    assert faults.on() == {}


def test_a_fault_without_times_stays_until_it_is_cleared() -> None:
    faults = Faults()
    faults.set("refuse", {})
    faults.set("split", {"bytes": 3})
    assert all(faults.take("refuse") for _ in range(5))
    faults.clear("refuse")
    assert faults.on() == {"split": {"bytes": 3}}
    faults.clear()
    assert faults.on() == {}


def test_a_fault_of_one_message_lets_the_others_be() -> None:
    faults = Faults()
    faults.set("response-missing", {"message": "ADD_ROSPEC", "times": 1})
    assert faults.take("response-missing", "GET_ROSPECS") is None
    assert faults.take("response-missing", "ADD_ROSPEC") is not None
    assert faults.take("response-missing", "ADD_ROSPEC") is None


def test_what_happens_once_never_stays() -> None:
    faults = Faults()
    faults.set("rst", {})
    assert faults.on() == {}
