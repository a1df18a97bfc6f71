"""A reader's clock beside this machine's: by how much it is wrong, and when it jumps.

Stamps are corrected by one offset, found when the connection begins, so that the differences
between them stay the reader's own.  What happens to it afterwards:

| what is seen                                  | what it means          | what is done         |
| --------------------------------------------- | ---------------------- | -------------------- |
| stamps fit, within what a quartz may drift    | a clock                | followed, slowly     |
| a stamp from the future, though stamps fitted | the clock was set      | a new offset at once |
| stamps are late by one amount for FIRM_S      | the clock was set back | a new offset         |
| a leap ahead before stamps have fitted        | not known yet: a doubt | wait for DOUBT_S     |
| … and stamps stay ahead by one amount         | the clock was set      | a new offset         |
| … or run further ahead, or did so from the    | a recording, played    | the offset stays     |
|   beginning                                   |                        |                      |

A recording that is played fast is another time than ours; it keeps its offset over connections too,
as long as it goes on where it was.  If it keeps pace with time after all, for SURE_S, it is a clock
that was set.  With the policy `trust` stamps in UTC stay as they come.
Stamps that count from the reader's start always begin at the connection (LLRP 1.0.1 §13.2.2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import msgspec

from edge.model import Now, TagRead

FLAGGED_US = 2_000_000  # a clock that is wrong by more is told of
FIRM_S = 10.0
DOUBT_S = 3.0  # a recording played twice as fast as time is further ahead by 3 s then
SURE_S = 30.0
_EARLY_S = 30.0  # a recording's first stamps come at once
_DAY_US = 86_400_000_000  # no recording leaps so far between two reads
_PAST_US = 10_000_000  # reports may wait so long in a reader
_LOOK_S = 60.0
_QUARTZ = 500e-6  # what no quartz drifts by
_JITTER_US, _HASTE, _FRESH_US = 50_000, 0.02, 1_000_000  # of stamps that fit
_LEAP_US = 1_000_000  # from one stamp to the next; who runs away gets there by less
_FIT_S = 3.0


class _Gait(Enum):
    NEW = "not known yet"
    STEADY = "steady"
    FREE = "left alone"


@dataclass(slots=True)
class ClockMemory:
    """What is known of a reader's clock from its last connection."""

    raw_us: int | None = None  # its latest stamp, uncorrected
    is_uptime: bool = False
    free_offset_us: int | None = None  # where it was left alone


@dataclass(slots=True)
class _Doubt:
    """Stamps have leapt ahead: by so much at first, and by so much at most since then."""

    first_us: int
    most_us: int
    since_s: float


class ClockState(msgspec.Struct, frozen=True):
    """`offset_s` is added to the reader's stamps; `drift_ppm` is how it has changed since."""

    offset_s: float
    drift_ppm: float
    gait: str


