"""The agent's half of the sync, as a table of states: pure, time and chance come in as arguments.

What it promises: no data before hello's answer; one message in flight; a row leaves `pending` only
by the cloud's word that it is committed, or when nobody could take it, which is written down; and a
file that was rolled back, or a twin with the same identity, ends in a new term and a snapshot,
never in two truths mixed.  Where the documents belong to another device it waits for a person's
word; where the file is being rebuilt it waits until the readers have been heard for long enough.

Inputs come from one thread, one at a time: `connected`, `lost`, `notified`, `timer`, `heard`,
`wish` and `rebuilt` when they happen; `filled`, `renewed`, `left_out`, `summed`, `touched`,
`picked`, `unsayable` and `failed` as the outcome of the act before, ahead of any other input.  Each
gives the acts to be done, in order.  If one fails, the rest is dropped and `failed` is called: the
session says hello again after a while, and its answer tells what must be saved.  `timer` may be
called at any time, and should be at `wake_s`.
"""

from collections.abc import Sequence

from edge.model import NumberedEvent, PendingRows, ShardRows
from edge.sync.acts import (
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
    SyncCounters,
    SyncSettings,
    Touch,
)
from edge.sync.life import NOTHING, Life
from edge.sync.states import NEXT, Event, State
from edge.wire import Answer, Outcome, SyncTrouble, Wish

__all__ = [
    "Act",
    "Fetch",
    "LeaveOut",
    "Pick",
    "Reconnect",
    "Renew",
    "Save",
    "SaveTold",
    "Say",
    "Sum",
    "SyncCounters",
    "SyncSession",
    "SyncSettings",
    "Touch",
]

SAVE_S = 1.0  # within a backlog `acked` is written no more often
_REPLIES = {  # to what was asked by number
    Outcome.SAME: Event.AGREED,
    Outcome.DIFFERENT: Event.DIFFERS,
    Outcome.UNCERTAIN: Event.UNCERTAIN,
    Outcome.NOTED: Event.NOTED,
}
_TROUBLES = {
    Event.FOREIGN: SyncTrouble.FOREIGN,
    Event.REBUILDING: SyncTrouble.REBUILDING,
    Event.CONTESTED: SyncTrouble.TWIN,
    Event.HOPELESS: SyncTrouble.REFUSED,
}


