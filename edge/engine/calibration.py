"""A store's own weights from an install walk: reads of which somebody says in which zone they were.

Tags are laid or carried about in one zone at a time while the readers record.  The first part of
each recording is fitted, the second part is played, zone after zone, through the very filter that
the engine uses, to choose what cannot be fitted (how much to trust an epoch) and to say how good it
is; then everything is fitted once more.  Exits are passed through, not stayed
in: they keep the shipped numbers, and recordings of them are left out.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from edge.engine.items import Item
from edge.engine.observations import Observations
from edge.engine.profiles import Profile
from edge.engine.regression import Sample, fit
from edge.engine.weights import GENERIC, KIND_BIAS, Weights, ZoneWeights
from edge.engine.zones import Antenna, Zones, antenna_terms
from edge.model import Sgtin, TagRead, ZoneKind

_MEMORY_READS = 1.5  # with weights for each antenna a single epoch says more
_RIDGE = 3.0
_TRUSTS = (0.9, 1.35, 1.8)
_DOUBTS = (4.0, 2.0, 0.0)
_FEW_TAGS = 5  # in a zone: carried about, they show nothing of tags that hang still
# A walk moves in minutes what stays in place for days: of equals, the most doubtful are best.
_AS_GOOD = 0.01
_PASSES = 15
_MAX_SAMPLES = 3_000
_MOVE_COST = 15.0  # epochs in the wrong zone that a needless move is worth


class Recording(msgspec.Struct, frozen=True):
    """What one reader has read while all tags that it could read were in one zone."""

    zone: str
    reader: str
    reads: Sequence[TagRead]
    walk: str = ""  # those of one zone and walk were made together, by several readers


class Confusion(msgspec.Struct, frozen=True):
    """How often tags in `zone` were taken to be in `taken_for`, and which antennas made it so."""

    zone: str
    taken_for: str
    share: float  # of the zone's epochs with a read
    antennas: dict[str, float]  # by `reader:port`: the share of the power in these epochs


class Calibration(msgspec.Struct, frozen=True):
    """`right` is the share of epochs in which the zone was right, on reads that were not fitted."""

    weights: Weights
    right: float
    confusions: list[Confusion]  # the worst first; pairs that were never confused are left out


@dataclass(frozen=True, slots=True)
class _Step:
    """One tag's epoch with a read: the power of each antenna, and when."""

    epoch: int
    powers: Mapping[int, float]


_Track = list[_Step]  # of one tag


@dataclass(frozen=True, slots=True)
class _Play:
    weights: Weights
    right: float
    cost: float  # what is to be kept small
    confusions: list[Confusion]


@dataclass(frozen=True, slots=True)
class _Walk:
    zone: str
    tracks: list[_Track]

    def halves(self) -> "tuple[_Walk, _Walk]":
        steps = [step.epoch for track in self.tracks for step in track]
        middle = (min(steps) + max(steps) + 1) // 2
        early = [[step for step in track if step.epoch < middle] for track in self.tracks]
        late = [[step for step in track if step.epoch >= middle] for track in self.tracks]
        return (
            _Walk(self.zone, [track for track in early if track]),
            _Walk(self.zone, [track for track in late if track]),
        )


def calibrate(
    recordings: Sequence[Recording],
    zones: Mapping[Antenna, str],
    kinds: Mapping[str, ZoneKind],
    epoch_s: float = 2.0,
) -> Calibration:
    """Fit weights to recordings of all zones; raise ValueError for what cannot be fitted."""
    stayed_in = [r for r in recordings if kinds.get(r.zone) is not ZoneKind.EXIT]
    walks = _walks(stayed_in, zones, epoch_s)
    names = sorted({walk.zone for walk in walks})
    if len(names) < 2:
        raise ValueError(f"recordings of two zones or more are needed, these are of {names}")
    halves = [walk.halves() for walk in walks]
    early, late = [half[0] for half in halves], [half[1] for half in halves]
    store = _Store(zones, kinds, names, epoch_s)
    weights = store.fit(early)
    doubts = _DOUBTS if max(len(walk.tracks) for walk in walks) >= _FEW_TAGS else (0.0,)
    tried = [store.tried(late, weights, doubt, trust) for doubt in doubts for trust in _TRUSTS]
    enough = min(play.cost for play in tried) + _AS_GOOD
    most = max(play.weights.doubt for play in tried if play.cost <= enough)
    best = min((p for p in tried if p.weights.doubt == most), key=lambda play: play.cost)
    weights = msgspec.structs.replace(store.fit(walks), trust=best.weights.trust, doubt=most)
    return Calibration(weights, best.right, best.confusions)


