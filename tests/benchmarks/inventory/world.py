"""Where the tags of a synthetic store are: the truth, epoch by epoch.

400 tags of 40 products in an hour.  Most hang still; the others are brought to the floor, tried on,
moved about, sold, stolen or delivered, and walk straight at 0.8 m/s.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tests.benchmarks.inventory.plans import ABSENT, EXIT, FLOOR, Plan

EPOCH_S = 2.0
STEP_M = 0.8 * EPOCH_S
TAGS = 400
SKUS = 40
EPOCHS = 1800

Spot = tuple[float, float]

BEHAVIOURS = {
    "static": 0.55,
    "replenished": 0.10,
    "tried on": 0.10,
    "moved about": 0.10,
    "sold": 0.08,
    "stolen": 0.03,
    "delivered": 0.04,
}


@dataclass(slots=True)
class Way:
    """One tag's way: where it is in each epoch; None is absent."""

    spots: list[Spot | None] = field(default_factory=list)

    def stay(self, spot: Spot | None, epochs: int) -> None:
        self.spots += [spot] * epochs

    def walk(self, to: Spot) -> None:
        start = self.spots[-1]
        if start is None:
            self.spots.append(to)
            return
        steps = max(1, round(np.hypot(to[0] - start[0], to[1] - start[1]) / STEP_M))
        for step in range(1, steps + 1):
            part = step / steps
            here = start[0] + (to[0] - start[0]) * part, start[1] + (to[1] - start[1]) * part
            self.spots.append(here)

    def leave(self, plan: Plan) -> None:
        door = (plan.exit.left + plan.exit.right) / 2
        self.walk((door, plan.exit.top))
        self.walk((door, plan.exit.bottom + 0.1))

    def ended(self, epochs: int, *, gone: bool) -> list[Spot | None]:
        last = None if gone else self.spots[-1]
        return (self.spots + [last] * epochs)[:epochs]


@dataclass(frozen=True, slots=True)
class Truth:
    """`zones[epoch, tag]` is a zone of `plans` or ABSENT; `places[epoch, tag]` are metres."""

    zones: npt.NDArray[np.int8]
    places: npt.NDArray[np.float32]


def live(plan: Plan, rng: np.random.Generator, tags: int = TAGS, epochs: int = EPOCHS) -> Truth:
    """Let the tags of a store live for some epochs."""
    names = list(BEHAVIOURS)
    chosen = rng.choice(len(names), size=tags, p=list(BEHAVIOURS.values()))
    ways = [_way(names[index], plan, rng, epochs) for index in chosen]
    return _truth(plan, ways)


def walk_through(
    plan: Plan, rng: np.random.Generator, tags: int = 60, epochs: int = 450, moves: int = 5
) -> Truth:
    """Give an install walk: as many tags in each zone, laid elsewhere now and then."""
    areas = list(plan.zone_rectangles().values())
    ways = []
    for tag in range(tags):
        way, area = Way(), areas[tag % len(areas)]
        way.stay(area.spot(rng), 1)
        for _ in range(moves):
            way.stay(way.spots[-1], int(epochs / moves) - 4)
            way.walk(area.spot(rng))
        ways.append(way.ended(epochs, gone=False))
    return _truth(plan, ways)


def _way(behaviour: str, plan: Plan, rng: np.random.Generator, epochs: int) -> list[Spot | None]:
    way = Way()
    start = int(rng.integers(160, epochs - 300))
    home = plan.floor.spot(rng)
    match behaviour:
        case "static":
            area = plan.floor if rng.random() < 0.7 else plan.back
            way.stay(area.spot(rng), 1)
        case "replenished":
            way.stay(plan.back.spot(rng), start)
            way.walk(home)
        case "tried on":
            way.stay(home, start)
            way.walk(plan.fitting.spot(rng))
            way.stay(way.spots[-1], int(rng.integers(60, 240)))
            way.walk(home if rng.random() < 0.5 else plan.floor.spot(rng))
        case "moved about":
            way.stay(home, start)
            way.walk(plan.floor.spot(rng))
        case "sold":
            way.stay(home, start)
            way.walk(plan.till)
            way.stay(plan.till, int(rng.integers(30, 120)))
            way.leave(plan)
        case "stolen":
            way.stay(home, start)
            way.leave(plan)
        case _:  # delivered
            way.stay(None, start)
            way.walk((plan.back.left + 1, plan.back.top - 0.5))
            way.walk(plan.back.spot(rng))
    return way.ended(epochs, gone=behaviour in ("sold", "stolen"))


def _truth(plan: Plan, ways: list[list[Spot | None]]) -> Truth:
    nowhere = (float("nan"), float("nan"))
    places = np.array(
        [[spot or nowhere for spot in way] for way in ways], dtype=np.float32
    ).transpose(1, 0, 2)
    x, y = places[..., 0], places[..., 1]
    zones = np.full(x.shape, FLOOR, dtype=np.int8)
    for zone, area in plan.zone_rectangles().items():
        if zone != FLOOR:
            inside = (x >= area.left) & (x <= area.right) & (y >= area.bottom) & (y <= area.top)
            zones[inside] = zone
    zones[(y < 0) & (zones == FLOOR)] = EXIT
    zones[np.isnan(x)] = ABSENT
    return Truth(zones, places)
