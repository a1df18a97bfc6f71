"""The agent's half of the sync, step by step; chance adds nothing unless a test says so."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest

from edge.model import (
    EventKind,
    ItemEvent,
    LeftOut,
    NumberedEvent,
    PendingRows,
    ShardRows,
    StockRow,
    SyncState,
)
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
from edge.sync.states import NEXT, Event, State
from edge.wire import Answer, DeadRow, Delta, Digest, Hello, Outcome, SyncTrouble, Wish

BEGIN = SyncState(term=5, acked=10, check_ver=20, ver=25, answered_term=4)
ME = {"store": "muc-01", "for_term": 5, "for_boot": "b5"}


def rows(*vers: int) -> PendingRows:
    found = [StockRow(f"{ver:014d}", ver, {"floor": ver}, missing=0) for ver in vers]
    return PendingRows(found, vers[-1] if vers else 10, at_ver=25)


def says(outcome: Outcome, applied: int, term: int = 5, at_ver: int = 0) -> Answer:
    return Answer("muc-01", 5, "b5", outcome, term, applied, at_ver)


def new_session(
    state: SyncState = BEGIN,
    settings: SyncSettings | None = None,
    jitter: Callable[[], float] = lambda: 0.0,
) -> SyncSession:
    return SyncSession(state, "muc-01", "b5", settings or SyncSettings(), jitter)


def greeting(session: SyncSession | None = None) -> SyncSession:
    session = session or new_session()
    session.connected(0.0)
    return session


def ready(session: SyncSession | None = None) -> SyncSession:
    session = greeting(session)
    session.heard(says(Outcome.WELCOME, applied=10), 0.0)
    return session


def flying(*vers: int) -> SyncSession:
    session = ready()
    session.timer(0.0)
    session.filled(rows(*vers), 0.0, more=False)
    return session


# Hello.


def test_a_connect_is_answered_by_hello_and_nothing_else() -> None:
    hello = Hello("muc-01", 5, "b5", snapshot=False, after=4)
    assert new_session().connected(0.0) == [Say(hello)]


def test_nothing_is_asked_of_the_file_before_hello_is_answered() -> None:
    session = greeting()
    session.notified(1.0)
    assert session.state is State.GREETING
    assert session.timer(1.0) == []


def test_hellos_answer_is_saved_before_the_first_delta_is_asked_for() -> None:
    session = greeting()
    assert session.heard(says(Outcome.WELCOME, applied=12), 0.0) == [Save(12, answered=True)]
    assert session.timer(0.0) == [Fetch(12)]


def test_hellos_answer_may_set_acked_back() -> None:
    session = greeting()
    assert session.heard(says(Outcome.WELCOME, applied=3), 0.0) == [Save(3, answered=True)]
    assert session.acked == 3


def test_hello_is_said_again_while_nobody_answers_ever_more_seldom() -> None:
    session = greeting(new_session(settings=SyncSettings(dead_s=1000)))
    waits, now_s = [], 0.0
    for _ in range(6):
        assert session.wake_s is not None
        waits.append(session.wake_s - now_s)
        now_s = session.wake_s
        [said] = session.timer(now_s)
        assert isinstance(said, Say)
    assert waits == [5, 10, 20, 40, 60, 60]


def test_chance_spreads_the_waits() -> None:
    session = greeting(new_session(jitter=lambda: 1.0))
    assert session.wake_s == 7.5


def test_a_new_link_begins_with_hello_whatever_was_before() -> None:
    session = flying(12)
    [said] = session.connected(1.0)
    assert said == Say(Hello("muc-01", 5, "b5", snapshot=False, after=5))


# Deltas.


def test_a_delta_says_what_the_file_gave() -> None:
    session = ready()
    session.timer(0.0)
    [said] = session.filled(rows(12, 15), 0.0, more=False)
    assert said == Say(
        Delta(
            "muc-01",
            5,
            "b5",
            from_ver=10,
            to_ver=15,
            gtins=["00000000000012", "00000000000015"],
            vers=[12, 15],
            zones=["floor"],
            counts=[[12, 15]],
            missing=[0, 0],
            at_ver=25,
            number=1,
        )
    )


def test_nothing_is_said_of_a_file_with_nothing_pending() -> None:
    session = ready()
    session.timer(0.0)
    assert session.filled(rows(), 0.0, more=False) == []
    assert session.state is State.READY


def test_only_one_delta_is_in_flight() -> None:
    session = flying(12)
    session.notified(1.0)
    assert session.timer(1.0) == []
    assert session.state is State.FLYING


def test_an_unanswered_delta_is_read_anew_from_the_file() -> None:
    session = flying(12)
    assert session.timer(5.0) == [Fetch(10)]
    [said] = session.filled(rows(12, 13), 5.0, more=False)
    assert isinstance(said, Say)
    assert isinstance(said.message, Delta)
    assert said.message.vers == [12, 13]
    assert session.counters.resends == 1


def test_the_clouds_word_moves_acked() -> None:
    session = flying(12)
    assert session.heard(says(Outcome.APPLIED, applied=12), 1.0) == [Save(12)]
    assert (session.state, session.acked) == (State.READY, 12)


def test_a_duplicate_is_as_good_as_applied() -> None:
    session = flying(12)
    assert session.heard(says(Outcome.DUPLICATE, applied=12), 1.0) == [Save(12)]
    assert session.state is State.READY


def test_what_was_applied_in_part_is_saved_and_the_rest_stays_in_flight() -> None:
    session = flying(12, 15)
    assert session.heard(says(Outcome.APPLIED, applied=12), 1.0) == [Save(12)]
    assert session.state is State.FLYING


def test_a_gap_sets_acked_back_and_all_above_is_sent_anew() -> None:
    session = flying(12)
    assert session.heard(says(Outcome.GAP, applied=4), 1.0) == [Save(4)]
    assert session.timer(1.0) == [Fetch(4)]


def test_changes_of_one_flush_share_a_delta() -> None:
    session = flying(12)
    session.heard(says(Outcome.APPLIED, applied=12), 0.1)
    session.notified(0.2)
    assert session.timer(0.9) == []
    assert session.timer(1.0) == [Fetch(12)]


def test_a_first_change_after_a_silence_does_not_wait() -> None:
    session = flying(12)
    session.heard(says(Outcome.APPLIED, applied=12), 0.1)
    session.notified(60.0)
    assert session.timer(60.0) == [Fetch(12)]


def test_a_backlog_does_not_wait_for_the_flush() -> None:
    session = ready()
    session.timer(0.0)
    session.filled(rows(12), 0.0, more=True)
    session.heard(says(Outcome.APPLIED, applied=12), 0.1)
    assert session.timer(0.1) == [Fetch(12)]


def test_within_a_backlog_acked_is_written_now_and_then_and_at_its_end() -> None:
    session = ready()
    saved = []
    for now_s, ver, more in ((0.0, 12, True), (0.4, 13, True), (1.2, 14, True), (1.3, 15, False)):
        session.timer(now_s)
        session.filled(rows(ver), now_s, more=more)
        saved.append(session.heard(says(Outcome.APPLIED, applied=ver), now_s))
    assert saved == [[], [], [Save(14)], [Save(15)]]


def test_what_is_committed_while_a_delta_flies_is_not_forgotten() -> None:
    session = flying(12)
    session.notified(0.5)
    session.heard(says(Outcome.APPLIED, applied=12), 3.0)
    assert session.timer(3.0) == [Fetch(12)]


IGNORED = {
    "of another term": Answer("muc-01", 4, "b5", Outcome.APPLIED, 4, 12),
    "of another boot": Answer("muc-01", 5, "b4", Outcome.APPLIED, 5, 12),
    "of another store": Answer("muc-02", 5, "b5", Outcome.APPLIED, 5, 12),
    "of a twin's refusal": Answer("muc-01", 5, "b4", Outcome.TWIN, 5, 12),
    "of what is known": says(Outcome.APPLIED, applied=10),
    "of less than is known": says(Outcome.DUPLICATE, applied=3),
    "of a gap that is none": says(Outcome.GAP, applied=10),
    "of a hello, late": says(Outcome.WELCOME, applied=3),
}


@pytest.mark.parametrize("answer", IGNORED.values(), ids=IGNORED)
def test_an_answer_is_ignored(answer: Answer) -> None:
    session = flying(12)
    assert session.heard(answer, 1.0) == []
    assert (session.state, session.acked) == (State.FLYING, 10)
    assert session.counters.ignored_answers == 1


def test_an_answer_after_the_link_was_lost_is_ignored() -> None:
    session = flying(12)
    session.lost(1.0)
    assert session.heard(says(Outcome.APPLIED, applied=12), 1.0) == []
    assert session.wake_s is None


# Silence.


def test_a_silent_link_is_opened_anew_when_no_answer_came_for_long() -> None:
    session = flying(12)
    acts: list[Act] = []
    now_s = 0.0
    while not any(isinstance(act, Reconnect) for act in acts):
        assert session.wake_s is not None
        now_s = session.wake_s
        acts = session.timer(now_s)
        if acts == [Fetch(10)]:
            session.filled(rows(12), now_s, more=False)
    assert session.state is State.DOWN
    assert 60 <= now_s <= 120


def test_links_are_given_up_ever_more_seldom_while_nobody_answers() -> None:
    session = new_session()
    given_up: list[float] = []
    now_s = 0.0
    session.connected(now_s)
    while len(given_up) < 6:
        assert session.wake_s is not None
        now_s = session.wake_s
        if any(isinstance(act, Reconnect) for act in session.timer(now_s)):
            given_up.append(now_s)
            session.connected(now_s)
    waits = [after - before for before, after in itertools.pairwise(given_up)]
    assert waits == sorted(waits)
    assert waits[-1] == pytest.approx(960, rel=0.1)


def test_a_store_with_nothing_to_say_asks_now_and_then_whether_it_is_heard() -> None:
    session = ready()
    session.timer(0.0)
    session.filled(rows(), 0.0, more=False)
    assert session.timer(299.0) == []
    [said] = session.timer(300.0)
    assert said == Say(Hello("muc-01", 5, "b5", snapshot=False, after=5))


# The file.


def test_after_a_failure_of_the_file_nothing_is_sent_for_a_while_and_then_hello() -> None:
    session = greeting()
    session.heard(says(Outcome.WELCOME, applied=12), 0.0)
    assert session.failed(0.0) == []
    assert session.state is State.RESTING
    session.notified(1.0)
    assert session.timer(4.9) == []
    [said] = session.timer(5.0)
    assert isinstance(said, Say)
    assert isinstance(said.message, Hello)


def test_a_term_that_could_not_be_written_is_not_used() -> None:
    session = greeting()
    assert session.heard(says(Outcome.TWIN, applied=0), 0.0) == [Renew(6)]
    session.failed(0.0)
    [said] = session.timer(5.0)
    assert said == Say(Hello("muc-01", 5, "b5", snapshot=False, after=4))


# Old copies and twins.

FORKS = {
    "hello: the cloud has applied more than this file had sent": (
        greeting,
        says(Outcome.WELCOME, applied=21),
    ),
    "hello: the cloud knows a file that had come further": (
        greeting,
        says(Outcome.WELCOME, applied=10, at_ver=21),
    ),
    "hello: of a later term": (greeting, says(Outcome.STALE, applied=0, term=8)),
    "hello: the term is taken": (greeting, says(Outcome.TWIN, applied=0)),
    "hello: another life has written since": (greeting, says(Outcome.TWIN, applied=0, term=2)),
    "delta: a later life took over": (lambda: flying(12), says(Outcome.STALE, 0, term=8)),
    "delta: another boot took the term": (lambda: flying(12), says(Outcome.STALE, 0, term=5)),
    "delta: more applied than was sent": (lambda: flying(26), says(Outcome.APPLIED, 27)),
    "late, with nothing in flight": (ready, says(Outcome.STALE, applied=0, term=8)),
}


@pytest.mark.parametrize(("prepare", "answer"), FORKS.values(), ids=FORKS)
def test_a_term_above_both_is_begun_after(
    prepare: Callable[[], SyncSession], answer: Answer
) -> None:
    session = prepare()
    assert session.heard(answer, 0.0) == [Renew(max(5, answer.term) + 1)]


def test_a_new_term_begins_with_a_snapshot_from_0() -> None:
    session = greeting()
    session.heard(says(Outcome.STALE, applied=0, term=8), 0.0)
    [said] = session.renewed(0.0)
    assert isinstance(said, Say)
    assert isinstance(said.message, Hello)
    assert (said.message.term, said.message.snapshot) == (9, True)
    session.heard(Answer("muc-01", 9, "b5", Outcome.WELCOME, 9, applied=0), 0.0)
    assert session.timer(0.0) == [Fetch(0)]


def test_ones_own_deltas_are_no_future_of_the_file() -> None:
    session = flying(30)
    session.connected(1.0)
    welcome = says(Outcome.WELCOME, applied=30, at_ver=30)
    assert session.heard(welcome, 1.0) == [Save(30, answered=True)]


def test_a_cloud_that_forgot_this_life_hears_hello_again_without_a_new_term() -> None:
    session = flying(12)
    [said] = session.heard(says(Outcome.STALE, applied=0, term=0), 1.0)
    assert said == Say(Hello("muc-01", 5, "b5", snapshot=False, after=5))
    assert session.counters.renewals == 0


def test_twins_that_live_renew_their_terms_ever_more_seldom() -> None:
    session = greeting(new_session(settings=SyncSettings(idle_s=1e9)))
    renewals: list[float] = []
    now_s, term = 0.0, 5
    while len(renewals) < 9:
        term += 1  # the twin takes over at once
        stale = Answer("muc-01", session.term, "b5", Outcome.STALE, max(term, session.term + 1), 0)
        for act in session.heard(stale, now_s):
            assert isinstance(act, Renew)
            renewals.append(now_s)
            session.renewed(now_s)
        if session.state is State.RESTING:
            assert session.wake_s is not None
            now_s = session.wake_s
            session.timer(now_s)
    waits = [after - before for before, after in itertools.pairwise(renewals)]
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert session.counters.contests > 0


def test_a_quarrel_long_ago_is_forgotten() -> None:
    session = greeting()
    for now_s in (0.0, 10_000.0):
        stale = Answer("muc-01", session.term, "b5", Outcome.STALE, session.term + 1, 0)
        assert session.heard(stale, now_s) == [Renew(session.term + 2)]
        session.renewed(now_s)
    stale = Answer("muc-01", session.term, "b5", Outcome.STALE, session.term + 1, 0)
    session.heard(stale, 10_000.0)
    assert session.wake_s == 10_060.0


# What nobody can take.


def refuses(number: int, reason: str = "bad zone") -> Answer:
    return Answer("muc-01", 5, "b5", Outcome.REFUSED, 5, 10, for_number=number, reason=reason)


def test_a_refused_delta_is_sent_by_halves() -> None:
    session = flying(12, 13, 14, 15)
    assert session.heard(refuses(1), 1.0) == [Fetch(10, limit=2)]
    session.filled(rows(12, 13), 1.0, more=True)
    assert session.heard(refuses(2), 1.0) == [Fetch(10, limit=1)]


def test_the_row_that_is_to_blame_is_left_out_and_the_rest_goes_on() -> None:
    session = flying(12)
    assert session.heard(refuses(1), 1.0) == [LeaveOut(LeftOut(f"{12:014d}", 12, "bad zone"))]
    assert session.left_out(1.0) == [Fetch(10, limit=1)]
    passed = PendingRows([], 12, at_ver=25, left_out=[LeftOut(f"{12:014d}", 12, "bad zone")])
    [said] = session.filled(passed, 1.0, more=True)
    assert isinstance(said, Say)
    assert isinstance(said.message, Delta)
    assert said.message.dead == [DeadRow(f"{12:014d}", 12, "bad zone")]
    assert session.heard(says(Outcome.APPLIED, applied=12), 1.0) == [Save(12)]
    assert session.timer(1.0) == [Fetch(12, limit=2)]


def test_a_late_refusal_of_a_larger_delta_blames_nobody() -> None:
    session = flying(12, 13)
    session.heard(refuses(1), 1.0)
    session.filled(rows(13), 1.0, more=False)
    assert session.heard(refuses(1), 1.0) == []
    assert session.state is State.FLYING


def test_what_the_broker_does_not_take_is_sent_by_halves_too() -> None:
    session = flying(12, 13)
    assert session.unsayable("too large", 1.0) == [Fetch(10, limit=1)]
    session.filled(rows(12), 1.0, more=True)
    assert session.unsayable("too large", 1.0) == [LeaveOut(LeftOut(f"{12:014d}", 12, "too large"))]


def test_when_not_even_an_empty_delta_is_taken_it_rests_and_says_so() -> None:
    session = ready()
    session.timer(0.0)
    session.filled(PendingRows([], 12, at_ver=25), 0.0, more=False)
    assert session.heard(refuses(1, "no"), 1.0) == []
    assert (session.state, session.trouble, session.reason) == (
        State.RESTING,
        SyncTrouble.REFUSED,
        "no",
    )


# Shards.

SHARD = ShardRows(3, "00000000000000ab", ["00000000000012"], is_settled=True)


def checking(session: SyncSession | None = None) -> SyncSession:
    session = session or ready()
    session.timer(0.0)
    session.filled(rows(), 0.0, more=False)
    session.wish(Wish.DIGEST, 0.0)
    assert session.timer(0.0) == [Sum(0, acked=10)]
    session.summed(SHARD, 0.0)
    return session


def judges(outcome: Outcome, number: int) -> Answer:
    return Answer("muc-01", 5, "b5", outcome, 5, 10, for_number=number)


def test_a_digest_says_what_the_shard_sums_up_to() -> None:
    session = ready()
    session.timer(0.0)
    session.filled(rows(), 0.0, more=False)
    session.wish(Wish.DIGEST, 0.0)
    session.timer(0.0)
    [said] = session.summed(SHARD, 0.0)
    assert said == Say(
        Digest("muc-01", 5, "b5", 0, 10, 3, SHARD.sum, without=["00000000000012"], number=1)
    )


def test_one_shard_an_hour_is_compared_each_in_turn() -> None:
    session = ready()
    session.timer(0.0)
    session.filled(rows(), 0.0, more=False)
    asked: list[Act] = []
    now_s = 0.0
    while len(asked) < 3:
        assert session.wake_s is not None
        now_s = session.wake_s
        for act in session.timer(now_s):
            if isinstance(act, Sum):
                asked.append(act)
                session.summed(SHARD, now_s)
                session.heard(judges(Outcome.SAME, len(asked)), now_s)
            else:
                session.heard(says(Outcome.WELCOME, applied=10), now_s)
                session.timer(now_s)
                session.filled(rows(), now_s, more=False)
    assert asked == [Sum(0, 10), Sum(1, 10), Sum(2, 10)]
    assert now_s >= 3 * 3600


def test_after_one_shard_that_agrees_the_next_wanted_one_follows_at_once() -> None:
    session = checking()
    session.heard(judges(Outcome.SAME, 1), 1.0)
    assert session.timer(1.0) == [Sum(1, 10)]


def test_a_shard_that_differs_is_sent_again_and_compared_again() -> None:
    session = checking()
    assert session.heard(judges(Outcome.DIFFERENT, 1), 1.0) == [Touch(0)]
    session.touched(1.0)
    assert session.timer(2.0) == [Fetch(10)]
    session.filled(rows(26), 2.0, more=False)
    session.heard(says(Outcome.APPLIED, applied=26), 2.0)
    assert session.timer(11.0) == [Sum(0, 26)]


def test_a_shard_that_still_differs_when_it_was_sent_again_needs_a_snapshot() -> None:
    session = checking()
    session.heard(judges(Outcome.DIFFERENT, 1), 1.0)
    session.touched(1.0)
    session.timer(2.0)
    session.filled(rows(), 2.0, more=False)
    session.timer(11.0)
    session.summed(SHARD, 11.0)
    assert session.heard(judges(Outcome.DIFFERENT, 2), 11.0) == [Renew(6)]


def test_a_shard_with_something_pending_is_not_compared_now() -> None:
    session = ready()
    session.timer(0.0)
    session.filled(rows(), 0.0, more=False)
    session.wish(Wish.DIGEST, 0.0)
    session.timer(0.0)
    assert session.summed(ShardRows(3, "ab", [], is_settled=False), 0.0) == []
    assert (session.state, session.wake_s) == (State.READY, 10.0)


def test_a_digest_that_nobody_answers_holds_nothing_up_for_long() -> None:
    session = checking()
    session.notified(1.0)
    assert session.timer(5.0) == []
    assert session.timer(5.0) == [Fetch(10)]


def test_after_the_cloud_went_back_all_shards_are_compared() -> None:
    session = flying(12)
    session.heard(says(Outcome.GAP, applied=4), 1.0)
    session.timer(1.0)
    session.filled(PendingRows([], 4, at_ver=4), 1.0, more=False)
    assert session.timer(11.0) == [Sum(0, 4)]


# What head office wants.


def idle() -> SyncSession:
    session = ready()
    session.timer(0.0)
    session.filled(rows(), 0.0, more=False)
    return session


WISHES: dict[Wish, list[Act]] = {
    Wish.RESEND: [Touch(None)],
    Wish.DIGEST: [Sum(0, 10)],
    Wish.SNAPSHOT: [Renew(6)],
}


@pytest.mark.parametrize(("wish", "acts"), WISHES.items(), ids=WISHES)
def test_a_wish_is_done_as_soon_as_nothing_is_in_flight(wish: Wish, acts: list[Act]) -> None:
    session = flying(12)
    session.wish(wish, 1.0)
    assert session.timer(1.0) == []
    session.heard(says(Outcome.APPLIED, applied=12), 1.0)
    done = [Sum(0, 12)] if wish is Wish.DIGEST else acts
    assert session.timer(1.0) == done


def test_a_wish_is_done_once() -> None:
    session = idle()
    session.wish(Wish.RESEND, 1.0)
    session.timer(1.0)
    session.touched(1.0)
    session.timer(2.0)
    session.filled(rows(), 2.0, more=False)
    assert session.wake_s == 302.0


# Devices.


def of_device(answer: Answer, device: str) -> Answer:
    return msgspec.structs.replace(answer, device=device, device_name="till")


def foreign(*, takeover: bool = False) -> SyncSession:
    state = replace(BEGIN, takeover=takeover)
    session = SyncSession(
        state, "muc-01", "b5", SyncSettings(), lambda: 0.0, device="d1", device_name="spare"
    )
    session.connected(0.0)
    return session


@pytest.mark.parametrize("outcome", [Outcome.TWIN, Outcome.STALE])
def test_a_store_that_is_another_devices_is_left_alone(outcome: Outcome) -> None:
    session = foreign()
    assert session.heard(of_device(says(outcome, 0, term=2), "d2"), 0.0) == []
    assert (session.state, session.trouble, session.owner) == (
        State.RESTING,
        SyncTrouble.FOREIGN,
        "till",
    )
    assert session.timer(299.0) == []
    [said] = session.timer(300.0)
    assert isinstance(said, Say)


def test_ones_own_device_is_no_other() -> None:
    session = foreign()
    assert session.heard(of_device(says(Outcome.STALE, 0, term=8), "d1"), 0.0) == [Renew(9)]


def test_a_takeover_begins_a_snapshot_that_says_so() -> None:
    session = foreign(takeover=True)
    assert session.heard(of_device(says(Outcome.TWIN, 0, term=8), "d2"), 0.0) == [Renew(9)]
    [said] = session.renewed(0.0)
    assert said == Say(Hello("muc-01", 9, "b5", True, 4, "d1", "spare", True))  # noqa: FBT003
    session.heard(Answer("muc-01", 9, "b5", Outcome.WELCOME, 9, 0, device="d1"), 0.0)
    assert not session.takeover


def test_a_takeover_by_command_does_not_wait() -> None:
    session = foreign()
    session.heard(of_device(says(Outcome.TWIN, 0, term=2), "d2"), 0.0)
    session.wish(Wish.TAKEOVER, 1.0)
    [said] = session.timer(1.0)
    assert isinstance(said, Say)
    assert isinstance(said.message, Hello)
    assert said.message.takeover


# A file that is new.


def rebuilding() -> SyncSession:
    session = new_session(replace(BEGIN, is_rebuilding=True))
    session.connected(0.0)
    return session


def test_a_file_that_does_not_know_its_store_takes_nothing_over() -> None:
    session = rebuilding()
    assert session.heard(says(Outcome.STALE, applied=0, term=8), 0.0) == []
    assert (session.state, session.trouble) == (State.RESTING, SyncTrouble.REBUILDING)
    [said] = session.timer(60.0)
    assert isinstance(said, Say)
    assert isinstance(said.message, Hello)


def test_once_it_knows_its_store_it_takes_over() -> None:
    session = rebuilding()
    session.heard(says(Outcome.STALE, applied=0, term=8), 0.0)
    session.rebuilt(10.0)
    session.timer(10.0)
    assert session.heard(says(Outcome.STALE, applied=0, term=8), 10.0) == [Renew(9)]


def test_where_the_cloud_knows_nothing_a_new_file_need_not_wait() -> None:
    session = rebuilding()
    assert session.heard(says(Outcome.WELCOME, applied=0), 0.0) == [Save(0, answered=True)]
    assert (session.trouble, session.is_rebuilding) == (SyncTrouble.NONE, False)


# Events.


def numbered(*numbers: int) -> list[NumberedEvent]:
    event = ItemEvent(EventKind.ARRIVED, "00000000000012", "7", "floor", at_us=3)
    return [NumberedEvent(number, event) for number in numbers]


def telling(*numbers: int) -> SyncSession:
    """Give a session that has sent its counts, and tells what made them."""
    session = ready(new_session(settings=SyncSettings(with_events=True)))
    session.timer(0.0)
    session.filled(replace(rows(12), at_event=9), 0.0, more=False)
    session.heard(says(Outcome.APPLIED, applied=12), 0.0)
    assert session.timer(0.0) == [Pick(after=0, upto=9, limit=400)]
    session.picked(numbered(*numbers), 0.0)
    return session


def test_events_are_told_once_their_counts_are_committed() -> None:
    session = ready(new_session(settings=SyncSettings(with_events=True)))
    session.timer(0.0)
    session.filled(replace(rows(12), at_event=9), 0.0, more=False)
    assert session.timer(0.1) == []
    session.heard(says(Outcome.APPLIED, applied=12), 0.2)
    assert session.timer(0.2) == [Pick(after=0, upto=9, limit=400)]


def test_events_of_counts_that_are_still_pending_wait() -> None:
    session = ready(new_session(settings=SyncSettings(with_events=True)))
    session.timer(0.0)
    session.filled(replace(rows(12), at_event=9), 0.0, more=True)
    session.heard(says(Outcome.APPLIED, applied=12), 0.0)
    assert session.timer(0.0) == [Fetch(12)]


def test_events_that_head_office_has_noted_are_told_no_more() -> None:
    session = telling(4, 9)
    assert session.heard(judges(Outcome.NOTED, 2), 1.0) == [SaveTold(9)]
    assert session.state is State.READY
    assert session.timer(1.0) == []


def test_events_that_nobody_answered_are_told_again() -> None:
    session = telling(4, 9)
    session.timer(5.0)
    assert session.timer(5.0) == [Pick(after=0, upto=9, limit=400)]


def test_an_event_that_cannot_be_taken_is_let_go() -> None:
    session = telling(4, 9)
    assert session.heard(refuses(2), 1.0) == [Pick(after=0, upto=9, limit=1)]
    session.picked(numbered(4), 1.0)
    assert session.heard(refuses(3), 1.0) == [SaveTold(4)]


def test_events_that_were_too_old_to_keep_are_passed_over() -> None:
    session = telling(4)
    session.heard(judges(Outcome.NOTED, 2), 1.0)
    session.timer(1.0)
    assert session.picked([], 1.0) == []
    assert session.wake_s is not None
    assert session.wake_s > 200


def test_without_the_wish_for_events_none_is_told() -> None:
    session = ready()
    session.timer(0.0)
    session.filled(replace(rows(12), at_event=9), 0.0, more=False)
    session.heard(says(Outcome.APPLIED, applied=12), 0.0)
    assert session.timer(0.0) == []


# The table.


def test_what_the_table_does_not_know_is_a_mistake_that_is_named() -> None:
    with pytest.raises(RuntimeError, match="sync session is down and cannot take failed"):
        new_session().failed(0.0)


def test_every_state_is_entered_and_left() -> None:
    assert {state for state, _ in NEXT} == set(State)
    assert {*NEXT.values()} == set(State)
    assert {event for _, event in NEXT} == set(Event)


def test_a_lost_link_is_noticed_in_every_state_that_waits() -> None:
    of_the_file = {
        State.FETCHING,
        State.RENEWING,
        State.LEAVING_OUT,
        State.SUMMING,
        State.TOUCHING,
        State.PICKING,
    }
    waiting = set(State) - of_the_file
    assert {state for state, event in NEXT if event is Event.LOST} == waiting
    assert {state for state, event in NEXT if event is Event.CONNECTED} == waiting
