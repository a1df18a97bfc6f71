"""What the antennas hear of the tags: rows of one tag, one antenna and one epoch, and their reads.

The level falls with 42 dB a decade of distance; it is the tag's own by a loss (most are good, some
weak, a few very weak), the place's and the antenna's by shadowing that stays, and the moment's by
slow fading of a minute, noise, and rare ghosts.  Reads of one epoch therefore say much the same as
those of the next: to take them for independent is to be too sure.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from tests.benchmarks.inventory.plans import BACK, EXIT, FITTING, FLOOR, Plan
from tests.benchmarks.inventory.world import EPOCH_S, Truth

_CELL_M = 0.5  # shadowing is the same within a cell
_HEIGHT_M = 2.4  # of the antennas above the tags
_ROOMS = {FLOOR: 0, EXIT: 0, BACK: 1, FITTING: 2}  # zones of one room see each other freely


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    wall_db: float = 8.0
    duty: float = 0.5
    shares: tuple[float, float, float] = (0.72, 0.22, 0.06)  # of tags with these losses
    losses_db: tuple[float, float, float] = (0.0, 9.0, 17.0)
    outages: int = 0  # antennas that are down for ten minutes each
    at_2m_dbm: float = -51.0
    decade_db: float = 42.0


SCENARIOS = (
    Scenario("base"),
    Scenario("thin wall", wall_db=2.0),
    Scenario("slow multiplex", duty=0.12),
    Scenario("hard tags", duty=0.3, shares=(0.6, 0.2, 0.2)),
    Scenario("outage", outages=2),
)


@dataclass(frozen=True, slots=True)
class Outage:
    antenna: int
    from_epoch: int
    to_epoch: int


@dataclass(frozen=True, slots=True)
class Heard:
    """Rows in the order of time: one tag, one antenna, one epoch; their reads are in `reads_*`."""

    epoch: npt.NDArray[np.int32]
    tag: npt.NDArray[np.int32]
    antenna: npt.NDArray[np.int32]
    reads_row: npt.NDArray[np.int64]  # of each read, which row it belongs to
    reads_rssi_dbm: npt.NDArray[np.float64]
    reads_at_us: npt.NDArray[np.int64]  # in the order of time
    outages: tuple[Outage, ...] = field(default=())


Shadows: TypeAlias = npt.NDArray[np.float64]  # dB by antenna and cell: a store's own


def shadows(plan: Plan, rng: np.random.Generator) -> Shadows:
    """Draw what stays of a store when all tags have gone: 4 dB by place and antenna."""
    return rng.normal(0, 4, (len(plan.antennas), 128, 128))


def hear(
    plan: Plan, truth: Truth, scenario: Scenario, rng: np.random.Generator, shadow: Shadows
) -> Heard:
    """Read all tags in all epochs."""
    level = _levels(plan, truth, scenario, rng, shadow)
    chance = scenario.duty / (1 + np.exp(-(level + 72) / 2))
    chance[np.isnan(level)] = 0
    outages = _outages(plan, len(level), scenario.outages, rng)
    for outage in outages:
        chance[outage.from_epoch : outage.to_epoch, :, outage.antenna] = 0
    rows = np.nonzero(rng.random(level.shape, dtype=np.float32) < chance)
    return _reads(level, rows, outages, rng)


def _levels(
    plan: Plan, truth: Truth, scenario: Scenario, rng: np.random.Generator, shadow: Shadows
) -> npt.NDArray[np.float32]:
    """Give the level in dBm of each epoch, tag and antenna; NaN where the tag is absent."""
    x, y = truth.places[..., 0], truth.places[..., 1]
    tags = x.shape[1]
    losses = rng.choice(scenario.losses_db, size=tags, p=scenario.shares) + rng.uniform(-2, 2, tags)
    level = np.empty((*x.shape, len(plan.antennas)), dtype=np.float32)
    room = _room_of(truth.zones)
    with np.errstate(invalid="ignore"):
        columns = np.nan_to_num(np.floor(x / _CELL_M)).astype(int) % 128
        rows = np.nan_to_num(np.floor(y / _CELL_M)).astype(int) % 128
    for index, antenna in enumerate(plan.antennas):
        distance = np.sqrt((x - antenna.x) ** 2 + (y - antenna.y) ** 2 + _HEIGHT_M**2)
        walls = np.where(room == _ROOMS[antenna.zone], 0, 1) + (
            (room + _ROOMS[antenna.zone] == 3) & (room != 0) & (room != 3)
        )
        level[..., index] = (
            scenario.at_2m_dbm
            - scenario.decade_db * np.log10(distance / 2)
            - walls * scenario.wall_db
            - losses
            + shadow[index][columns, rows]
        )
    return level + _fading(level.shape, rng) + _ghosts(level.shape, rng)


def _room_of(zones: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    rooms = np.zeros(zones.shape, dtype=np.int8)
    for zone, room in _ROOMS.items():
        rooms[zones == zone] = room
    return rooms


def _fading(shape: tuple[int, ...], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Give slow fading (2.5 dB, a minute) and noise (2 dB)."""
    keep = np.exp(-EPOCH_S / 60)
    fading = rng.normal(0, 1, shape).astype(np.float32)
    noise = rng.normal(0, 2, shape).astype(np.float32)
    for epoch in range(1, shape[0]):
        fading[epoch] = keep * fading[epoch - 1] + np.sqrt(1 - keep**2) * fading[epoch]
    return np.float32(2.5) * fading + noise


def _ghosts(shape: tuple[int, ...], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Give bursts of 6 to 20 s in which an antenna hears a tag far too well."""
    ghosts = np.zeros(shape, dtype=np.float32)
    for _ in range(int(ghosts.size * 1e-4)):
        epoch, tag, antenna = (int(rng.integers(size)) for size in shape)
        ghosts[epoch : epoch + int(rng.integers(3, 11)), tag, antenna] = rng.uniform(4, 12)
    return ghosts


def _outages(plan: Plan, epochs: int, number: int, rng: np.random.Generator) -> tuple[Outage, ...]:
    down = rng.choice(len(plan.antennas), size=number, replace=False)
    starts = rng.integers(200, max(201, epochs - 400), size=number)
    return tuple(
        Outage(int(antenna), int(start), int(start) + 300)
        for antenna, start in zip(down, starts, strict=True)
    )


def _reads(
    level: npt.NDArray[np.float32],
    rows_of: tuple[npt.NDArray[np.int64], ...],
    outages: tuple[Outage, ...],
    rng: np.random.Generator,
) -> Heard:
    epoch, tag, antenna = rows_of
    counts = 1 + rng.poisson(2, len(epoch))
    rows = np.repeat(np.arange(len(epoch)), counts)
    rssi = level[epoch, tag, antenna][rows] + rng.normal(0, 0.7, len(rows))
    epoch_us = round(EPOCH_S * 1e6)
    at_us = epoch[rows] * epoch_us + rng.integers(0, epoch_us, len(rows))
    order = np.argsort(at_us, kind="stable")
    return Heard(
        epoch.astype(np.int32),
        tag.astype(np.int32),
        antenna.astype(np.int32),
        rows[order],
        np.round(rssi[order] * 2) / 2,
        at_us[order],
        outages,
    )
