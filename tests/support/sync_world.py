"""Stores, their disks, a network that does what it likes, bridges and a cloud: all in one thread.

Time passes when `advance` says so.  What is said goes into `up` or `down`, and leaves it when an
action delivers it (perhaps twice, in any order) or loses it.  Two bridges remember cursors that the
other may have moved; a sweep stops between what it has read and what it deletes.
"""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from cloud.apply import Cursor, Decision, answer, compare, decide, note, swept
from edge.digest import shard_of
from edge.errors import StorageError
from edge.model import StockRow
from edge.sync.session import (
    Act,
    Fetch,
    LeaveOut,
    Pick,
    Reconnect,
    Renew,
    Save,
    SaveTold,
    Say,
    Sum,
    SyncSession,
    SyncSettings,
    Touch,
)
from edge.sync.states import State
from edge.wire import (
    Answer,
    Delta,
    Digest,
    Events,
    Hello,
    Outcome,
    Wish,
    decode,
    encode,
)
from tests.support.sync import MemoryFile

STORE = "muc-01"
SETTINGS = SyncSettings(
    dead_s=40,
    dead_max_s=80,
    idle_s=60,
    duel_s=20,
    duel_max_s=80,
    resend_max_s=20,
    foreign_s=20,
    check_s=100,
    with_events=True,
)
ROWS = 2  # of a delta: a snapshot takes several
PAGE = 2  # documents of a sweep's page
QUIET_S = 1000.0  # after which nothing is left to happen
BAD_ZONE = "bad"  # a row with it is one that no document can hold
HOT_STEPS = 60  # for so long mostly one GTIN changes, and then none of its changes hides the last
_HOT = 0.7
_AGAIN = 0.15  # of deliveries
_UNHEARD = 0.05
_BAD = 0.03  # of counts are such that no document can hold them
_OTHER = 0.25  # of what happens to a device happens to the second one


class Calamity(Enum):
    """One kind at a time, where no digests mend things.

    A restored cloud no longer tells the terms of two files apart.
    """

    OF_STORES = 1  # disks are copied and restored, and two agents live with one identity
    OF_CLOUD = 2  # the documents are restored from a backup
    OF_HANDS = 3  # somebody changes documents


Decide = Callable[[Cursor | None, Hello | Delta], Decision]


@dataclass(frozen=True, eq=False, slots=True)
class Stored:
    """A stock document; each writing makes another."""

    row: StockRow
    term: int


@dataclass(slots=True)
class Cloud:
    cursor: Cursor | None = None
    version: int = 0  # of the cursor
    documents: dict[str, Stored] = field(default_factory=dict)
    events: set[str] = field(default_factory=set)  # their serials
    dead: set[tuple[str, int]] = field(default_factory=set)

    def copy(self) -> "Cloud":
        held = (dict(self.documents), set(self.events), set(self.dead))
        return Cloud(self.cursor, self.version, *held)


