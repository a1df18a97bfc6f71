"""The agent's half of the sync, as a table of states: pure, time and chance come in as arguments.

What it promises: no data before hello's answer; one delta in flight; a row leaves `pending` only by
the cloud's word that it is committed; and a file that was rolled back, or a twin with the same
identity, ends in a new term and a snapshot, never in two truths mixed.

Inputs come from one thread, one at a time: `connected`, `lost`, `notified`, `timer` and `heard`
when they happen; `filled`, `renewed` and `failed` as the outcome of the act before, ahead of any
other input.  Each gives the acts to be done, in order.  If one fails, the rest is dropped and
`failed` is called: the session says hello again after a while, and its answer tells what must be
saved.  `timer` may be called at any time, and should be at `wake_s`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from edge.model import PendingRows, SyncState
from edge.sync.states import NEXT, Event, State
from edge.wire import Answer, Delta, Hello, Outcome, columns_of


@dataclass(frozen=True, slots=True)
class Say:
    """Publish; whether it arrives is nobody's promise."""

    message: Hello | Delta


@dataclass(frozen=True, slots=True)
class Fetch:
    """Read what is pending above `acked`, then call `filled`."""

    acked: int


@dataclass(frozen=True, slots=True)
class Save:
    """Commit `acked`; `answered`: and that this term's hello was answered."""

    acked: int
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Renew:
    """Commit this term, with acked = 0 and no hello answered, then call `renewed`."""

    term: int


@dataclass(frozen=True, slots=True)
class Reconnect:
    reason: str


Act = Say | Fetch | Save | Renew | Reconnect


@dataclass(frozen=True, slots=True)
class SyncSettings:
    """All in seconds.  What doubles ends at its `_max_s`; chance adds up to a half to each wait."""

    flush_s: float = 1.0  # changes of this time share a delta
    resend_s: float = 5.0
    resend_max_s: float = 60.0
    dead_s: float = 60.0  # no answer for so long: the link is opened anew
    dead_max_s: float = 960.0
    idle_s: float = 300.0  # nothing to say for so long: hello, to hear whether we are heard
    failed_s: float = 5.0  # from a failure of the file to the next attempt
    duel_s: float = 60.0  # from one snapshot to the next, if there must be one
    duel_max_s: float = 3600.0


@dataclass(slots=True)
class SyncCounters:
    """Since the start of this life."""

    hellos: int = 0
    deltas: int = 0
    resends: int = 0
    rewinds: int = 0
    renewals: int = 0
    contests: int = 0  # answers that tell of a twin
    reconnects: int = 0
    failures: int = 0
    ignored_answers: int = 0  # too late, or another's


