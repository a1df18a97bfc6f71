"""The states of one life of an agent: what is known in them, and what is done when one is entered.

`edge.sync.session` brings the events.
"""

from collections.abc import Callable

from edge.digest import SHARDS
from edge.model import LeftOut, PendingRows, SyncState
from edge.sync.acts import (
    Act,
    Fetch,
    LeaveOut,
    Pick,
    Renew,
    Say,
    Sum,
    SyncCounters,
    SyncSettings,
    Touch,
)
from edge.sync.duel import Duel
from edge.sync.phrases import Speaker
from edge.sync.portion import Portion
from edge.sync.shards import Shards
from edge.sync.states import NEXT, Event, State
from edge.sync.telling import Telling
from edge.wire import MAX_ROWS, SyncTrouble, Wish

NOTHING = PendingRows((), 0, 0)
_UNHEARD = frozenset({State.DOWN, State.GREETING, State.RENEWING, State.RESTING})


class Life:
    def __init__(  # noqa: PLR0913  (a life's facts, each by its name)
        self,
        state: SyncState,
        store_id: str,
        boot: str,
        settings: SyncSettings,
        jitter: Callable[[], float],  # from 0 to 1
        *,
        device: str = "",
        device_name: str = "",
    ) -> None:
        self.store_id, self.boot, self.device = store_id, boot, device
        self.term, self.acked = state.term, state.acked
        self.state = State.DOWN
        self.wake_s: float | None = None  # monotonic; None: nothing to wait for but news
        self.last_answer_s: float | None = None
        self.trouble, self.reason, self.owner = SyncTrouble.NONE, "", ""  # for people
        self.takeover, self.is_rebuilding = state.takeover, state.is_rebuilding
        self.counters = SyncCounters()
        self._speaker = Speaker(store_id, boot, device, device_name)
        self._settings, self._jitter = settings, jitter
        self._answered_term = state.answered_term
        self._snapshot = False
        self._known_ver = state.check_ver  # the cloud cannot know more of this file
        self._pending = self._more = False
        self._portion, self._flying = Portion(MAX_ROWS), NOTHING
        self._telling = Telling(state.told, is_wanted=settings.with_events)
        self._shards = Shards(int(jitter() * SHARDS), settings.check_s, settings.check_again_s)
        self._touching: int | None = None
        self._wishes: set[Wish] = set()
        self._number = 0  # of the last message in this life that has one
        self._idle_s = self._said_delta_s = self._saved_s = float("-inf")
        self._asked_s: float | None = None  # when the oldest unanswered message was said
        self._unanswered = 0
        self._dead_s = settings.dead_s
        self._next_term = state.term + 1
        self._duel = Duel(settings.duel_s, settings.duel_max_s)
        self._rest_until_s = 0.0
        self._enter: dict[State, Callable[[float], list[Act]]] = {
            State.DOWN: self._enter_down,
            State.GREETING: self._enter_greeting,
            State.READY: self._enter_ready,
            State.FETCHING: lambda _: [Fetch(self.acked, self._portion.limit)],
            State.FLYING: self._wait_for_answer,
            State.RENEWING: lambda _: [Renew(self._next_term)],
            State.LEAVING_OUT: self._enter_leaving_out,
            State.SUMMING: lambda _: [Sum(self._shards.shard, self.acked)],
            State.CHECKING: self._wait_a_little,
            State.TOUCHING: lambda _: [Touch(self._touching)],
            State.PICKING: self._enter_picking,
            State.TELLING: self._wait_a_little,
            State.RESTING: self._enter_resting,
        }

    @property
    def is_welcome(self) -> bool:
        """Whether head office takes what this life says."""
        return self.state not in _UNHEARD

    def _due(self, now_s: float) -> Event | None:
        """Give what a session that is ready does next, if it is time for anything."""
        if self._pending and now_s >= self._flush_s():
            return Event.DUE
        if Wish.SNAPSHOT in self._wishes:
            return Event.FORKED
        if Wish.RESEND in self._wishes:
            self._touching = None
            return Event.TOUCH
        if self._telling.is_due():
            return Event.TELL
        if now_s >= self._shards.due_s:
            return Event.CHECK
        return Event.IDLE if now_s >= self._idle_s else None

    def _flush_s(self) -> float:
        return 0.0 if self._more else self._said_delta_s + self._settings.flush_s

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
        self._note_question(now_s)
        self._wait_for_answer(now_s)
        hello = self._speaker.hello(
            self.term, snapshot=self._snapshot, after=self._answered_term, takeover=self.takeover
        )
        return [Say(hello)]

    def _enter_ready(self, now_s: float) -> list[Act]:
        self._idle_s = now_s + self._spread(self._settings.idle_s)
        times_s = [self._idle_s, self._shards.due_s]
        if self._pending:
            times_s.append(self._flush_s())
        if self._wishes or self._telling.is_due():
            times_s.append(now_s)
        self.wake_s = max(now_s, min(times_s))
        return []

    def _enter_leaving_out(self, _now_s: float) -> list[Act]:
        [row] = self._flying.rows
        return [LeaveOut(LeftOut(row.gtin, row.ver, self.reason))]

    def _enter_picking(self, _now_s: float) -> list[Act]:
        telling = self._telling
        return [Pick(telling.told, telling.tellable, telling.portion.limit)]

    def _enter_resting(self, _now_s: float) -> list[Act]:
        self.wake_s, self._asked_s = self._rest_until_s, None
        return []

    def _wait_for_answer(self, now_s: float) -> list[Act]:
        doubled_s = self._settings.resend_s * 2 ** min(self._unanswered - 1, 16)
        self.wake_s = now_s + self._spread(min(doubled_s, self._settings.resend_max_s))
        return []

    def _wait_a_little(self, now_s: float) -> list[Act]:
        """Wait for an answer without which life goes on; the counts go first."""
        self.wake_s = now_s + self._spread(self._settings.resend_s)
        return []

    def _note_question(self, now_s: float) -> None:
        self._unanswered += 1
        if self._asked_s is None:
            self._asked_s = now_s

    def _next_number(self) -> int:
        self._number += 1
        return self._number

    def _spread(self, wait_s: float) -> float:
        return wait_s * (1 + self._jitter() / 2)
