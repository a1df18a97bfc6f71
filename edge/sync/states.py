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
    RESTING = "resting"  # after a failure of the file, or a duel with a twin


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
    FILLED = "filled"
    EMPTY = "empty"
    RENEWED = "renewed"
    FAILED = "failed"


_S, _E = State, Event
NEXT: dict[tuple[State, Event], State] = {
    (_S.DOWN, _E.CONNECTED): _S.GREETING,
    (_S.DOWN, _E.LOST): _S.DOWN,
    (_S.GREETING, _E.CONNECTED): _S.GREETING,
    (_S.GREETING, _E.LOST): _S.DOWN,
    (_S.GREETING, _E.DUE): _S.GREETING,
    (_S.GREETING, _E.DEAD): _S.DOWN,
    (_S.GREETING, _E.WELCOMED): _S.READY,
    (_S.GREETING, _E.FORKED): _S.RENEWING,
    (_S.GREETING, _E.CONTESTED): _S.RESTING,
    (_S.READY, _E.CONNECTED): _S.GREETING,
    (_S.READY, _E.LOST): _S.DOWN,
    (_S.READY, _E.DUE): _S.FETCHING,
    (_S.READY, _E.IDLE): _S.GREETING,
    (_S.READY, _E.LANDED): _S.READY,
    (_S.READY, _E.FORGOTTEN): _S.GREETING,
    (_S.READY, _E.FORKED): _S.RENEWING,
    (_S.READY, _E.CONTESTED): _S.RESTING,
    (_S.READY, _E.FAILED): _S.RESTING,
    (_S.FETCHING, _E.FILLED): _S.FLYING,
    (_S.FETCHING, _E.EMPTY): _S.READY,
    (_S.FETCHING, _E.FAILED): _S.RESTING,
    (_S.FLYING, _E.CONNECTED): _S.GREETING,
    (_S.FLYING, _E.LOST): _S.DOWN,
    (_S.FLYING, _E.DUE): _S.FETCHING,
    (_S.FLYING, _E.DEAD): _S.DOWN,
    (_S.FLYING, _E.ADVANCED): _S.FLYING,
    (_S.FLYING, _E.LANDED): _S.READY,
    (_S.FLYING, _E.REWOUND): _S.READY,
    (_S.FLYING, _E.FORGOTTEN): _S.GREETING,
    (_S.FLYING, _E.FORKED): _S.RENEWING,
    (_S.FLYING, _E.CONTESTED): _S.RESTING,
    (_S.FLYING, _E.FAILED): _S.RESTING,
    (_S.RENEWING, _E.RENEWED): _S.GREETING,
    (_S.RENEWING, _E.FAILED): _S.RESTING,
    (_S.RESTING, _E.CONNECTED): _S.GREETING,
    (_S.RESTING, _E.LOST): _S.DOWN,
    (_S.RESTING, _E.DUE): _S.GREETING,
}
