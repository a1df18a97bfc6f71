"""The states of the sync, what may happen in each, and what follows; nothing else may.

An answer that the table has no place for came too late and is ignored; anything else is a mistake
of the program.
"""

from enum import StrEnum


class State(StrEnum):
    DOWN = "down"
    GREETING = "greeting"  # hello is said, its answer awaited
    READY = "ready"  # nothing is in flight
    FETCHING = "fetching"  # rows are being read from the file
    FLYING = "flying"  # a delta is in flight
    RENEWING = "renewing"  # a new term is being written to the file
    LEAVING_OUT = "leaving_out"  # a row that nobody can take is being marked in the file
    SUMMING = "summing"  # a shard is being added up
    CHECKING = "checking"  # its digest is in flight
    TOUCHING = "touching"  # rows are being given new vers
    PICKING = "picking"  # events are being read from the file
    TELLING = "telling"  # events are in flight
    RESTING = "resting"  # after a failure of the file, or while the documents are another's


class Event(StrEnum):
    CONNECTED = "connected"
    LOST = "lost"
    DUE = "due"  # the timer: say it (again)
    IDLE = "idle"  # the timer: nothing was said for long
    DEAD = "dead"  # the timer: no answer for so long that the link cannot be alive
    WELCOMED = "welcomed"
    ADVANCED = "advanced"  # part of what is in flight is applied
    LANDED = "landed"  # all of it
    REWOUND = "rewound"  # the cloud has less than we believed
    FORGOTTEN = "forgotten"  # the cloud does not know this life
    FORKED = "forked"  # the cloud knows a future of this file that the file does not
    CONTESTED = "contested"  # the same, too soon after the last time: a twin is alive
    FOREIGN = "foreign"  # the documents belong to another device
    REBUILDING = "rebuilding"  # forked, but the file does not know enough yet to take over
    FILLED = "filled"
    EMPTY = "empty"
    RENEWED = "renewed"
    REFUSED = "refused"  # nobody can take what is in flight
    DEAD_ROW = "dead_row"  # the same, and it is one row
    HOPELESS = "hopeless"  # the same, and it is no row
    LEFT_OUT = "left_out"
    CHECK = "check"  # the timer: compare a shard
    SUMMED = "summed"
    UNCERTAIN = "uncertain"  # cannot be compared now
    AGREED = "agreed"
    DIFFERS = "differs"
    TOUCH = "touch"  # head office wants all rows once more
    TOUCHED = "touched"
    TELL = "tell"  # there are events to tell
    PICKED = "picked"
    NOTED = "noted"
    FAILED = "failed"


_S, _E = State, Event
# What may be heard wherever an answer may come, whatever was asked.
_NEWS: dict[Event, State] = {
    _E.CONNECTED: _S.GREETING,
    _E.LOST: _S.DOWN,
    _E.FORGOTTEN: _S.GREETING,
    _E.FORKED: _S.RENEWING,
    _E.CONTESTED: _S.RESTING,
    _E.FOREIGN: _S.RESTING,
    _E.REBUILDING: _S.RESTING,
    _E.FAILED: _S.RESTING,
}
_HEARING = (_S.READY, _S.FLYING, _S.CHECKING, _S.TELLING)
NEXT: dict[tuple[State, Event], State] = {
    **{(state, event): then for state in _HEARING for event, then in _NEWS.items()},
    (_S.DOWN, _E.CONNECTED): _S.GREETING,
    (_S.DOWN, _E.LOST): _S.DOWN,
    (_S.GREETING, _E.CONNECTED): _S.GREETING,
    (_S.GREETING, _E.LOST): _S.DOWN,
    (_S.GREETING, _E.DUE): _S.GREETING,
    (_S.GREETING, _E.DEAD): _S.DOWN,
    (_S.GREETING, _E.WELCOMED): _S.READY,
    (_S.GREETING, _E.FORKED): _S.RENEWING,
    (_S.GREETING, _E.CONTESTED): _S.RESTING,
    (_S.GREETING, _E.FOREIGN): _S.RESTING,
    (_S.GREETING, _E.REBUILDING): _S.RESTING,
    (_S.READY, _E.DUE): _S.FETCHING,
    (_S.READY, _E.IDLE): _S.GREETING,
    (_S.READY, _E.LANDED): _S.READY,
    (_S.READY, _E.CHECK): _S.SUMMING,
    (_S.READY, _E.TOUCH): _S.TOUCHING,
    (_S.READY, _E.TELL): _S.PICKING,
    (_S.FETCHING, _E.FILLED): _S.FLYING,
    (_S.FETCHING, _E.EMPTY): _S.READY,
    (_S.FETCHING, _E.FAILED): _S.RESTING,
    (_S.FLYING, _E.DUE): _S.FETCHING,
    (_S.FLYING, _E.DEAD): _S.DOWN,
    (_S.FLYING, _E.ADVANCED): _S.FLYING,
    (_S.FLYING, _E.LANDED): _S.READY,
    (_S.FLYING, _E.REWOUND): _S.READY,
    (_S.FLYING, _E.REFUSED): _S.FETCHING,
    (_S.FLYING, _E.DEAD_ROW): _S.LEAVING_OUT,
    (_S.FLYING, _E.HOPELESS): _S.RESTING,
    (_S.LEAVING_OUT, _E.LEFT_OUT): _S.FETCHING,
    (_S.LEAVING_OUT, _E.FAILED): _S.RESTING,
    (_S.SUMMING, _E.SUMMED): _S.CHECKING,
    (_S.SUMMING, _E.UNCERTAIN): _S.READY,
    (_S.SUMMING, _E.FAILED): _S.RESTING,
    (_S.CHECKING, _E.AGREED): _S.READY,
    (_S.CHECKING, _E.DIFFERS): _S.TOUCHING,
    (_S.CHECKING, _E.UNCERTAIN): _S.READY,
    (_S.CHECKING, _E.DUE): _S.READY,
    (_S.TOUCHING, _E.TOUCHED): _S.READY,
    (_S.TOUCHING, _E.FAILED): _S.RESTING,
    (_S.PICKING, _E.PICKED): _S.TELLING,
    (_S.PICKING, _E.EMPTY): _S.READY,
    (_S.PICKING, _E.FAILED): _S.RESTING,
    (_S.TELLING, _E.NOTED): _S.READY,
    (_S.TELLING, _E.REFUSED): _S.PICKING,
    (_S.TELLING, _E.HOPELESS): _S.READY,
    (_S.TELLING, _E.DUE): _S.READY,
    (_S.RENEWING, _E.RENEWED): _S.GREETING,
    (_S.RENEWING, _E.FAILED): _S.RESTING,
    (_S.RESTING, _E.CONNECTED): _S.GREETING,
    (_S.RESTING, _E.LOST): _S.DOWN,
    (_S.RESTING, _E.DUE): _S.GREETING,
}
