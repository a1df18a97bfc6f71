"""What an agent must know of its talk with the cloud from one life to the next.

Every write is durable when the call returns; inside db.atomic(), with that transaction.

`check_ver` is the highest ver that an earlier life can have sent of this very file.  It moves up at
a start only if a hello of the life before was answered, since nothing is sent before; otherwise
what was counted meanwhile could hide that the file is an old copy.
"""

from edge.model import SyncState
from edge.storage.database import Database

_BEGIN = """
    UPDATE sync SET
        term = term + 1,
        check_ver = CASE WHEN answered THEN ver ELSE check_ver END,
        answered = 0
"""
_STATE = """
    SELECT term, acked, check_ver, ver, answered_term, told, is_rebuilding, takeover FROM sync
"""
_ANSWERED = """
    UPDATE sync SET answered = 1, answered_term = term, takeover = 0, is_rebuilding = 0
"""
_RENEW = "UPDATE sync SET term = ?, acked = 0, check_ver = 0, answered = 0, ver = ver + 1"


class Sync:
    def __init__(self, db: Database) -> None:
        self.db = db

    def begin(self) -> SyncState:
        """Begin a life of the agent, before anything is sent: a new term, durable."""
        with self.db.atomic():
            self.db.execute(_BEGIN)
            return self.state()

    def set_answered(self) -> None:
        """Note that a hello of this term was welcomed; before the first delta.

        Head office then has the counts of this file or none, and nothing is rebuilt any more.
        """
        with self.db.atomic():
            self.db.execute(_ANSWERED)

    def set_acked(self, ver: int) -> None:
        """Note up to where the cloud has committed, or how far it went back."""
        with self.db.atomic():
            self.db.execute("UPDATE sync SET acked = ?", [ver])

    def renew(self, term: int) -> None:
        """Begin a term in which all rows are sent anew; nothing of it has been sent yet.

        So check_ver is 0: if this life ends before its hello is answered, the next one must find
        again what made this one renew its term.  A ver is spent, so that a snapshot has an end that
        can be told even where there are no rows.
        """
        with self.db.atomic():
            self.db.execute(_RENEW, [term])

    def take_vers(self, count: int) -> int:
        """Give the first of `count` vers that nobody has had; inside the writer's atomic()."""
        with self.db.atomic():
            self.db.execute("UPDATE sync SET ver = ver + ?", [count])
            return self.state().ver - count + 1

    def set_told(self, number: int) -> None:
        """Note up to which event head office knows them."""
        with self.db.atomic():
            self.db.execute("UPDATE sync SET told = ?", [number])

    def set_rebuilt(self) -> None:
        """Note that this file knows the store, and may take the place of other counts."""
        with self.db.atomic():
            self.db.execute("UPDATE sync SET is_rebuilding = 0")

    def want_takeover(self) -> None:
        """Note that a person wants the documents to belong to this device."""
        with self.db.atomic():
            self.db.execute("UPDATE sync SET takeover = 1")

    def acked(self) -> int:
        return self.state().acked

    def state(self) -> SyncState:
        [row] = self.db.rows(_STATE)
        *numbers, is_rebuilding, takeover = row
        term, acked, check_ver, ver, answered_term, told = numbers
        return SyncState(
            term,
            acked,
            check_ver,
            ver,
            answered_term,
            told,
            is_rebuilding=bool(is_rebuilding),
            takeover=bool(takeover),
        )
