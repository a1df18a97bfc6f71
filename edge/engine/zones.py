"""Where an item is: power by antenna, a model's evidence for zones, and a filter over time.

What antennas hear of a tag is kept as power that is forgotten within seconds.  In each epoch with a
read the model (`weights`) says how likely each zone makes that; Bayes' rule, tempered by the
profile's `trust`, makes it a belief.  The item moves when the belief in another zone outweighs that
in its own by `move_logit`, and by more while it has been restless.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping

from edge.engine.items import Item
from edge.engine.profiles import Profile, profile_of_kind
from edge.engine.silence import Habit, read_rate
from edge.engine.usual import LEAST, Usual
from edge.engine.weights import FLOOR, KIND_BIAS, Weights
from edge.model import ZoneKind

Antenna = tuple[str, int]  # reader and antenna port

_GOOD_PART = 0.1
_MOST_RESTLESS = 7.0  # a tag that its own zone hears no more moves even then
_JUMP = 4.0  # times the loudest so far
_LONGEST_GAP = 300  # epochs
_GAP_PART = 0.05  # of a new gap in the mean
_MOST_CHANGE = 0.2  # the chance of a change, however long a gap
_MISPLACED = 0.9  # how sure it is that what was put down wrong is elsewhere
_DOOR_RATE = 1 / 90  # in each epoch with a read: minutes, where a customer leaves in seconds


class Zones:
    """The antennas and zones of one store, antennas by numbers."""

    def __init__(
        self,
        zones: Mapping[Antenna, str],
        kinds: Mapping[str, ZoneKind],
        profiles: Mapping[str, Profile],
        weights: Weights,
        epoch_s: float,
    ) -> None:
        self.numbers = {antenna: number for number, antenna in enumerate(sorted(zones))}
        self.zone_of = [zones[antenna] for antenna in sorted(zones)]
        self._kinds = dict(kinds)
        self._exits = {
            number
            for number, zone in enumerate(self.zone_of)
            if self._kinds.get(zone) is ZoneKind.EXIT
        }
        self._profiles = dict(profiles)
        self._trust = weights.trust
        self._share = weights.share
        names = [f"{reader}:{port}" for reader, port in sorted(zones)]
        self._bias: dict[str, float] = {}
        self._antennas: dict[str, list[float]] = {}
        for zone, fitted in weights.zones.items():
            self._bias[zone] = fitted.bias
            if fitted.antennas:
                self._antennas[zone] = [fitted.antennas.get(name, 0.0) for name in names]
        self._doubt = weights.doubt
        self._keep_read = math.exp(-1 / weights.memory_reads)
        self._memory_epochs = weights.memory_s / epoch_s
        self._memory_gaps = weights.memory_gaps
        self._epoch_s = epoch_s

    def kind(self, zone: str) -> ZoneKind:
        return self._kinds.get(zone, ZoneKind.SALES_FLOOR)

    def profile(self, zone: str) -> Profile:
        profile = self._profiles.get(zone)
        if profile is None:
            profile = self._profiles[zone] = profile_of_kind(self.kind(zone))
        return profile

    # What was heard.

    def begin_epoch(self, item: Item, epoch: int, frozen: Collection[int]) -> int:
        """Forget some of what was heard until now, but nothing of antennas that hear nothing.

        What will be heard is limited by what has been: one loud read must not outlast many others.
        Give the epochs since the item's last read.
        """
        heard = item.heard
        item.limit = _JUMP * max(heard.values()) if heard else math.inf
        gap = epoch - item.epoch
        item.epoch = epoch
        item.mean_gap += (min(gap, _LONGEST_GAP) - item.mean_gap) * _GAP_PART
        memory = max(self._memory_epochs, self._memory_gaps * item.mean_gap)
        keep = self._keep_read * math.exp(-gap / memory)
        for antenna in heard:
            if antenna not in frozen:
                heard[antenna] *= keep
        return gap

    def exit_share(self, item: Item) -> float:
        """Give how much of the power heard last was heard by antennas of exits."""
        heard = item.heard
        total = sum(heard.values())
        if not total:
            return 0.0
        return sum(heard[antenna] for antenna in self._exits if antenna in heard) / total

    def exit_of(self, item: Item) -> str:
        """Give the exit that heard most of the item last, where it is if none did."""
        heard = {antenna: item.heard[antenna] for antenna in self._exits if antenna in item.heard}
        if not heard:
            return item.zone
        return self.zone_of[max(heard, key=lambda antenna: (heard[antenna], -antenna))]

    def note_door(self, item: Item) -> None:
        """Learn how much of an item is usually heard at exits: much of what hangs by the door."""
        if item.door or not self._exits.isdisjoint(item.heard):
            item.door += (self.exit_share(item) - item.door) * _DOOR_RATE

    def outward_share(self, item: Item) -> float:
        """Give by how much more than usual was heard at exits last: much of what moves out."""
        return max(0.0, self.exit_share(item) - item.door)

    def habit(self, item: Item) -> Habit:
        """Give by what the item's silence is to be judged."""
        exit_share = self.exit_share(item)
        return Habit(read_rate(item), item.longest_gap, exit_share, self._exit_usual(item))

    def _exit_usual(self, item: Item) -> float:
        if item.usual is None:
            return 0.0
        leads = item.usual.leads()
        most = max((leads[z].mean for z in leads if self.kind(z) is ZoneKind.EXIT), default=LEAST)
        return 1 - most / LEAST

    def is_heard_by(self, item: Item, antennas: Collection[int]) -> bool:
        """Tell whether these antennas heard a good part of what was heard of the item last."""
        heard = item.heard
        by_them = sum(power for antenna, power in heard.items() if antenna in antennas)
        return by_them > _GOOD_PART * sum(heard.values())

    # What that says.

    def first_zone(self, item: Item) -> str:
        """Give the zone of an item of which nothing else is known, and begin to believe in it."""
        evidence = self.evidence(item.heard, set(self._zones_of(item.heard)))
        best = min(evidence, key=lambda zone: (-evidence[zone], zone))
        trust = self._trust or self.profile(best).trust
        item.belief = _normal(
            {zone: math.exp(trust * (evidence[zone] - evidence[best])) for zone in evidence}
        )
        return best

    def weigh(self, item: Item, epoch: int, gap: int = 1) -> str:
        """Give the zone in which the item is after this epoch; the caller moves it there.

        `gap`: the epochs since its last read, in which it may have gone.
        """
        zone, belief, zone_of = item.zone, item.belief, self.zone_of
        if belief is None:
            for antenna in item.heard:
                if zone_of[antenna] != zone:
                    break
            else:
                return zone  # sure, and nothing speaks against it
            belief = {zone: 1.0}
        profile = self.profile(zone)
        evidence = self.evidence(item.heard, {zone, *belief, *self._zones_of(item.heard)})
        usual = item.usual
        if usual is None:
            usual = item.usual = Usual()
        usual.discount(evidence, zone, self._doubt)
        most, change = max(evidence.values()), min(profile.change * gap, _MOST_CHANGE)
        trust = self._trust or profile.trust
        belief = _normal(
            {
                other: (belief.get(other, 0.0) * (1 - change) + change)
                * math.exp(trust * (evidence[other] - most))
                for other in evidence
            }
        )
        for other in [o for o, chance in belief.items() if chance < profile.change and o != zone]:
            del belief[other]
        item.belief = belief if len(belief) > 1 else None
        best = min(belief, key=lambda other: (-belief[other], other))
        if best != zone and self._is_moved(item, belief[best] / belief[zone], profile, epoch):
            return best
        better = usual.better()
        if better is None:
            return zone
        item.belief = {better: _MISPLACED, zone: 1 - _MISPLACED}
        return better

    def note_move(self, item: Item, zone: str, epoch: int) -> None:
        """Note that the item is about to leave for a zone: back and forth makes that harder."""
        profile = self.profile(zone)
        if zone == item.came_from:
            restless = self._restless(item, profile, epoch) + profile.restless_logit
            item.restless, item.restless_epoch = min(restless, _MOST_RESTLESS), epoch
        item.came_from = item.zone
        item.usual = None

    def _is_moved(self, item: Item, odds: float, profile: Profile, epoch: int) -> bool:
        needed = profile.move_logit + self._restless(item, profile, epoch)
        return math.log(odds) > needed

    def _restless(self, item: Item, profile: Profile, epoch: int) -> float:
        if not item.restless:
            return 0.0
        ago_s = (epoch - item.restless_epoch) * self._epoch_s
        return item.restless * math.exp(-ago_s / profile.restless_s)

    def _zones_of(self, antennas: Iterable[int]) -> Iterable[str]:
        return (self.zone_of[antenna] for antenna in antennas)

    def evidence(self, heard: Mapping[int, float], zones: Collection[str]) -> dict[str, float]:
        """Give the logarithm of how likely each zone makes what was heard, up to a constant."""
        total = sum(heard.values()) or 1.0
        shares = dict.fromkeys(sorted(zones), FLOOR)
        for antenna, power in heard.items():
            zone = self.zone_of[antenna]
            if zone in shares:
                shares[zone] += power / total
        evidence = {}
        for zone, share in shares.items():
            bias = self._bias.get(zone)
            if bias is None:
                bias = KIND_BIAS[self.kind(zone)]
            value = self._share * math.log(share) + bias
            antennas = self._antennas.get(zone)
            if antennas:
                value += sum(antennas[antenna] * term for antenna, term in antenna_terms(heard))
            evidence[zone] = value
        return evidence


def antenna_terms(heard: Mapping[int, float]) -> Iterator[tuple[int, float]]:
    """Give what the weights of antennas are of: nil for one that heard nothing."""
    total = sum(heard.values()) or 1.0
    for antenna, power in heard.items():
        yield antenna, math.log1p(power / total / FLOOR)


def _normal(chances: dict[str, float]) -> dict[str, float]:
    total = sum(chances.values())
    return {zone: chance / total for zone, chance in chances.items()}
