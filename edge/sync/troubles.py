"""What a person is told, and should do, when the documents do not follow the file."""

from edge.wire import SyncTrouble

MAX_TEXT = 200  # characters of an alarm
_TEXTS = {
    SyncTrouble.REBUILDING: (
        "sync: the database is new; head office keeps the old counts until all readers were up for"
        " a while (tagtally-edge sync rebuilt: at once)"
    ),
    SyncTrouble.FOREIGN: (
        "sync: this store belongs to device {owner}; if this one takes its place:"
        " tagtally-edge sync takeover. If it is another store: give it an id of its own"
    ),
    SyncTrouble.TWIN: (
        "sync: a copy of this device runs elsewhere; stop one of them"
        " (tagtally-edge sync new-device makes the copy a device of its own)"
    ),
    SyncTrouble.REFUSED: "sync: head office takes nothing of what is sent: {reason}",
}


def alarm(trouble: SyncTrouble, owner: str, reason: str) -> list[str]:
    text = _TEXTS.get(trouble)
    return [] if text is None else [text.format(owner=owner[:40], reason=reason)[:MAX_TEXT]]