class Bridge:
    """One of those that share what comes up: its own memory of the cursor, and of a sweep."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._known: tuple[Cursor | None, int] | None = None
        self._page: list[tuple[str, Stored]] | None = None
        self._after = ""

    def forget(self) -> None:
        self._known = self._page = None

    def serve(self, message: Hello | Delta | Digest | Events, *, unheard: bool) -> Answer | None:
        """Give the answer; `unheard`: the first commit is done, and no word of it comes back."""
        cloud = self._world.cloud
        match message:
            case Digest():
                held = [
                    (stored.row, stored.term)
                    for gtin, stored in cloud.documents.items()
                    if shard_of(gtin) == message.shard
                ]
                return answer(message, compare(cloud.cursor, message, held))
            case Events():
                decision = note(cloud.cursor, message)
                if decision.outcome is Outcome.NOTED:
                    self._check_counts_first(message)
                    cloud.events |= {event.serial for event in message.events}
                return answer(message, decision)
            case Delta() if BAD_ZONE in message.zones:
                if len(message.gtins) == 1:
                    cloud.dead.add((message.gtins[0], message.vers[0]))
                return answer(message, Decision(Outcome.REFUSED, cloud.cursor), "bad zone")
        return self._decide(message, unheard=unheard)

    def _decide(self, message: Hello | Delta, *, unheard: bool) -> Answer | None:
        for _ in range(5):
            is_fresh = self._known is None
            cursor, version = self._known or (self._world.cloud.cursor, self._world.cloud.version)
            decision = self._world.decide(cursor, message)
            self._known = None
            if not decision.changed:
                if is_fresh:
                    self._known = (cursor, version)
                    return answer(message, decision)
            elif version == self._world.cloud.version:
                self._commit(message, decision)
                if not unheard:
                    self._known = (decision.cursor, self._world.cloud.version)
                    return answer(message, decision)
                unheard = False
        return None

    def _commit(self, message: Hello | Delta, decision: Decision) -> None:
        cloud = self._world.cloud
        cloud.cursor, cloud.version = decision.cursor, self._world.next_version()
        for row in decision.rows:
            cloud.documents[row.gtin] = Stored(row, message.term)

    def _check_counts_first(self, events: Events) -> None:
        """Assert that no event is told before the count that it has made, or a later one."""
        for event in events.events:
            stored = self._world.cloud.documents.get(event.gtin)
            is_there = stored is not None and stored.row.ver >= int(event.serial)
            dead = any(gtin == event.gtin for gtin, _ in self._world.cloud.dead)
            assert is_there or dead or self._world.is_edited, f"{event} before its count"

    def sweep(self) -> None:
        """Do the next half of a page: read it, or delete what of it is left over."""
        cloud = self._world.cloud
        if cloud.cursor is None or not cloud.cursor.is_sweep_due:
            self._page, self._after = None, ""
        elif self._page is None:
            gtins = sorted(gtin for gtin in cloud.documents if gtin > self._after)[:PAGE]
            self._page = [(gtin, cloud.documents[gtin]) for gtin in gtins]
        else:
            self._delete(self._page, cloud.cursor)
            self._page = None

    def _delete(self, page: list[tuple[str, Stored]], cursor: Cursor) -> None:
        cloud = self._world.cloud
        gone = [(gtin, stored) for gtin, stored in page if stored.term < cursor.sweep_term]
        is_unchanged = all(cloud.documents.get(gtin) is stored for gtin, stored in gone)
        if not is_unchanged and self._world.sweeps_with_care:
            return
        for gtin, _ in gone:
            cloud.documents.pop(gtin, None)
        if page:
            self._after = page[-1][0]
        if len(page) < PAGE:
            cloud.cursor, cloud.version = swept(cursor), self._world.next_version()


class Device:
    """A store's machine: a disk, and perhaps an agent that lives."""

    def __init__(self, world: "World", file: MemoryFile, name: str) -> None:
        self.file, self.name = file, name
        self.session: SyncSession | None = None
        self.is_linked = False
        self._world = world

    def start(self) -> None:
        """Begin a life of the agent, ending the one before; there is no link yet."""
        self.is_linked = False
        boot = f"boot-{self._world.next_boot()}"
        self.session = self._world.make_session(
            self.file.begin(), STORE, boot, SETTINGS, lambda: 0.5, device=self.name
        )

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

    def wish(self, wish: Wish) -> None:
        if self.session:
            self.session.wish(wish, self._world.now_s)

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
            case Fetch(acked, limit):
                pending = self.file.pending(acked, min(limit, ROWS))
                return session.filled(pending, now_s, more=pending.to_ver < pending.at_ver)
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
            case _:
                return self._do_rarely(act, session)
        return []

    def _do_rarely(
        self, act: LeaveOut | Sum | Touch | Pick | SaveTold, session: SyncSession
    ) -> list[Act]:
        now_s = self._world.now_s
        match act:
            case LeaveOut(row):
                self.file.leave_out(row)
                return session.left_out(now_s)
            case Sum(shard, acked):
                return session.summed(self.file.sum_shard(shard, acked), now_s)
            case Touch(shard):
                self.file.touch(shard)
                return session.touched(now_s)
            case Pick(after, upto, limit):
                return session.picked(self.file.pick(after, upto, limit), now_s)
            case SaveTold(number):
                self.file.save_told(number)
                return []

    def _relink(self, session: SyncSession) -> list[Act]:
        self.is_linked = True
        return session.connected(self._world.now_s)