class SyncSession:
    def __init__(
        self,
        state: SyncState,
        store_id: str,
        boot: str,
        settings: SyncSettings,
        jitter: Callable[[], float],  # from 0 to 1
    ) -> None:
        self.store_id, self.boot = store_id, boot
        self.term, self.acked = state.term, state.acked
        self.state = State.DOWN
        self.wake_s: float | None = None  # monotonic; None: nothing to wait for but news
        self.last_answer_s: float | None = None
        self.counters = SyncCounters()
        self._settings, self._jitter = settings, jitter
        self._answered_term = state.answered_term
        self._snapshot = False
        self._known_ver = state.check_ver  # the cloud cannot know more of this file
        self._pending = self._more = False
        self._flying_to = 0
        self._said_delta_s = float("-inf")
        self._asked_s: float | None = None  # when the oldest unanswered message was said
        self._unanswered = 0
        self._dead_s = settings.dead_s
        self._next_term = state.term + 1
        self._may_renew_s = float("-inf")
        self._duel_s = settings.duel_s
        self._rest_until_s = 0.0
        self._enter = {
            State.DOWN: self._enter_down,
            State.GREETING: self._enter_greeting,
            State.READY: self._enter_ready,
            State.FETCHING: self._enter_fetching,
            State.FLYING: self._wait_for_answer,
            State.RENEWING: self._enter_renewing,
            State.RESTING: self._enter_resting,
        }

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

    def timer(self, now_s: float) -> list[Act]:
        if self.wake_s is None or now_s < self.wake_s:
            return []
        if self.state is State.READY:
            return self._step(Event.DUE if self._pending else Event.IDLE, now_s)
        silent_s = 0.0 if self._asked_s is None else now_s - self._asked_s
        if silent_s < self._dead_s:
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
        return [*self._learn(event, answer), *self._step(event, now_s)]

    # What became of the act before.

    def filled(self, pending: PendingRows, now_s: float, *, more: bool) -> list[Act]:
        """Take the rows asked for; `more`: the file may hold others above `to_ver`."""
        self._pending = self._more = more
        if not pending.rows:
            return self._step(Event.EMPTY, now_s)
        self.counters.deltas += 1
        self.counters.resends += self._unanswered > 0
        self._flying_to, self._said_delta_s = pending.to_ver, now_s
        self._known_ver = max(self._known_ver, pending.to_ver, pending.at_ver)
        delta = Delta(
            self.store_id,
            self.term,
            self.boot,
            from_ver=self.acked,
            to_ver=pending.to_ver,
            **columns_of(pending.rows),
            at_ver=pending.at_ver,
        )
        self._say(now_s)
        return [Say(delta), *self._step(Event.FILLED, now_s)]

    def renewed(self, now_s: float) -> list[Act]:
        """Begin the term that `Renew` named: durable now."""
        base_s, max_s = self._settings.duel_s, self._settings.duel_max_s
        is_quarrel = now_s - self._may_renew_s < max_s
        self._duel_s = min(2 * self._duel_s, max_s) if is_quarrel else base_s
        self._may_renew_s = now_s + self._spread(self._duel_s)
        self.counters.renewals += 1
        self.term, self.acked, self._snapshot = self._next_term, 0, True
        self._known_ver = self._flying_to = 0
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
        is_forgotten = answer.outcome is Outcome.STALE and answer.term < self.term
        is_refused = answer.outcome in {Outcome.STALE, Outcome.TWIN}
        if is_forgotten:
            return Event.FORGOTTEN
        if is_refused or max(answer.applied, answer.at_ver) > self._known_ver:
            return Event.CONTESTED if now_s < self._may_renew_s else Event.FORKED
        if answer.outcome is Outcome.WELCOME:
            return Event.WELCOMED
        return self._progress(answer)

    def _progress(self, answer: Answer) -> Event | None:
        if answer.outcome is Outcome.GAP:
            return Event.REWOUND if answer.applied < self.acked else None
        if answer.applied <= self.acked:
            return None
        return Event.LANDED if answer.applied >= self._flying_to else Event.ADVANCED

    def _learn(self, event: Event, answer: Answer) -> list[Act]:
        match event:
            case Event.WELCOMED:
                self._answered_term, self._pending = self.term, True
            case Event.REWOUND:
                self.counters.rewinds += 1
                self._pending = True
            case Event.ADVANCED | Event.LANDED:
                pass
            case Event.CONTESTED:
                self.counters.contests += 1
                self._rest_until_s = self._may_renew_s
                return []
            case _:
                return []
        self.acked = answer.applied
        return [Save(self.acked, answered=event is Event.WELCOMED)]

    # The one step, and what a state does when it is entered.

    def _step(self, event: Event, now_s: float) -> list[Act]:
        if (self.state, event) not in NEXT:
            raise RuntimeError(f"sync session is {self.state} and cannot take {event}")
        self.state = NEXT[self.state, event]
        return self._enter[self.state](now_s)

    def _enter_down(self, _now_s: float) -> list[Act]:
        self.wake_s = self._asked_s = None
        self._unanswered = 0
        return []

    def _enter_greeting(self, now_s: float) -> list[Act]:
        self.counters.hellos += 1
        self._say(now_s)
        self._wait_for_answer(now_s)
        after = self._answered_term
        return [Say(Hello(self.store_id, self.term, self.boot, self._snapshot, after))]

    def _enter_ready(self, now_s: float) -> list[Act]:
        if not self._pending:
            self.wake_s = now_s + self._spread(self._settings.idle_s)
        elif self._more:
            self.wake_s = now_s
        else:
            self.wake_s = max(now_s, self._said_delta_s + self._settings.flush_s)
        return []

    def _enter_fetching(self, _now_s: float) -> list[Act]:
        return [Fetch(self.acked)]

    def _wait_for_answer(self, now_s: float) -> list[Act]:
        doubled_s = self._settings.resend_s * 2 ** min(self._unanswered - 1, 16)
        self.wake_s = now_s + self._spread(min(doubled_s, self._settings.resend_max_s))
        return []

    def _enter_renewing(self, _now_s: float) -> list[Act]:
        return [Renew(self._next_term)]

    def _enter_resting(self, _now_s: float) -> list[Act]:
        self.wake_s, self._asked_s = self._rest_until_s, None
        return []

    def _say(self, now_s: float) -> None:
        self._unanswered += 1
        if self._asked_s is None:
            self._asked_s = now_s

    def _spread(self, wait_s: float) -> float:
        return wait_s * (1 + self._jitter() / 2)
