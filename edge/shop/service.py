"""What serves the machines and people of the store: routes, and the threads that answer."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.clock import Clock
from edge.config import Config, local_token
from edge.health import Health
from edge.local.http import HttpServer
from edge.local.routes import Route
from edge.recorder import Recorder
from edge.shop.count_desk import CountDesk, count_places
from edge.shop.count_routes import CountRoutes
from edge.shop.errands import Errands
from edge.shop.looks import Looks
from edge.shop.minimums import load_minimums
from edge.shop.till_desk import TillDesk
from edge.shop.till_looks import TillLooks
from edge.shop.till_routes import TillRoutes
from edge.shop.zone_desk import ZoneDesk
from edge.storage.database import Database

Serve = Callable[[threading.Event], None]


@dataclass(frozen=True, slots=True)
class Shop:
    """`bodies` are of threads, by their names; each returns soon after its event is set."""

    routes: Sequence[Route]
    counts: CountDesk
    bodies: dict[str, Serve]


def check_shop(config: Config) -> None:
    """Raise ConfigError where a file that the configuration names is of no use."""
    local_token(config)
    load_minimums(config)


def build_shop(
    config: Config, db: Database, recorder: Recorder, health: Health, clock: Clock
) -> Shop:
    """Build the parts; `db` is the engine's own connection."""
    kinds = config.zone_kinds()
    looks = Looks(config.store.id, Path(config.storage.path), health, clock)
    desk = TillDesk(db, recorder, clock, kinds)
    drop = None if config.local.drop is None else Path(config.local.drop)
    seen = TillLooks(looks.reading, kinds, lambda: load_minimums(config))
    tills = TillRoutes(desk, seen, reports=drop and drop / "reports")
    counts = CountDesk(db, recorder.order, count_places(config), clock)
    sessions = CountRoutes(counts, looks.reading)
    zones = ZoneDesk(recorder, kinds, Path(config.storage.path).parent)
    routes = [*looks.routes(), *tills.routes(), *sessions.routes(), *zones.routes()]
    errands = Errands(desk, tills, drop, clock, _alarm(health, "errands"))
    bodies: dict[str, Serve] = {"errands": errands.run}
    if config.local.port is not None:
        token, where = local_token(config), (config.local.host, config.local.port)
        bodies["http"] = HttpServer(*where, token, routes, _alarm(health, "http")).serve
    return Shop(routes, counts, bodies)


def _alarm(health: Health, about: str) -> Callable[[str | None], None]:
    def tell(text: str | None) -> None:
        if text is None:
            health.clear_alarm(about)
        else:
            health.raise_alarm(about, text)

    return tell