def _walks(
    recordings: Sequence[Recording], zones: Mapping[Antenna, str], epoch_s: float
) -> list[_Walk]:
    numbers = {antenna: number for number, antenna in enumerate(sorted(zones))}
    walks = []
    for (zone, _), together in _together(recordings).items():
        observations = Observations(round(epoch_s * 1e6))
        for recording in together:
            ports = {port for reader, port in zones if reader == recording.reader}
            if not ports:
                raise ValueError(f"reader {recording.reader} has no antenna in any zone")
            observations.add(recording.reader, ports, recording.reads)
        tracks: dict[bytes, dict[int, dict[int, float]]] = {}
        for epoch, heard in observations.close_before(observations.end()):
            for reader, port, seen in heard:
                for epc, observation in seen.items():
                    power = 10.0 ** (observation.sum_dbm / observation.hits / 10)
                    of_tag = tracks.setdefault(epc, {}).setdefault(epoch, {})
                    of_tag[numbers[reader, port]] = power
        if not tracks:
            raise ValueError(f"the recording of {zone} holds no read of any antenna")
        walks.append(
            _Walk(
                zone,
                [[_Step(e, powers) for e, powers in t.items()] for t in tracks.values()],
            )
        )
    return walks


def _together(recordings: Sequence[Recording]) -> dict[tuple[str, str], list[Recording]]:
    """Give the recordings of each walk; one without a name is a walk of its own."""
    walks: dict[tuple[str, str], list[Recording]] = {}
    for number, recording in enumerate(recordings):
        name = recording.walk or f"#{number}"
        walks.setdefault((recording.zone, name), []).append(recording)
    return walks