class SyncSession(Life):
    """One life of an agent: the events of its states (`edge.sync.life`, `edge.sync.states`)."""

    # What happens.

    def connected(self, now_s: float) -> list[Act]:
        return self._step(Event.CONNECTED, now_s)

    def lost(self, now_s: float) -> list[Act]:
        return self._step(Event.LOST, now_s)

    def notified(self, now_s: float) -> None:
        """Hear that rows may have become pending; they are committed before this call."""
        self._pending = True
        if self.state is State.READY:
            self._enter_ready(now_s)

    def wish(self, wish: Wish, now_s: float) -> None:
        """Hear what head office wants; it is done as soon as nothing is in flight."""
        if wish is Wish.DIGEST:
            self._shards.want_all(now_s)
        elif wish is Wish.TAKEOVER:
            self.takeover = True
            if self.state is State.RESTING:
                self.wake_s = now_s
        else:
            self._wishes.add(wish)
        if self.state is State.READY:
            self._enter_ready(now_s)

    def rebuilt(self, now_s: float) -> None:
        """Hear that the readers have been up for so long that the file knows what is there."""
        self.is_rebuilding = False
        if self.state is State.RESTING and self.trouble is SyncTrouble.REBUILDING:
            self.wake_s = now_s

    def timer(self, now_s: float) -> list[Act]:
        if self.wake_s is None or now_s < self.wake_s:
            return []
        if self.state is State.READY:
            event = self._due(now_s)
            return self._step(event, now_s) if event else self._enter_ready(now_s)
        silent_s = 0.0 if self._asked_s is None else now_s - self._asked_s
        if silent_s < self._dead_s or (self.state, Event.DEAD) not in NEXT:
            return self._step(Event.DUE, now_s)
        self._dead_s = min(2 * self._dead_s, self._settings.dead_max_s)
        self.counters.reconnects += 1
        return [*self._step(Event.DEAD, now_s), Reconnect(f"no answer for {silent_s:.0f} s")]

    def heard(self, answer: Answer, now_s: float) -> list[Act]:
        event = self._meaning(answer, now_s)
        if event is None or (self.state, event) not in NEXT:
            self.counters.ignored_answers += 1
            return []
        self.last_answer_s, self._asked_s = now_s, None
        self._unanswered, self._dead_s = 0, self._settings.dead_s
        self._next_term = max(self.term, answer.term) + 1
        self.reason, self.owner = answer.reason, answer.device_name or answer.device
        acts = self._move_acked(event, answer, now_s)
        return [*acts, *self._learn(event, now_s), *self._step(event, now_s)]

    # What became of the act before.

    def filled(self, pending: PendingRows, now_s: float, *, more: bool) -> list[Act]:
        """Take the rows asked for; `more`: the file may hold others above `to_ver`."""
        self._pending = self._more = more
        if pending.to_ver <= self.acked:
            self._telling.allow(pending.at_event)
            return self._step(Event.EMPTY, now_s)
        self.counters.deltas += 1
        self.counters.resends += self._unanswered > 0
        self._flying, self._said_delta_s = pending, now_s
        self._known_ver = max(self._known_ver, pending.to_ver, pending.at_ver)
        self._note_question(now_s)
        delta = self._speaker.delta(self.term, self._next_number(), self.acked, pending)
        return [*self._step(Event.FILLED, now_s), Say(delta)]

    def unsayable(self, reason: str, now_s: float) -> list[Act]:
        """Hear that the message in flight is larger than the broker takes."""
        self.reason, event = reason, self._refusal()
        return [*self._learn(event, now_s), *self._step(event, now_s)] if event else []

    def left_out(self, now_s: float) -> list[Act]:
        self.counters.dead_rows += 1
        return self._step(Event.LEFT_OUT, now_s)

    def summed(self, rows: ShardRows, now_s: float) -> list[Act]:
        if not rows.is_settled:
            self._shards.postpone(now_s)
            return self._step(Event.UNCERTAIN, now_s)
        self._shards.postpone(now_s)  # in case nobody answers
        number, shard = self._next_number(), self._shards.shard
        digest = self._speaker.digest(self.term, number, shard, self.acked, rows)
        return [*self._step(Event.SUMMED, now_s), Say(digest)]

    def touched(self, now_s: float) -> list[Act]:
        self._pending = True
        if self._touching is None:
            self._wishes.discard(Wish.RESEND)
        return self._step(Event.TOUCHED, now_s)

    def picked(self, events: Sequence[NumberedEvent], now_s: float) -> list[Act]:
        """Take the events asked for; none if the file holds none of them any more."""
        if not events:
            self._telling.skip_gap()
            return self._step(Event.EMPTY, now_s)
        self._telling.flying = list(events)
        told = self._speaker.events(self.term, self._next_number(), events)
        return [*self._step(Event.PICKED, now_s), Say(told)]

    def renewed(self, now_s: float) -> list[Act]:
        """Begin the term that `Renew` named: durable now."""
        self._duel.until_s = now_s + self._spread(self._duel.next_wait_s(now_s))
        self.counters.renewals += 1
        self.term, self.acked, self._snapshot = self._next_term, 0, True
        self._known_ver, self._flying = 0, NOTHING
        self._wishes.discard(Wish.SNAPSHOT)
        self._shards.want_all(now_s + self._settings.check_again_s)
        return self._step(Event.RENEWED, now_s)

    def failed(self, now_s: float) -> list[Act]:
        """Hear that the file could not be read or written."""
        self.counters.failures += 1
        self._rest_until_s = now_s + self._spread(self._settings.failed_s)
        return self._step(Event.FAILED, now_s)

    # What an answer means, and teaches.

    def _meaning(self, answer: Answer, now_s: float) -> Event | None:
        """Give None for what answers another, or tells nothing new."""
        me = (self.store_id, self.term, self.boot)
        if (answer.store, answer.for_term, answer.for_boot) != me:
            return None
        if answer.outcome in {*_REPLIES, Outcome.REFUSED}:
            return self._reply(answer, now_s)
        if answer.outcome in {Outcome.STALE, Outcome.TWIN}:
            return self._rejection(answer, now_s)
        if max(answer.applied, answer.at_ver) > self._known_ver:
            return self._fork(now_s)
        if answer.outcome is Outcome.WELCOME:
            return Event.WELCOMED
        return self._progress(answer)

    def _rejection(self, answer: Answer, now_s: float) -> Event:
        if answer.device not in ("", self.device) and not self.takeover:
            return Event.FOREIGN
        is_forgotten = answer.outcome is Outcome.STALE and answer.term < self.term
        return Event.FORGOTTEN if is_forgotten else self._fork(now_s)

    def _fork(self, now_s: float) -> Event:
        if self.is_rebuilding:
            return Event.REBUILDING
        return Event.CONTESTED if self._duel.is_on(now_s) else Event.FORKED

    def _reply(self, answer: Answer, now_s: float) -> Event | None:
        if answer.for_number != self._number:
            return None
        if answer.outcome is Outcome.REFUSED:
            return self._refusal()
        is_vain = answer.outcome is Outcome.DIFFERENT and self._shards.is_resent
        if is_vain and not self._duel.is_on(now_s):
            return Event.FORKED  # what was sent again did not help: only a sweep does
        return _REPLIES[answer.outcome]

    def _progress(self, answer: Answer) -> Event | None:
        if answer.outcome is Outcome.GAP:
            return Event.REWOUND if answer.applied < self.acked else None
        if answer.applied <= self.acked:
            return None
        return Event.LANDED if answer.applied >= self._flying.to_ver else Event.ADVANCED

    def _refusal(self) -> Event | None:
        """Give what follows when what is in flight cannot be taken: it is sent by halves."""
        match self.state, len(self._flying.rows), len(self._telling.flying):
            case State.FLYING, rows, _ if rows < 2:
                return Event.DEAD_ROW if rows else Event.HOPELESS
            case State.TELLING, _, 1:
                return Event.NOTED  # nothing counts by it: it is let go
            case ((State.FLYING | State.TELLING), _, _):
                return Event.REFUSED
            case State.CHECKING, _, _:
                return Event.UNCERTAIN
        return None

    def _learn(self, event: Event, now_s: float) -> list[Act]:
        self.trouble = _TROUBLES.get(event, self.trouble)
        match event:
            case Event.CONTESTED:
                self.counters.contests += 1
                self._rest_until_s = self._duel.until_s
            case Event.FOREIGN | Event.HOPELESS:
                self._rest_until_s = now_s + self._spread(self._settings.foreign_s)
            case Event.REBUILDING:
                self._rest_until_s = now_s + self._spread(self._settings.rebuild_look_s)
            case Event.REFUSED | Event.DEAD_ROW:
                self.counters.refusals += 1
                self._halve()
            case Event.NOTED:
                self.counters.events += 1
                self._telling.portion.grow()
                return [SaveTold(self._telling.settle())]
            case _:
                self._learn_of_shard(event, now_s)
        return []

    def _learn_of_shard(self, event: Event, now_s: float) -> None:
        match event:
            case Event.AGREED:
                self.counters.agreements += 1
                self._shards.agree(now_s)
            case Event.DIFFERS:
                self.counters.differences += 1
                self._touching = self._shards.differ(now_s)
            case Event.UNCERTAIN:
                self._shards.postpone(now_s)

    def _halve(self) -> None:
        if self.state is State.FLYING:
            self._portion.halve(len(self._flying.rows))
        else:
            self._telling.portion.halve(len(self._telling.flying))

    def _move_acked(self, event: Event, answer: Answer, now_s: float) -> list[Act]:
        if event in {Event.WELCOMED, Event.REWOUND} and answer.applied < self.acked:
            self._shards.want_all(now_s + self._settings.check_again_s)  # the cloud went back
        match event:
            case Event.WELCOMED:
                self._answered_term, self._pending, self.takeover = self.term, True, False
                self.is_rebuilding = False  # head office has no counts of another file
                self._shards.begin(now_s)
                is_quarrel = self.trouble is SyncTrouble.TWIN and self._duel.is_on(now_s)
                self.trouble = self.trouble if is_quarrel else SyncTrouble.NONE
            case Event.REWOUND:
                self.counters.rewinds += 1
                self._pending = True
            case Event.LANDED:
                self._portion.grow()
                if not self._more:
                    self._telling.allow(self._flying.at_event)
            case Event.ADVANCED:
                pass
            case _:
                return []
        self.acked = answer.applied
        if event is Event.LANDED and self._more and now_s - self._saved_s < SAVE_S:
            return []  # a life that ends here hears it again with its hello's answer
        self._saved_s = now_s
        return [Save(self.acked, answered=event is Event.WELCOMED)]