class World:
    """`has_devices`: machines have names of their own; else all stand for one and the same.

    `hears_digests`: the bridges answer them; what the protocol's rules would have let pass is found
    and mended then.
    """

    def __init__(  # noqa: PLR0913  (what a control puts in the place of a rule)
        self,
        decide: Decide = decide,
        make_file: Callable[[], MemoryFile] = MemoryFile,
        make_session: Callable[..., SyncSession] = SyncSession,
        *,
        has_devices: bool = False,
        hears_digests: bool = False,
        sweeps_with_care: bool = True,
    ) -> None:
        self.now_s = 1000.0
        self.cloud = Cloud()
        self.up: list[bytes] = []
        self.down: list[bytes] = []
        self.bridges = [Bridge(self), Bridge(self)]
        self.decide, self.make_session = decide, make_session
        self.hears_digests, self.sweeps_with_care = hears_digests, sweeps_with_care
        self.is_edited = False  # somebody has changed documents
        names = ("d0", "d1") if has_devices else ("", "")
        self.devices = [Device(self, make_file(), name) for name in names]
        self.disks: list[MemoryFile] = []  # copies that somebody has made
        self.backup = Cloud()
        self._boots = self._versions = 0

    def next_version(self) -> int:
        self._versions += 1
        return self._versions

    def next_boot(self) -> int:
        self._boots += 1
        return self._boots

    def advance(self, seconds: float) -> None:
        self.now_s += seconds
        for device in self.devices:
            device.tick()

    def deliver_up(
        self, index: int, *, again: bool = False, bridge: int = 0, unheard: bool = False
    ) -> None:
        """Bring a message to a bridge; `again`: and keep it, to come once more."""
        if self.up:
            index %= len(self.up)
            payload = self.up[index] if again else self.up.pop(index)
            self._receive(payload, self.bridges[bridge], unheard=unheard)

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
        self.backup = self.cloud.copy()

    def restore_cloud(self) -> None:
        """Put the kept documents back; every document has another version then."""
        self.cloud = self.backup.copy()
        self.cloud.version, self.is_edited = self.next_version(), True

    def edit_document(self, gtin: str, count: int) -> None:
        """Change, make or delete a document, as no bridge does."""
        self.is_edited = True
        if count:
            term = self.cloud.cursor.term if self.cloud.cursor else 1
            self.cloud.documents[gtin] = Stored(StockRow(gtin, count, {"hand": count}, 0), term)
        else:
            self.cloud.documents.pop(gtin, None)

    def _receive(self, payload: bytes, bridge: Bridge, *, unheard: bool = False) -> None:
        message = decode(payload)
        assert isinstance(message, Hello | Delta | Digest | Events)
        if isinstance(message, Digest) and not self.hears_digests:
            return
        reply = bridge.serve(message, unheard=unheard)
        if reply:
            self.down.append(encode(reply))

    def check(self) -> None:
        """Assert that what an agent takes for committed is in the documents, while it owns them."""
        for device in self.devices:
            session, cursor = device.session, self.cloud.cursor
            if not session or not cursor or session.state not in {State.READY, State.FLYING}:
                continue
            if (cursor.term, cursor.boot) == (session.term, session.boot):
                upto = min(session.acked, cursor.applied)
                rows = device.file.sendable()
                if not self.is_edited or not self.hears_digests:
                    self._check_rows([row for row in rows if row.ver <= upto])

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
        for wish in (Wish.TAKEOVER, Wish.DIGEST):
            device.wish(wish)
        until_s = self.now_s + (2 * QUIET_S if self.hears_digests else QUIET_S)
        while self.now_s < until_s:
            while self.up or self.down:
                self.deliver_up(0)
                self.deliver_down(0)
                self.bridges[1].sweep()
                self.check()
            assert device.session
            wake_s = device.session.wake_s
            self.advance(max(0.01, (wake_s or self.now_s + 1) - self.now_s))
        self._check_rows(device.file.sendable())
        self._check_nothing_else(device.file)
        assert device.file.acked == device.file.ver
        assert device.file.told == len(device.file.events)

    def _check_rows(self, rows: list[StockRow]) -> None:
        for row in rows:
            found = self.cloud.documents.get(row.gtin)
            assert found, f"{row} is missing"
            assert found.row == row, f"{found.row} should be {row}"

    def _check_nothing_else(self, file: MemoryFile) -> None:
        """Assert that what the cloud holds is the file's, and that a sweep came to its end."""
        cursor = self.cloud.cursor
        assert cursor
        assert not cursor.is_sweep_due
        for gtin, stored in self.cloud.documents.items():
            assert gtin in file.rows, f"{stored.row} is nobody's"


