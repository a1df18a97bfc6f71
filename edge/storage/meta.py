"""Which file this is."""

from edge.storage.database import Database


class Meta:
    def __init__(self, db: Database) -> None:
        self._db = db

    def file_uuid(self) -> str:
        """Give the name that the file took when it was made; a copy has the same."""
        [(file_uuid,)] = self._db.rows("SELECT file_uuid FROM meta")
        return str(file_uuid)

    def program(self) -> int:
        """Give the file format of the newest program that has opened the file to write."""
        [(program,)] = self._db.rows("SELECT program FROM meta")
        return int(program)
