"""What may go wrong when: a schedule by chance that the same seed gives again."""

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from tests.chaos.network import Way
from tests.chaos.site import Site

PAUSE_S = 1.0  # between the begins of two faults, on average
BEGIN_S = 3.0  # when the first may come
DAY_S = 86_400.0

Act = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """`begin` is done at once, `end` after `lasts_s`."""

    name: str
    begin: Act
    end: Act
    lasts_s: float


class Faults:
    """Draws faults for one site."""

    def __init__(self, site: Site, rng: Random) -> None:
        self._site, self._rng = site, rng
        self._kinds: dict[Callable[[], Fault], float] = {
            self._killed_agent: 4,
            self._killed_bridge: 3,
            self._killed_broker: 2,
            self._frozen: 4,
            self._bad_link: 6,
            self._no_database: 1,
            self._kept_copy: 3,
            self._rolled_back: 4,
            self._full_disk: 2,
            self._wrong_clock: 2,
            self._twin: 2,
        }

    def draw(self) -> Fault:
        [kind] = self._rng.choices(list(self._kinds), list(self._kinds.values()))
        return kind()

    def _lasts_s(self, most_s: float) -> float:
        return self._rng.uniform(0.1, most_s)

    def _killed_agent(self) -> Fault:
        return Fault(
            "kill agent",
            lambda: self._site.kill("agent"),
            lambda: self._site.begin("agent"),
            self._lasts_s(3),
        )

    def _killed_bridge(self) -> Fault:
        name = self._rng.choice(["bridge-0", "bridge-1"])
        return Fault(
            "kill bridge",
            lambda: self._site.kill(name),
            lambda: self._site.begin(name),
            self._lasts_s(3),
        )

    def _killed_broker(self) -> Fault:
        broker = self._site.brokers[self._rng.choice(["store", "office"])]

        def restart() -> None:
            broker.program.kill()
            broker.start()

        return Fault("kill broker", broker.program.kill, restart, self._lasts_s(2))

    def _frozen(self) -> Fault:
        names = ["agent", "bridge-0", "bridge-1", "broker-store", "broker-office", "reader"]
        name = self._rng.choice(names)
        return Fault(
            "freeze",
            lambda: self._site.freeze(name, frozen=True),
            lambda: self._site.freeze(name, frozen=False),
            self._lasts_s(4),
        )

    def _bad_link(self) -> Fault:
        link = self._site.links[self._rng.choice(list(self._site.links))]
        way = self._rng.choice([Way.DOWN, Way.HOLE, Way.LATE])
        return Fault(
            f"link {way}", lambda: link.set(way), lambda: link.set(Way.OPEN), self._lasts_s(4)
        )

    def _no_database(self) -> Fault:
        def set_down(is_down: bool) -> None:  # noqa: FBT001  (one word, two lambdas)
            self._site.firestore.is_down = is_down

        return Fault("no database", lambda: set_down(True), lambda: set_down(False), 3)

    def _kept_copy(self) -> Fault:
        return Fault("keep copy", lambda: void(self._site.keep_copy()), nothing, 0)

    def _rolled_back(self) -> Fault:
        place = self._rng.random()

        def roll_back() -> None:
            copies = self._site.copies or [self._site.keep_copy()]
            self._site.roll_back(copies[int(place * len(copies))])

        return Fault("roll back", roll_back, nothing, 0)

    def _full_disk(self) -> Fault:
        return Fault(
            "full disk",
            lambda: self._site.fill_disk(is_full=True),
            lambda: self._site.fill_disk(is_full=False),
            self._lasts_s(4),
        )

    def _wrong_clock(self) -> Fault:
        wrong_s = self._rng.choice([-10 * DAY_S, -3600.0, -2.0, 2.0, 3600.0, 10 * DAY_S, -1.7e9])
        return Fault(
            "step clock",
            lambda: self._site.step_clock(wrong_s),
            lambda: self._site.step_clock(0),
            self._lasts_s(5),
        )

    def _twin(self) -> Fault:
        return Fault(
            "twin", self._site.begin_twin, lambda: self._site.kill("twin"), self._lasts_s(4)
        )


def void(_: object) -> None: ...


def nothing() -> None: ...


def run(site: Site, seed: int, lasts_s: float) -> Counter[str]:
    """Let faults begin and end for `lasts_s`, then end those that still last; count them by name.

    Which faults, when and for how long is the seed's; the programs' own times are not.
    """
    rng = Random(seed)  # noqa: S311  (chance that can be had again)
    counts: Counter[str] = Counter()
    began_s = time.monotonic()
    for at_s, name, act in _acts(Faults(site, rng), rng, lasts_s):
        time.sleep(max(0.0, began_s + at_s - time.monotonic()))
        act()
        site.restart_ended()
        counts[name] += 1
    del counts[""]
    return counts


def _acts(faults: Faults, rng: Random, lasts_s: float) -> Iterator[tuple[float, str, Act]]:
    """Give all begins, by the faults' names, and all ends, nameless, in the order of their time."""
    numbers = itertools.count()
    acts: list[tuple[float, int, str, Act]] = []
    at_s = BEGIN_S
    while at_s < lasts_s:
        fault = faults.draw()
        acts.append((at_s, next(numbers), fault.name, fault.begin))
        acts.append((min(at_s + fault.lasts_s, lasts_s), next(numbers), "", fault.end))
        at_s += rng.expovariate(1 / PAUSE_S)
    for due_s, _, name, act in sorted(acts, key=lambda each: each[:2]):
        yield due_s, name, act