Action = Callable[[Device], object]


def walk(world: World, seed: int, steps: int, *calamities: Calamity) -> None:
    """Do `steps` things by chance: mostly work and delivery, sometimes one of the calamities."""
    rng = random.Random(seed)  # noqa: S311  (chance that can be had again)
    hot = [rng.randrange(5) for _ in range(steps // HOT_STEPS + 1)]
    done = iter(range(steps))

    def count(device: Device) -> None:
        number = hot[next(done) // HOT_STEPS] if rng.random() < _HOT else rng.randrange(5)
        zone = BAD_ZONE if rng.random() < _BAD else "floor"
        device.count(f"{number:014d}", {zone: rng.randrange(9)})

    def bring_up(_: Device) -> None:
        unheard = rng.random() < _UNHEARD
        world.deliver_up(
            rng.randrange(9), again=rng.random() < _AGAIN, bridge=rng.randrange(2), unheard=unheard
        )

    everyday: dict[Action, float] = {
        count: 20,
        bring_up: 30,
        lambda _: world.deliver_down(rng.randrange(9), again=rng.random() < _AGAIN): 30,
        lambda _: world.bridges[rng.randrange(2)].sweep(): 6,
        lambda _: world.bridges[rng.randrange(2)].forget(): 1,
        lambda _: world.lose(rng.randrange(40)): 2,
        lambda _: world.advance(rng.choice([0.1, 1.0, 1.0, 6.0, 30.0])): 20,
        lambda device: device.connect(): 3,
        lambda device: device.disconnect(): 1,
        lambda device: device.start(): 1,
        lambda device: device.set_broken(broken=rng.random() < 1 / 4): 1,
        lambda device: device.wish(rng.choice([*Wish])): 0.3,
    }
    kinds: dict[Calamity, dict[Action, float]] = {
        Calamity.OF_STORES: {
            world.keep_copy: 2,
            lambda device: world.restore_copy(device, rng.randrange(9)): 1,
        },
        Calamity.OF_CLOUD: {
            lambda _: world.keep_cloud(): 0.5,
            lambda _: world.restore_cloud(): 0.5,
        },
        Calamity.OF_HANDS: {
            lambda _: world.edit_document(f"{rng.randrange(8):014d}", rng.randrange(3)): 1
        },
    }
    actions = everyday | {act: odds for kind in calamities for act, odds in kinds[kind].items()}
    world.devices[0].start()
    world.devices[0].connect()
    for action in rng.choices(list(actions), list(actions.values()), k=steps):
        second = Calamity.OF_STORES in calamities and rng.random() < _OTHER
        action(world.devices[second])
        world.check()
    world.settle(0)
