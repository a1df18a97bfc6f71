"""What the session asks to have done, and the numbers by which it goes."""

from dataclasses import dataclass

from edge.model import LeftOut
from edge.wire import MAX_ROWS, Upward


@dataclass(frozen=True, slots=True)
class Say:
    """Publish; whether it arrives is nobody's promise.  If it cannot be sent, call `unsayable`."""

    message: Upward


@dataclass(frozen=True, slots=True)
class Fetch:
    """Read what is pending above `acked`, then call `filled`."""

    acked: int
    limit: int = MAX_ROWS


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
class LeaveOut:
    """Note that this row is not to be sent before it changes, then call `left_out`."""

    row: LeftOut


@dataclass(frozen=True, slots=True)
class Sum:
    """Add up the rows of a shard, then call `summed`."""

    shard: int
    acked: int


@dataclass(frozen=True, slots=True)
class Touch:
    """Give all rows of a shard (None: of the file) new vers, then call `touched`."""

    shard: int | None


@dataclass(frozen=True, slots=True)
class Pick:
    """Read the events with `after < number <= upto`, oldest first, then call `picked`."""

    after: int
    upto: int
    limit: int


@dataclass(frozen=True, slots=True)
class SaveTold:
    """Commit that the events up to this number were told."""

    number: int


@dataclass(frozen=True, slots=True)
class Reconnect:
    reason: str


Act = Say | Fetch | Save | Renew | LeaveOut | Sum | Touch | Pick | SaveTold | Reconnect


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
    foreign_s: float = 300.0  # from one refusal to the next question whether it still stands
    rebuild_look_s: float = 60.0
    check_s: float = 3600.0  # from the comparison of one shard to the next
    check_again_s: float = 10.0  # after one that could not be made
    with_events: bool = False  # tell item events besides the counts


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
    refusals: int = 0  # messages that nobody could take
    dead_rows: int = 0
    agreements: int = 0  # shards that were compared, and equal
    differences: int = 0
    events: int = 0  # messages of them that head office has noted
