"""The bridge as a program for tests: the real one, but impatient; or one that lacks a rule.

python -m tests.chaos.bridge BROKER_PORT EMULATOR PROJECT [CONTROL]
"""

import dataclasses
import logging
import secrets
import sys
from collections.abc import Callable
from contextlib import closing

import msgspec

from cloud import apply
from cloud.apply import Cursor, Decision
from cloud.bridge import Bridge, BridgeSettings, subscriptions, writer
from cloud.documents.firestore import connect_emulator
from cloud.service import stop_by_signal
from edge.clock import SystemClock
from edge.mqtt import MqttClient, MqttSettings
from edge.wire import Delta, Hello, Outcome, rows_of

COMMIT_S = 2.0


def _no_fence(cursor: Cursor | None, message: Hello | Delta) -> Decision:
    """Apply every row of every delta, whoever says it and however often."""
    if not isinstance(message, Delta) or cursor is None:
        return apply.decide(cursor, message)
    now = dataclasses.replace(cursor, applied=max(cursor.applied, message.to_ver))
    return Decision(Outcome.APPLIED, now, changed=True, rows=rows_of(message))


def _no_snapshot(cursor: Cursor | None, message: Hello | Delta) -> Decision:
    """Welcome a file that was rolled back, and keep what was applied of its lost future."""
    if isinstance(message, Hello):
        message = msgspec.structs.replace(message, snapshot=False, after=None)
    return apply.decide(cursor, message)


Decide = Callable[[Cursor | None, Hello | Delta], Decision]
CONTROLS: dict[str, Decide] = {"no-fence": _no_fence, "no-snapshot": _no_snapshot}


def main(broker_port: str, emulator: str, project: str, control: str | None = None) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    if control:
        setattr(writer, "decide", CONTROLS[control])  # noqa: B010  (a rule is to be missing)
    stop = stop_by_signal()
    settings = MqttSettings(
        "127.0.0.1",
        f"bridge-{secrets.token_hex(4)}",
        int(broker_port),
        keepalive_s=5,
        connect_timeout_s=3,
        reconnect_s=0.2,
        reconnect_max_s=1,
        steady_s=2,
    )
    mqtt = MqttClient(settings, subscriptions())
    with closing(connect_emulator(emulator, project, timeout_s=COMMIT_S)) as documents:
        bridge = Bridge(documents, mqtt, BridgeSettings(workers=2), SystemClock())
        mqtt.start()
        try:
            bridge.run(stop)
        finally:
            mqtt.stop()
            logging.getLogger(__name__).info("bridge %s", dict(bridge.counters()))


if __name__ == "__main__":
    main(*sys.argv[1:])