class ReaderClock:
    """connect() once, hear() of each stamp; what they return is to be told to a person."""

    def __init__(self, memory: ClockMemory, now: Now, *, trusts: bool) -> None:
        self._memory, self._trusts = memory, trusts
        self.offset_us = 0
        self._gait = _Gait.NEW
        self._began = now
        self._first_offset_us = 0
        self._latest_us, self._latest_s = now.utc_us, now.monotonic_s
        self._doubt: _Doubt | None = None
        self._ahead_us = 0  # of the latest stamp
        self._same: tuple[int, float] | None = None  # how far it is ahead, and since when
        self._past: tuple[int, float] | None = None  # how far stamps are behind, and since when
        self._fits_from_s: float | None = None
        self._best_us: int | None = None  # of the stamps since the last look, the freshest one
        self._look_s = now.monotonic_s + _LOOK_S

    def connect(self, stamp_us: int, now: Now, *, is_uptime: bool) -> list[str]:
        """Take the stamp of the connection event, which the reader has made right now."""
        memory, told = self._memory, list[str]()
        last_us = memory.raw_us if memory.is_uptime == is_uptime else None
        if is_uptime and last_us is not None and stamp_us < last_us:
            told.append("the reader has been started anew since the last connection")
        self._began = now
        self.offset_us = now.utc_us - stamp_us
        if not is_uptime:
            told += self._choose(stamp_us, last_us)
        self._first_offset_us = self.offset_us
        memory.is_uptime = is_uptime
        self._note(stamp_us + self.offset_us, now)
        return told

    def _choose(self, stamp_us: int, last_us: int | None) -> list[str]:
        """Decide on the offset of a clock that tells UTC; give what is to be told of it."""
        wrong_us = -self.offset_us
        free_us = self._memory.free_offset_us
        if self._trusts:
            self.offset_us, self._gait = 0, _Gait.FREE
        elif free_us is not None and last_us is not None and 0 <= stamp_us - last_us < _DAY_US:
            self.offset_us, self._gait = free_us, _Gait.FREE
            return []
        if abs(wrong_us) <= FLAGGED_US:
            return []
        what = "its stamps are taken as they are" if self._trusts else "its stamps are corrected"
        return [f"the reader's clock is {span(wrong_us)}: {what}"]

    def hear(self, stamp_us: int, now: Now) -> tuple[int, list[str]]:
        """Take a stamp that has been corrected; give what must be added to it, and what to tell.

        What must be added is in the offset already when this returns.
        """
        ahead_us = stamp_us - self.here_us(now)
        if self._doubt is None and self._runs_ahead(ahead_us, now):
            self._doubt = _Doubt(ahead_us, ahead_us, now.monotonic_s)
        if (doubt := self._doubt) is not None:
            doubt.most_us = max(doubt.most_us, ahead_us)
            is_leap = doubt.first_us - self._ahead_us >= _LEAP_US
            if not is_leap or ahead_us > doubt.first_us + FLAGGED_US:
                return self._leave_alone(stamp_us, now)
            return 0, []
        step_us = self._step(ahead_us, now)
        self._ahead_us = ahead_us + step_us
        return self._set(step_us, stamp_us, now)

    @property
    def is_in_doubt(self) -> bool:
        """Tell whether nobody can say yet what time the latest stamps mean."""
        return self._doubt is not None

    def settle(self, now: Now, *, must: bool) -> tuple[int, list[str]]:
        """Come to an end with a doubt that has lasted, or that `must` end; give as hear() does."""
        doubt = self._doubt
        if doubt is None or not (must or now.monotonic_s - doubt.since_s >= DOUBT_S):
            return 0, []
        self._doubt = None
        return self._set(-doubt.most_us, self.here_us(now) + doubt.most_us, now)

    def _set(self, step_us: int, stamp_us: int, now: Now) -> tuple[int, list[str]]:
        """Take a stamp and what is added to it; give as hear() does."""
        self.offset_us += step_us
        stamp_us += step_us
        self._follow(stamp_us - self.here_us(now), now)
        self._note(stamp_us, now)
        if not step_us:
            return 0, []
        return step_us, [f"the reader's clock was set, {_moved(-step_us)}: stamps are corrected"]

    def _leave_alone(self, stamp_us: int, now: Now) -> tuple[int, list[str]]:
        self._doubt, self._gait = None, _Gait.FREE
        self._note(stamp_us, now)
        return 0, ["the reader's clock runs at another speed than time, and is left alone"]

    def at(self, now: Now) -> int:
        """Give the corrected time: the last stamp heard, and what has passed since."""
        return self._latest_us + round((now.monotonic_s - self._latest_s) * 1_000_000)

    def state(self, now: Now) -> ClockState:
        passed_s = now.monotonic_s - self._began.monotonic_s
        moved_us = self.offset_us - self._first_offset_us
        drift_ppm = moved_us / passed_s if passed_s >= _LOOK_S else 0.0
        return ClockState(self.offset_us / 1e6, round(drift_ppm, 1), self._gait.value)

    def here_us(self, now: Now) -> int:
        """Give this machine's time, which nobody can set while the connection lasts."""
        passed_s = now.monotonic_s - self._began.monotonic_s
        return self._began.utc_us + round(passed_s * 1_000_000)

    def _note(self, stamp_us: int, now: Now) -> None:
        self._latest_us, self._latest_s = stamp_us, now.monotonic_s
        self._memory.raw_us = stamp_us - self.offset_us
        self._memory.free_offset_us = self.offset_us if self._gait is _Gait.FREE else None

    def _runs_ahead(self, ahead_us: int, now: Now) -> bool:
        is_early = now.monotonic_s - self._began.monotonic_s < _EARLY_S
        return self._gait is _Gait.NEW and is_early and FLAGGED_US < ahead_us < _DAY_US

    def _step(self, ahead_us: int, now: Now) -> int:
        """Decide by how much the clock was set, if it was."""
        if self._gait is _Gait.FREE:
            return self._step_of_free(ahead_us, now)
        if ahead_us > FLAGGED_US:
            return -ahead_us
        if ahead_us > -_PAST_US:
            self._past = None
            self._look_whether_it_fits(ahead_us, now)
            return 0
        if self._past is None or abs(ahead_us - self._past[0]) > FLAGGED_US:
            self._past = ahead_us, now.monotonic_s
        return -ahead_us if now.monotonic_s - self._past[1] >= FIRM_S else 0

    def _step_of_free(self, ahead_us: int, now: Now) -> int:
        """Decide whether what was left alone keeps pace with time: then it was a clock, and set."""
        if self._trusts:
            return 0
        if self._same is None or not -_PAST_US < ahead_us - self._same[0] <= _LEAP_US:
            self._same = ahead_us, now.monotonic_s
        if ahead_us <= FLAGGED_US or now.monotonic_s - self._same[1] < SURE_S:
            return 0
        self._same, self._gait = None, _Gait.STEADY
        return -ahead_us

    def _look_whether_it_fits(self, ahead_us: int, now: Now) -> None:
        """Call a clock steady once its freshest stamps have fitted for some seconds."""
        passed_s = now.monotonic_s - self._began.monotonic_s
        if ahead_us > _JITTER_US + _HASTE * 1e6 * passed_s:
            self._fits_from_s = None
        elif ahead_us > -_FRESH_US:
            if self._fits_from_s is None:
                self._fits_from_s = now.monotonic_s
            if now.monotonic_s - self._fits_from_s >= _FIT_S:
                self._gait = _Gait.STEADY

    def _follow(self, ahead_us: int, now: Now) -> None:
        """Follow a clock that drifts, by no more in a minute than a quartz can."""
        self._best_us = ahead_us if self._best_us is None else max(self._best_us, ahead_us)
        if now.monotonic_s < self._look_s:
            return
        most_us = round(_QUARTZ * _LOOK_S * 1_000_000)
        if self._gait is _Gait.STEADY:
            self.offset_us -= max(-most_us, min(most_us, self._best_us))
        self._best_us, self._look_s = None, now.monotonic_s + _LOOK_S


def shifted(reads: Sequence[TagRead], by_us: int, after_us: int) -> list[TagRead]:
    """Move the reads that were stamped after `after_us`, by a clock that had been set."""
    return [
        msgspec.structs.replace(read, at_us=read.at_us + by_us) if read.at_us > after_us else read
        for read in reads
    ]


def span(wrong_us: int) -> str:
    """Say by how much a clock is wrong: `3 d 4 h ahead`, `2.5 s behind`."""
    return f"{_length(abs(wrong_us))} {'ahead' if wrong_us > 0 else 'behind'}"


def _moved(by_us: int) -> str:
    return f"{_length(abs(by_us))} {'forward' if by_us > 0 else 'back'}"


def _length(us: int) -> str:
    seconds = us / 1e6
    if seconds < 60:
        return f"{seconds:.1f} s"
    days, rest = divmod(round(seconds), 86_400)
    hours, rest = divmod(rest, 3600)
    parts = ((days, "d"), (hours, "h"), (rest // 60, "min"), (rest % 60, "s"))
    return " ".join([f"{number} {unit}" for number, unit in parts if number][:2])
