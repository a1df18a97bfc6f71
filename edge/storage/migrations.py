"""The tables, in the order in which they came to be.

Migrations are numbered and only add: a file is never made unreadable for the program before, unless
the migration raises `meta.min_program`, at which an older program refuses it.
"""

import uuid

from sqlite_utils import Database, Migrations

PROGRAM = 2  # the file format of this program; min_program is compared with it

migrations = Migrations("edge")


@migrations()
def m0001_meta(db: Database) -> None:
    db.execute("""
        CREATE TABLE meta (
            id          INTEGER PRIMARY KEY CHECK (id = 1),
            file_uuid   TEXT    NOT NULL,
            min_program INTEGER NOT NULL,
            program     INTEGER NOT NULL
        ) STRICT
    """)
    db.execute("INSERT INTO meta VALUES (1, ?, 1, ?)", [str(uuid.uuid4()), PROGRAM])


@migrations()
def m0002_items(db: Database) -> None:
    db.execute("""
        CREATE TABLE items (
            gtin            TEXT    NOT NULL,
            serial          TEXT    NOT NULL,
            state           TEXT    NOT NULL,
            zone            TEXT    NOT NULL,
            last_read_at_us INTEGER NOT NULL,
            PRIMARY KEY (gtin, serial)
        ) STRICT, WITHOUT ROWID
    """)


@migrations()
def m0003_stock(db: Database) -> None:
    db.execute("""
        CREATE TABLE stock (
            gtin  TEXT    NOT NULL,
            zone  TEXT    NOT NULL,
            count INTEGER NOT NULL CHECK (count >= 0),
            PRIMARY KEY (gtin, zone)
        ) STRICT, WITHOUT ROWID
    """)
    # ver is renewed with every change of a GTIN's counts and never used twice: pending is
    # ver > acked.
    db.execute("""
        CREATE TABLE skus (
            gtin    TEXT    PRIMARY KEY,
            ver     INTEGER NOT NULL UNIQUE,
            missing INTEGER NOT NULL DEFAULT 0 CHECK (missing >= 0)
        ) STRICT
    """)


@migrations()
def m0004_events(db: Database) -> None:
    db.execute("""
        CREATE TABLE events (
            number    INTEGER PRIMARY KEY,
            kind      TEXT    NOT NULL,
            gtin      TEXT    NOT NULL,
            serial    TEXT    NOT NULL,
            zone      TEXT    NOT NULL,
            at_us     INTEGER NOT NULL,
            from_zone TEXT
        ) STRICT
    """)


@migrations()
def m0005_strays(db: Database) -> None:
    db.execute("""
        CREATE TABLE strays (
            epc         BLOB    PRIMARY KEY,
            reason      TEXT    NOT NULL,
            reads       INTEGER NOT NULL,
            first_at_us INTEGER NOT NULL,
            last_at_us  INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
    """)


@migrations()
def m0006_readers(db: Database) -> None:
    db.execute("""
        CREATE TABLE readers (
            name            TEXT    PRIMARY KEY,
            up              INTEGER NOT NULL,
            detail          TEXT    NOT NULL,
            last_read_at_us INTEGER
        ) STRICT, WITHOUT ROWID
    """)


@migrations()
def m0007_sync(db: Database) -> None:
    # The highest ver given away stands here and not in skus, so that none comes twice.
    db.execute("""
        CREATE TABLE sync (
            id            INTEGER PRIMARY KEY CHECK (id = 1),
            term          INTEGER NOT NULL,
            acked         INTEGER NOT NULL,
            check_ver     INTEGER NOT NULL,
            answered      INTEGER NOT NULL,
            answered_term INTEGER,
            ver           INTEGER NOT NULL
        ) STRICT
    """)
    db.execute("INSERT INTO sync VALUES (1, 0, 0, 0, 0, NULL, 0)")


@migrations()
def m0008_left_out(db: Database) -> None:
    # A row is left out as long as its ver stands here: with its next change it is sent again.
    db.execute("""
        CREATE TABLE left_out (
            gtin   TEXT    PRIMARY KEY,
            ver    INTEGER NOT NULL,
            reason TEXT    NOT NULL
        ) STRICT, WITHOUT ROWID
    """)


@migrations()
def m0009_sync_facts(db: Database) -> None:
    db.execute("ALTER TABLE sync ADD COLUMN told INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE sync ADD COLUMN takeover INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE sync ADD COLUMN is_rebuilding INTEGER NOT NULL DEFAULT 0")
    db.execute("UPDATE sync SET is_rebuilding = (term = 0)")  # a file that nobody has used yet


