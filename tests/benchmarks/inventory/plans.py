"""Floor plans: where the zones and antennas of a synthetic store are.

STORE is the plan on which engines are compared; `varied` makes others, on which they are trained.
Metres; the floor's corner is (0, 0), the street lies at negative y, the back room behind the floor.
"""

from dataclasses import dataclass

import numpy as np

ABSENT, FLOOR, BACK, FITTING, EXIT = range(5)
ZONE_NAMES = ("", "floor", "back", "fitting", "exit")


@dataclass(frozen=True, slots=True)
class Rectangle:
    left: float
    bottom: float
    right: float
    top: float

    def spot(self, rng: np.random.Generator, margin: float = 0.5) -> tuple[float, float]:
        """Give a place inside, at least `margin` from the walls."""
        return (
            float(rng.uniform(self.left + margin, self.right - margin)),
            float(rng.uniform(self.bottom + margin, self.top - margin)),
        )


@dataclass(frozen=True, slots=True)
class Antenna:
    zone: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Plan:
    floor: Rectangle
    back: Rectangle
    fitting: Rectangle
    exit: Rectangle
    till: tuple[float, float]
    antennas: tuple[Antenna, ...]

    def zone_rectangles(self) -> dict[int, Rectangle]:
        return {FLOOR: self.floor, BACK: self.back, FITTING: self.fitting, EXIT: self.exit}


STORE = Plan(
    floor=Rectangle(0, 0, 15, 15),
    back=Rectangle(0, 15, 15, 21),
    fitting=Rectangle(15, 8, 19, 13),
    exit=Rectangle(5.5, -3, 9.5, 0),
    till=(11.5, 2.5),
    antennas=(
        Antenna(FLOOR, 3.75, 3.75),
        Antenna(FLOOR, 11.25, 3.75),
        Antenna(FLOOR, 3.75, 11.25),
        Antenna(FLOOR, 11.25, 11.25),
        Antenna(BACK, 3.75, 18),
        Antenna(BACK, 11.25, 18),
        Antenna(FITTING, 17, 10.5),
        Antenna(EXIT, 7.5, -1.5),
    ),
)


def varied(rng: np.random.Generator) -> Plan:
    """Make a plan that shares nothing with STORE but its kinds of zones."""
    width, depth = rng.uniform(9, 20), rng.uniform(8, 18)
    back_depth = rng.uniform(4, 8)
    room_width, room_depth = rng.uniform(2.5, 5), rng.uniform(3, 6)
    room_bottom = rng.uniform(1, max(1.5, depth - room_depth))
    is_left = bool(rng.integers(2))
    door = rng.uniform(2.5, width - 2.5)
    floor = Rectangle(0, 0, width, depth)
    back = Rectangle(0, depth, width, depth + back_depth)
    fitting = Rectangle(
        -room_width if is_left else width,
        room_bottom,
        0 if is_left else width + room_width,
        room_bottom + room_depth,
    )
    doorway = Rectangle(door - 2, -3, door + 2, 0)
    antennas = [
        *_rows(rng, FLOOR, floor, int(rng.integers(1, 4)), int(rng.integers(1, 4))),
        *_rows(rng, BACK, back, int(rng.integers(1, 4)), 1),
        *_rows(rng, FITTING, fitting, 1, 1),
        Antenna(EXIT, door, float(rng.uniform(-1.5, 0.5))),
    ]
    till = (float(rng.uniform(1, width - 1)), float(rng.uniform(1, min(5, depth - 1))))
    return Plan(floor, back, fitting, doorway, till, tuple(antennas))


def _rows(
    rng: np.random.Generator, zone: int, area: Rectangle, columns: int, rows: int
) -> list[Antenna]:
    """Spread antennas over an area, each a little off its place."""
    width, depth = area.right - area.left, area.top - area.bottom
    return [
        Antenna(
            zone,
            area.left + width * (column + 0.5 + rng.uniform(-0.15, 0.15)) / columns,
            area.bottom + depth * (row + 0.5 + rng.uniform(-0.15, 0.15)) / rows,
        )
        for column in range(columns)
        for row in range(rows)
    ]
