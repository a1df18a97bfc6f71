"""One trial: the whole line under faults by a seed; at quiet, cloud = edge = truth, exactly."""

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos import faults
from tests.chaos.network import Way
from tests.chaos.site import MISSING, SERVICES, STORE, Counts, Site

QUIET_S = 90.0  # for everything to arrive once all is repaired
STEADY_S = 2.0  # for which it must stay so
LOOK_S = 0.25


@dataclass(frozen=True, slots=True)
class Report:
    seed: int
    is_equal: bool
    settled_s: float
    items: int
    faults: Counter[str]
    network: Counter[str]
    database: Counter[str]
    differences: list[str] = field(default_factory=list)

    def line(self) -> str:
        verdict = "equal" if self.is_equal else f"{len(self.differences)} DIFFER"
        network = ", ".join(f"{n} {name}" for name, n in sorted(self.network.items()))
        commits = self.database["commits"]
        return (
            f"seed {self.seed} | {verdict} | {self.items} items | {self.faults.total()} faults,"
            f" {self.faults['roll back']} roll-backs, {self.faults['twin']} twins | {network} |"
            f" {self.database.total() - commits} of {commits} commits hurt |"
            f" settled in {self.settled_s:.1f} s"
        )


def trial(
    folder: Path, emulator: str, seed: int, lasts_s: float, control: str | None = None
) -> Report:
    """Run a trial of about `lasts_s` of faults; it takes `QUIET_S` more at most."""
    site = Site(folder, emulator, seed, control)
    try:
        site.start(moving_s=lasts_s)
        had = faults.run(site, seed, lasts_s)
        repair(site)
        settled_s = settle(site)
        return Report(
            seed,
            settled_s is not None,
            QUIET_S if settled_s is None else settled_s,
            site.truth().total(),
            had,
            site.courier.counters,
            site.firestore.counters,
            [] if settled_s is not None else differences(site),
        )
    finally:
        site.close()


def repair(site: Site) -> None:
    """End every fault."""
    site.firestore.is_down, site.firestore.is_calm = False, True
    for link in site.links.values():
        link.set(Way.OPEN)
    site.kill("twin")
    site.step_clock(0)
    for name in ("reader", *SERVICES):
        site.freeze(name, frozen=False)
    site.fill_disk(is_full=False)
    site.courier.calm_down()


def settle(site: Site) -> float | None:
    """Wait until all are equal and stay so; say how long it took, None if they do not.

    What does not run is started, as by systemd: on a full disk an agent ends at its start.
    """
    began_s = time.monotonic()
    equal_s: float | None = None
    while (now_s := time.monotonic()) < began_s + QUIET_S:
        for name in SERVICES:
            site.begin(name)
        if not _is_equal(site):
            equal_s = None
        elif equal_s is None:
            equal_s = now_s
        elif now_s >= equal_s + STEADY_S:
            return equal_s - began_s
        time.sleep(LOOK_S)
    return None


def _is_equal(site: Site) -> bool:
    edge = site.edge()
    return (
        site.is_quiet()
        and site.pending() == 0
        and _present(edge) == site.truth()
        and edge == site.cloud()
    )


def _present(counts: Counts) -> Counts:
    return Counter({place: n for place, n in counts.items() if place[1] != MISSING})


def differences(site: Site) -> list[str]:
    """Say for each SKU and zone who counts otherwise."""
    truth, edge, cloud = site.truth(), site.edge(), site.cloud()
    found = [
        f"{STORE} {gtin} {zone}: truth {truth[gtin, zone]}, edge {edge[gtin, zone]},"
        f" cloud {cloud[gtin, zone]}"
        for gtin, zone in sorted({*truth, *edge, *cloud})
        if edge[gtin, zone] != cloud[gtin, zone]
        or (zone != MISSING and truth[gtin, zone] != edge[gtin, zone])
    ]
    return [*found, f"{site.pending()} pending"]
