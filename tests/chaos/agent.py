"""The store's agent as a program for tests: the real one, but impatient, and with a clock to step.

    python -m tests.chaos.agent STORE.toml CLOCK [CHECK_S]

CLOCK is a file with the microseconds by which the machine's wall clock is wrong; a shard is
compared with the documents every CHECK_S.
"""

import dataclasses
import logging
import signal
import sys
import time
from pathlib import Path

from edge import agent as module
from edge import config as configuration
from edge.agent import Agent
from edge.model import Now
from edge.mqtt import MqttSettings
from edge.sync.session import SyncSettings

LOOK_S = 0.2
QUICK = SyncSettings(
    flush_s=0.2,
    resend_s=0.5,
    resend_max_s=2,
    dead_s=5,
    dead_max_s=10,
    idle_s=3,
    failed_s=0.5,
    duel_s=2,
    duel_max_s=5,
    with_events=True,
)


class SteppedClock:
    def __init__(self, path: Path) -> None:
        self._path, self._looked_s, self._wrong_us = path, float("-inf"), 0

    def now(self) -> Now:
        now_s = time.monotonic()
        if now_s - self._looked_s >= LOOK_S:
            self._looked_s = now_s
            self._wrong_us = int(self._path.read_text("ascii") or 0)
        return Now(now_s, time.time_ns() // 1000 + self._wrong_us)


class QuickAgent(Agent):
    def _mqtt_settings(self, password: str | None) -> MqttSettings:
        return dataclasses.replace(
            super()._mqtt_settings(password),
            keepalive_s=5,
            connect_timeout_s=3,
            reconnect_s=0.2,
            reconnect_max_s=1,
            steady_s=2,
        )


def main(config: str, clock: str, check_s: str = "1") -> None:
    settings = dataclasses.replace(QUICK, check_s=float(check_s), check_again_s=float(check_s))
    setattr(module, "SyncSettings", lambda **_: settings)  # noqa: B010  (its own are for years)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    agent = QuickAgent(configuration.load(Path(config)), SteppedClock(Path(clock)))
    signal.signal(signal.SIGTERM, lambda *_: agent.stop())
    agent.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