class _Store:
    """The store's antennas and zones, on which walks are fitted and played."""

    def __init__(
        self,
        zones: Mapping[Antenna, str],
        kinds: Mapping[str, ZoneKind],
        names: Sequence[str],
        epoch_s: float,
    ) -> None:
        self._zones, self._kinds, self._names = zones, kinds, names
        self._epoch_s = epoch_s
        self._antennas = [f"{reader}:{port}" for reader, port in sorted(zones)]

    def fit(self, walks: Sequence[_Walk]) -> Weights:
        """Fit what differs from the shipped model; what is likely beforehand stays the kinds'."""
        even = {name: ZoneWeights() for name in self._names}
        blank = msgspec.structs.replace(GENERIC, memory_reads=_MEMORY_READS, zones=even)
        samples = list(self._samples(walks, blank))
        samples = samples[:: 1 + len(samples) // _MAX_SAMPLES]
        rows = fit(samples, len(self._names), len(self._antennas), _RIDGE, _PASSES)
        fitted = {
            name: ZoneWeights(
                round(self._bias(name) + row[-1], 4),
                {
                    antenna: round(weight, 4)
                    for antenna, weight in zip(self._antennas, row, strict=False)
                },
            )
            for name, row in zip(self._names, rows, strict=True)
        }
        return msgspec.structs.replace(blank, zones=fitted)

    def tried(self, walks: Sequence[_Walk], weights: Weights, doubt: float, trust: float) -> _Play:
        return self.play(walks, msgspec.structs.replace(weights, doubt=doubt, trust=trust))

    def play(self, walks: Sequence[_Walk], weights: Weights) -> _Play:
        """Let tags go through the zones one after another."""
        profile = Profile()
        zones = self._with(weights, profile)
        epochs: Counter[str] = Counter()
        wrong: Counter[tuple[str, str]] = Counter()
        powers: dict[tuple[str, str], dict[int, float]] = {}
        moves = changes = 0
        for tour in _tours(walks):
            item, before = Item(Sgtin("", ""), ""), ""
            for truth, epoch, heard in tour:
                gap = _hear(zones, item, epoch, heard)
                said = zones.weigh(item, epoch, gap) if item.zone else zones.first_zone(item)
                if said != item.zone:
                    moves += bool(item.zone)
                    zones.note_move(item, said, epoch)
                    item.zone = said
                changes += bool(before) and truth != before
                before = truth
                epochs[truth] += 1
                if said != truth:
                    wrong[truth, said] += 1
                    _add(powers.setdefault((truth, said), {}), heard)
        total, mistakes = sum(epochs.values()), sum(wrong.values())
        cost = (mistakes + _MOVE_COST * max(0, moves - changes)) / total
        confusions = [
            Confusion(zone, taken_for, count / epochs[zone], self._shares(powers[zone, taken_for]))
            for (zone, taken_for), count in wrong.most_common()
        ]
        return _Play(weights, 1 - mistakes / total, cost, confusions)

    def _samples(self, walks: Sequence[_Walk], weights: Weights) -> Iterator[Sample]:
        """Give a sample for each epoch, each zone with the same weight in all."""
        zones = self._with(weights, Profile())
        sizes: Counter[str] = Counter()
        for walk in walks:
            sizes[walk.zone] += sum(map(len, walk.tracks))
        even = sum(sizes.values()) / len(sizes)
        for walk in walks:
            truth, weight = self._names.index(walk.zone), even / sizes[walk.zone]
            for track in walk.tracks:
                item = Item(Sgtin("", ""), "")
                for step in track:
                    _hear(zones, item, step.epoch, step.powers)
                    known = zones.evidence(item.heard, self._names)
                    terms = dict(antenna_terms(item.heard))
                    yield Sample(truth, [known[n] for n in self._names], terms, weight)

    def _with(self, weights: Weights, profile: Profile) -> Zones:
        profiles = dict.fromkeys(self._names, profile)
        return Zones(self._zones, self._kinds, profiles, weights, self._epoch_s)

    def _bias(self, zone: str) -> float:
        return KIND_BIAS[self._kinds.get(zone, ZoneKind.SALES_FLOOR)]

    def _shares(self, powers: Mapping[int, float]) -> dict[str, float]:
        total = sum(powers.values())
        loudest = sorted(powers, key=lambda antenna: -powers[antenna])
        return {self._antennas[antenna]: powers[antenna] / total for antenna in loudest}


def _hear(zones: Zones, item: Item, epoch: int, powers: Mapping[int, float]) -> int:
    gap = zones.begin_epoch(item, epoch, ())
    _add(item.heard, {antenna: min(power, item.limit) for antenna, power in powers.items()})
    return gap


def _add(sums: dict[int, float], powers: Mapping[int, float]) -> None:
    for antenna, power in powers.items():
        sums[antenna] = sums.get(antenna, 0.0) + power


def _tours(walks: Sequence[_Walk]) -> Iterator[list[tuple[str, int, Mapping[int, float]]]]:
    """Join one track of each walk to a way through all zones, and so on with the next tracks."""
    for number in range(max(len(walk.tracks) for walk in walks)):
        tour: list[tuple[str, int, Mapping[int, float]]] = []
        for walk in walks:
            if number < len(walk.tracks):
                track = walk.tracks[number]
                shift = (tour[-1][1] if tour else 0) + 1 - track[0].epoch
                tour += [(walk.zone, step.epoch + shift, step.powers) for step in track]
        yield tour
