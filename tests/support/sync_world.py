"""Stores, their disks, a network that does what it likes, and a cloud: all in one thread.

Time passes when `advance` says so.  What is said goes into `up` or `down`, and leaves it when an
action delivers it (perhaps twice, in any order) or loses it.
"""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from cloud.apply import Cursor, Decision, answer, decide
from edge.errors import StorageError
from edge.model import StockRow
from edge.sync.session import (
    Act,
    Fetch,
    Reconnect,
    Renew,
    Save,
    Say,
    SyncSession,
    SyncSettings,
)
from edge.sync.states import State
from edge.wire import Answer, Delta, Hello, decode, encode
from tests.support.sync import MemoryFile

STORE = "muc-01"
SETTINGS = SyncSettings(
    dead_s=40, dead_max_s=80, idle_s=60, duel_s=20, duel_max_s=80, resend_max_s=20
)
ROWS = 2  # of a delta: a snapshot takes several
QUIET_S = 1000.0  # after which nothing is left to happen
_AGAIN = 0.15  # of deliveries
_OTHER = 0.25  # of what happens to a device happens to the second one


class Calamity(Enum):
    """One kind at a time: a restored cloud no longer tells the terms of two files apart."""

    OF_STORES = 1  # disks are copied and restored, and two agents live with one identity
    OF_CLOUD = 2  # the documents are restored from a backup


Decide = Callable[[Cursor | None, Hello | Delta], Decision]


@dataclass(slots=True)
class Cloud:
    cursor: Cursor | None = None
    documents: dict[str, tuple[StockRow, int]] = field(default_factory=dict)  # with their term


class Device:
    """A store's machine: a disk, and perhaps an agent that lives."""

    def __init__(self, world: "World", file: MemoryFile) -> None:
        self.file = file
        self.session: SyncSession | None = None
        self.is_linked = False
        self._world = world

    def start(self) -> None:
        """Begin a life of the agent, ending the one before; there is no link yet."""
        self.is_linked = False
        boot = f"boot-{self._world.next_boot()}"
        self.session = SyncSession(self.file.begin(), STORE, boot, SETTINGS, lambda: 0.5)

    def stop(self) -> None:
        self.session, self.is_linked = None, False

    def set_broken(self, *, broken: bool) -> None:
        self.file.broken = broken

    def connect(self) -> None:
        if self.session:
            self.is_linked = True
            self.do(self.session.connected(self._world.now_s))

    def disconnect(self) -> None:
        if self.session and self.is_linked:
            self.is_linked = False
            self.do(self.session.lost(self._world.now_s))

    def count(self, gtin: str, zones: dict[str, int]) -> None:
        """Change a count; nobody but an agent that lives does."""
        if self.session:
            self.file.count(gtin, zones)
            self.session.notified(self._world.now_s)

    def tick(self) -> None:
        if self.session:
            self.do(self.session.timer(self._world.now_s))

    def hear(self, message: Answer) -> None:
        if self.session and self.is_linked:
            self.do(self.session.heard(message, self._world.now_s))

    def do(self, acts: list[Act]) -> None:
        assert self.session
        left = deque(acts)
        while left:
            try:
                left.extend(self._do(left.popleft(), self.session))
            except StorageError:
                left = deque(self.session.failed(self._world.now_s))

    def _do(self, act: Act, session: SyncSession) -> list[Act]:
        now_s = self._world.now_s
        match act:
            case Say(message):
                assert message.term == self.file.term, "nothing is said of a term not on the disk"
                if self.is_linked:
                    self._world.up.append(encode(message))
            case Fetch(acked):
                pending = self.file.pending(acked, ROWS)
                return session.filled(pending, now_s, more=len(pending.rows) == ROWS)
            case Save(acked, answered):
                if answered:
                    self.file.save_answered()
                self.file.save_acked(acked)
            case Renew(term):
                self.file.renew(term)
                return session.renewed(now_s)
            case Reconnect():
                self.is_linked = False
                return [*session.lost(now_s), *self._relink(session)]
        return []

    def _relink(self, session: SyncSession) -> list[Act]:
        self.is_linked = True
        return session.connected(self._world.now_s)


