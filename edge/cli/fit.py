"""Text of a calibration: how well zones are told apart, pair by pair, and what confuses them."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from edge.engine.calibration import Calibration, Confusion
from edge.terminal import table

_TOLD_ANTENNAS = 3

_Shares = Mapping[tuple[str, str], Confusion]


_HARDLY = 0.65


def doubtful(calibration: Calibration) -> Iterator[str]:
    """Name the pairs that are hardly told apart: a wrong trace, or antennas that hear the same."""
    zones = sorted(calibration.weights.zones)
    shares = _shares(calibration)
    for a, b in combinations(zones, 2):
        if 1 - (_wrong(shares, a, b) + _wrong(shares, b, a)) / 2 < _HARDLY:
            yield (
                f"{a} and {b} are hardly told apart: was each trace made in its zone, "
                "and does an antenna hear one of them better than the other?"
            )


def lines(calibration: Calibration, epoch_s: float) -> Iterator[str]:
    """Give the worst pair first; `epoch_s` is the engine's."""
    zones = sorted(calibration.weights.zones)
    shares = _shares(calibration)
    share = f"{100 * calibration.right:.1f} %"
    yield f"{share} of the epochs of {epoch_s:g} s that were not fitted are in the right zone"
    yield ""
    rows = sorted(
        (_wrong(shares, a, b) + _wrong(shares, b, a), a, b) for a, b in combinations(zones, 2)
    )
    yield table(
        ["ZONES", "TOLD APART", "TAKEN FOR THE OTHER", "BY ANTENNAS"],
        [_row(shares, a, b) for _, a, b in reversed(rows)],
    )


def _shares(calibration: Calibration) -> _Shares:
    return {(one.zone, one.taken_for): one for one in calibration.confusions}


def _row(shares: _Shares, a: str, b: str) -> list[str]:
    wrong_a, wrong_b = _wrong(shares, a, b), _wrong(shares, b, a)
    mistakes = [
        f"{zone} {100 * wrong:.1f} %" for zone, wrong in ((a, wrong_a), (b, wrong_b)) if wrong
    ]
    return [
        f"{a}, {b}",
        f"{100 * (1 - (wrong_a + wrong_b) / 2):.1f} %",
        ", ".join(mistakes) or "never",
        _antennas(shares, a, b) or "-",
    ]


def _wrong(shares: _Shares, zone: str, taken_for: str) -> float:
    found = shares.get((zone, taken_for))
    return found.share if found else 0.0


def _antennas(shares: _Shares, a: str, b: str) -> str:
    """Name the antennas that heard the tag best when it was taken to be in the other zone."""
    power: dict[str, float] = {}
    for pair in ((a, b), (b, a)):
        found = shares.get(pair)
        for antenna, share in found.antennas.items() if found else ():
            power[antenna] = power.get(antenna, 0.0) + share * found.share if found else 0.0
    total = sum(power.values())
    loudest = sorted(power, key=lambda antenna: (-power[antenna], antenna))[:_TOLD_ANTENNAS]
    parts = [f"{antenna} {100 * power[antenna] / total:.0f} %" for antenna in loudest]
    return ", ".join(part for part in parts if not part.endswith(" 0 %"))