@migrations()
def m0010_counts(db: Database) -> None:
    # rev grows with every change of a session, told is the one that head office knows.
    db.execute("""
        CREATE TABLE counts (
            number       INTEGER PRIMARY KEY,
            id           TEXT    NOT NULL UNIQUE,
            state        TEXT    NOT NULL,
            zones        TEXT    NOT NULL,
            readers      TEXT    NOT NULL,
            basis        TEXT    NOT NULL,
            opened_by    TEXT    NOT NULL,
            opened_at_us INTEGER NOT NULL,
            idle_s       REAL    NOT NULL,
            closed_by    TEXT    NOT NULL DEFAULT '',
            closed_at_us INTEGER,
            decided_by   TEXT    NOT NULL DEFAULT '',
            decided_at_us INTEGER,
            applied      TEXT    NOT NULL DEFAULT '{}',
            note         TEXT    NOT NULL DEFAULT '',
            rev          INTEGER NOT NULL DEFAULT 1,
            told         INTEGER NOT NULL DEFAULT 0
        ) STRICT
    """)
    db.execute("CREATE INDEX counts_state ON counts (state)")


@migrations()
def m0011_count_lines(db: Database) -> None:
    db.execute("""
        CREATE TABLE count_lines (
            count      INTEGER NOT NULL,
            gtin       TEXT    NOT NULL,
            expected   INTEGER NOT NULL,
            found      INTEGER NOT NULL CHECK (found >= 0),
            missing    INTEGER NOT NULL CHECK (missing >= 0),
            unexpected INTEGER NOT NULL CHECK (unexpected >= 0),
            PRIMARY KEY (count, gtin)
        ) STRICT, WITHOUT ROWID
    """)


@migrations()
def m0012_count_items(db: Database) -> None:
    db.execute("""
        CREATE TABLE count_items (
            count         INTEGER NOT NULL,
            gtin          TEXT    NOT NULL,
            serial        TEXT    NOT NULL,
            is_expected   INTEGER NOT NULL,
            was_here      INTEGER NOT NULL,
            found_at_us   INTEGER,
            pressed_at_us INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (count, gtin, serial)
        ) STRICT, WITHOUT ROWID
    """)


@migrations()
def m0013_item_ages(db: Database) -> None:
    db.execute("ALTER TABLE items ADD COLUMN since_us INTEGER NOT NULL DEFAULT 0")


@migrations()
def m0014_tills(db: Database) -> None:
    # What was answered stays, so that a till that asks again is answered the same.
    db.execute("""
        CREATE TABLE told (
            number INTEGER PRIMARY KEY,
            kind   TEXT    NOT NULL,
            id     TEXT    NOT NULL,
            digest TEXT    NOT NULL,
            at_us  INTEGER NOT NULL,
            answer TEXT    NOT NULL,
            UNIQUE (kind, id)
        ) STRICT
    """)
    # Lines without a serial, and which items they have turned out to be.
    db.execute("""
        CREATE TABLE awaited (
            document TEXT    NOT NULL,
            line     INTEGER NOT NULL,
            gtin     TEXT    NOT NULL,
            cause    TEXT    NOT NULL,
            quantity INTEGER NOT NULL,
            told_us  INTEGER NOT NULL,
            PRIMARY KEY (document, line)
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("""
        CREATE TABLE matches (
            document TEXT    NOT NULL,
            line     INTEGER NOT NULL,
            serial   TEXT    NOT NULL,
            at_us    INTEGER NOT NULL,
            PRIMARY KEY (document, line, serial)
        ) STRICT, WITHOUT ROWID
    """)


@migrations()
def m0015_receipts(db: Database) -> None:
    db.execute("""
        CREATE TABLE receipts (
            id           TEXT    PRIMARY KEY,
            supplier     TEXT    NOT NULL,
            due_us       INTEGER NOT NULL,
            told_us      INTEGER NOT NULL,
            last_at_us   INTEGER,
            closed_at_us INTEGER
        ) STRICT, WITHOUT ROWID
    """)
    # An item that is expected by its serial has a line of its own; '' is any item of the GTIN.
    db.execute("""
        CREATE TABLE receipt_lines (
            receipt  TEXT    NOT NULL,
            gtin     TEXT    NOT NULL,
            serial   TEXT    NOT NULL,
            expected INTEGER NOT NULL,
            received INTEGER NOT NULL,
            PRIMARY KEY (receipt, gtin, serial)
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("CREATE INDEX receipt_lines_of_gtin ON receipt_lines (gtin)")