class World:
    def __init__(
        self, decide: Decide = decide, make_file: Callable[[], MemoryFile] = MemoryFile
    ) -> None:
        self.now_s = 1000.0
        self.cloud = Cloud()
        self.up: list[bytes] = []
        self.down: list[bytes] = []
        self.devices = [Device(self, make_file()), Device(self, make_file())]
        self.disks: list[MemoryFile] = []  # copies that somebody has made
        self.backup = Cloud()
        self._decide, self._boots = decide, 0

    def next_boot(self) -> int:
        self._boots += 1
        return self._boots

    def advance(self, seconds: float) -> None:
        self.now_s += seconds
        for device in self.devices:
            device.tick()

    def deliver_up(self, index: int, *, again: bool = False) -> None:
        """Bring a message to the cloud; `again`: and keep it, to come once more."""
        if self.up:
            index %= len(self.up)
            self._receive(self.up[index] if again else self.up.pop(index))

    def deliver_down(self, index: int, *, again: bool = False) -> None:
        if self.down:
            index %= len(self.down)
            message = decode(self.down[index] if again else self.down.pop(index))
            assert isinstance(message, Answer)
            for device in self.devices:
                device.hear(message)

    def lose(self, index: int) -> None:
        for direction in (self.up, self.down):
            if index < len(direction):
                del direction[index]

    def keep_copy(self, device: Device) -> None:
        self.disks = [*self.disks[-3:], device.file.copy()]

    def restore_copy(self, device: Device, index: int) -> None:
        """End the agent and put a kept copy of some disk in its device."""
        if self.disks:
            device.stop()
            device.file = self.disks[index % len(self.disks)].copy()

    def keep_cloud(self) -> None:
        self.backup = Cloud(self.cloud.cursor, dict(self.cloud.documents))

    def restore_cloud(self) -> None:
        self.cloud = Cloud(self.backup.cursor, dict(self.backup.documents))

    def _receive(self, payload: bytes) -> None:
        message = decode(payload)
        assert isinstance(message, Hello | Delta)
        decision = self._decide(self.cloud.cursor, message)
        if decision.changed:
            self.cloud.cursor = decision.cursor
            for row in decision.rows:
                self.cloud.documents[row.gtin] = (row, message.term)
        self.down.append(encode(answer(message, decision)))

    def check(self) -> None:
        """Assert that what an agent takes for committed is in the documents, while it owns them."""
        for device in self.devices:
            session, cursor = device.session, self.cloud.cursor
            if not session or not cursor or session.state not in {State.READY, State.FLYING}:
                continue
            if (cursor.term, cursor.boot) == (session.term, session.boot):
                upto = min(session.acked, cursor.applied)
                self._check_rows([row for row in device.file.rows.values() if row.ver <= upto])

    def settle(self, index: int) -> None:
        """Leave one device, repair all, let everything arrive; then the cloud has its file."""
        for other in self.devices:
            if other is not self.devices[index]:
                other.stop()
        device = self.devices[index]
        device.file.broken = False
        if device.session is None:
            device.start()
        device.connect()
        until_s = self.now_s + QUIET_S
        while self.now_s < until_s:
            while self.up or self.down:
                self.deliver_up(0)
                self.deliver_down(0)
                self.check()
            assert device.session
            wake_s = device.session.wake_s
            self.advance(max(0.01, (wake_s or self.now_s + 1) - self.now_s))
        self._check_rows(list(device.file.rows.values()))
        self._check_nothing_else(device.file)
        assert device.file.acked == device.file.ver

    def _check_rows(self, rows: list[StockRow]) -> None:
        for row in rows:
            found = self.cloud.documents.get(row.gtin)
            assert found, f"{row} is missing"
            assert found[0] == row, f"{found[0]} should be {row}"

    def _check_nothing_else(self, file: MemoryFile) -> None:
        cursor = self.cloud.cursor
        for gtin, (row, term) in self.cloud.documents.items():
            is_leftover = cursor is not None and term < cursor.sweep_term
            assert gtin in file.rows or is_leftover, f"{row} is nobody's"


Action = Callable[[Device], object]


def walk(world: World, seed: int, steps: int, calamities: Calamity) -> None:
    """Do `steps` things by chance: mostly work and delivery, sometimes one of the calamities."""
    rng = random.Random(seed)  # noqa: S311  (chance that can be had again)
    everyday: dict[Action, float] = {
        lambda device: device.count(f"{rng.randrange(5):014d}", {"floor": rng.randrange(9)}): 20,
        lambda _: world.deliver_up(rng.randrange(9), again=rng.random() < _AGAIN): 30,
        lambda _: world.deliver_down(rng.randrange(9), again=rng.random() < _AGAIN): 30,
        lambda _: world.lose(rng.randrange(40)): 2,
        lambda _: world.advance(rng.choice([0.1, 1.0, 1.0, 6.0, 30.0])): 20,
        lambda device: device.connect(): 3,
        lambda device: device.disconnect(): 1,
        lambda device: device.start(): 1,
        lambda device: device.set_broken(broken=rng.random() < 1 / 4): 1,
    }
    of_stores: dict[Action, float] = {
        world.keep_copy: 2,
        lambda device: world.restore_copy(device, rng.randrange(9)): 1,
    }
    of_cloud: dict[Action, float] = {
        lambda _: world.keep_cloud(): 0.5,
        lambda _: world.restore_cloud(): 0.5,
    }
    is_of_stores = calamities is Calamity.OF_STORES
    actions = everyday | (of_stores if is_of_stores else of_cloud)
    world.devices[0].start()
    world.devices[0].connect()
    for action in rng.choices(list(actions), list(actions.values()), k=steps):
        action(world.devices[is_of_stores and rng.random() < _OTHER])
        world.check()
    world.settle(0)
