BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'edge','m0001_meta','2026-11-23 15:55:05.802101+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'edge','m0002_items','2026-11-23 15:55:05.802315+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'edge','m0003_stock','2026-11-23 15:55:05.802510+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'edge','m0004_events','2026-11-23 15:55:05.802774+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'edge','m0005_strays','2026-11-23 15:55:05.802920+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'edge','m0006_readers','2026-11-23 15:55:05.803038+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'edge','m0007_sync','2026-11-23 15:55:05.803160+00:00');
CREATE TABLE events (
            number    INTEGER PRIMARY KEY,
            kind      TEXT    NOT NULL,
            gtin      TEXT    NOT NULL,
            serial    TEXT    NOT NULL,
            zone      TEXT    NOT NULL,
            at_us     INTEGER NOT NULL,
            from_zone TEXT
        ) STRICT
    ;
INSERT INTO "events" VALUES(1,'arrived','80614141123458','1','floor',1,NULL);
INSERT INTO "events" VALUES(2,'arrived','80614141123458','2','floor',2,NULL);
INSERT INTO "events" VALUES(3,'arrived','80614141123458','3','floor',3,NULL);
INSERT INTO "events" VALUES(4,'arrived','09506000134352','1','floor',1,NULL);
INSERT INTO "events" VALUES(5,'moved','80614141123458','1','back',1,'floor');
INSERT INTO "events" VALUES(6,'missing','80614141123458','2','floor',2,NULL);
INSERT INTO "events" VALUES(7,'arrived','04012345678901','7','back',7,NULL);
CREATE TABLE items (
            gtin            TEXT    NOT NULL,
            serial          TEXT    NOT NULL,
            state           TEXT    NOT NULL,
            zone            TEXT    NOT NULL,
            last_read_at_us INTEGER NOT NULL,
            PRIMARY KEY (gtin, serial)
        ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "items" VALUES('04012345678901','7','present','back',7);
INSERT INTO "items" VALUES('09506000134352','1','present','floor',1);
INSERT INTO "items" VALUES('80614141123458','1','present','back',1);
INSERT INTO "items" VALUES('80614141123458','2','missing','floor',2);
INSERT INTO "items" VALUES('80614141123458','3','present','floor',3);
CREATE TABLE meta (
            id          INTEGER PRIMARY KEY CHECK (id = 1),
            file_uuid   TEXT    NOT NULL,
            min_program INTEGER NOT NULL,
            program     INTEGER NOT NULL
        ) STRICT
    ;
INSERT INTO "meta" VALUES(1,'11111111-2222-4333-8444-555555555555',1,1);
CREATE TABLE readers (
            name            TEXT    PRIMARY KEY,
            up              INTEGER NOT NULL,
            detail          TEXT    NOT NULL,
            last_read_at_us INTEGER
        ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "readers" VALUES('floor-1',1,'',5);
CREATE TABLE skus (
            gtin    TEXT    PRIMARY KEY,
            ver     INTEGER NOT NULL UNIQUE,
            missing INTEGER NOT NULL DEFAULT 0 CHECK (missing >= 0)
        ) STRICT
    ;
INSERT INTO "skus" VALUES('80614141123458',4,1);
INSERT INTO "skus" VALUES('09506000134352',2,0);
INSERT INTO "skus" VALUES('04012345678901',5,0);
CREATE TABLE stock (
            gtin  TEXT    NOT NULL,
            zone  TEXT    NOT NULL,
            count INTEGER NOT NULL CHECK (count >= 0),
            PRIMARY KEY (gtin, zone)
        ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "stock" VALUES('04012345678901','back',1);
INSERT INTO "stock" VALUES('09506000134352','floor',1);
INSERT INTO "stock" VALUES('80614141123458','back',1);
INSERT INTO "stock" VALUES('80614141123458','floor',1);
CREATE TABLE strays (
            epc         BLOB    PRIMARY KEY,
            reason      TEXT    NOT NULL,
            reads       INTEGER NOT NULL,
            first_at_us INTEGER NOT NULL,
            last_at_us  INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "strays" VALUES(X'30303030','wrong_length',9,1,2);
CREATE TABLE sync (
            id            INTEGER PRIMARY KEY CHECK (id = 1),
            term          INTEGER NOT NULL,
            acked         INTEGER NOT NULL,
            check_ver     INTEGER NOT NULL,
            answered      INTEGER NOT NULL,
            answered_term INTEGER,
            ver           INTEGER NOT NULL
        ) STRICT
    ;
INSERT INTO "sync" VALUES(1,3,2,0,1,3,5);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
COMMIT;
