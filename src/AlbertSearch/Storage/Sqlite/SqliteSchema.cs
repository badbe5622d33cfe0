namespace AlbertSearch.Storage.Sqlite;

/// <summary>
/// The tables, as a list of forward migrations: the one at index i leads from version i to i + 1. A migration that was
/// released is never changed; what comes later is a new one at the end.
/// </summary>
internal static class SqliteSchema
{
    /// <summary>Marks the file as AlbertSearch's (<c>ALBS</c>).</summary>
    public const int ApplicationId = 0x414C4253;

    /// <summary>All migrations, in order.</summary>
    public static IReadOnlyList<string> Migrations { get; } =
    [
        """
        CREATE TABLE collections (
            key INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('live', 'deleting')),
            documents INTEGER NOT NULL DEFAULT 0,
            text_bytes INTEGER NOT NULL DEFAULT 0,
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX collections_name ON collections (name) WHERE state = 'live';

        CREATE TABLE generations (
            key INTEGER PRIMARY KEY AUTOINCREMENT,
            collection INTEGER NOT NULL REFERENCES collections (key),
            state TEXT NOT NULL CHECK (state IN ('building', 'live', 'retired')),
            model_name TEXT NOT NULL,
            model_identity TEXT NOT NULL,
            dimension INTEGER NOT NULL,
            pooling TEXT NOT NULL,
            chunking TEXT NOT NULL,
            index_parameters TEXT NOT NULL,
            chunks INTEGER NOT NULL DEFAULT 0,
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX generations_collection ON generations (collection);
        CREATE UNIQUE INDEX generations_live ON generations (collection) WHERE state = 'live';

        CREATE TABLE documents (
            key INTEGER PRIMARY KEY AUTOINCREMENT,
            collection INTEGER NOT NULL REFERENCES collections (key),
            id TEXT NOT NULL,
            revision INTEGER NOT NULL,
            content_hash BLOB NOT NULL,
            updated_at INTEGER NOT NULL,
            metadata TEXT,
            text TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX documents_id ON documents (collection, id);

        CREATE TABLE chunks (
            key INTEGER PRIMARY KEY AUTOINCREMENT,
            generation INTEGER NOT NULL REFERENCES generations (key),
            slot INTEGER NOT NULL,
            document INTEGER NOT NULL REFERENCES documents (key),
            ordinal INTEGER NOT NULL,
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            vector BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX chunks_slot ON chunks (generation, slot);
        -- Covers what a search needs of a candidate, so that the wide rows are not touched.
        CREATE INDEX chunks_place ON chunks (generation, slot, document, ordinal, start, "end");
        -- Covers what a filtered search needs of a document.
        CREATE UNIQUE INDEX chunks_document ON chunks (document, generation, ordinal, slot);

        CREATE TABLE operations (
            key INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL,
            collection INTEGER NOT NULL,
            collection_name TEXT NOT NULL,
            kind TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('accepted', 'running', 'completed', 'failed', 'canceled')),
            -- 1 for a body that came in line by line: places are lines then.
            bulk INTEGER NOT NULL,
            -- 0 while it comes in, 1 when it is whole, 2 when it was cut off.
            sealed INTEGER NOT NULL,
            documents INTEGER NOT NULL DEFAULT 0,
            settled INTEGER NOT NULL DEFAULT 0,
            added INTEGER NOT NULL DEFAULT 0,
            updated INTEGER NOT NULL DEFAULT 0,
            unchanged INTEGER NOT NULL DEFAULT 0,
            deleted INTEGER NOT NULL DEFAULT 0,
            failed INTEGER NOT NULL DEFAULT 0,
            canceled INTEGER NOT NULL DEFAULT 0,
            tokens INTEGER NOT NULL DEFAULT 0,
            truncated_tokens INTEGER NOT NULL DEFAULT 0,
            lines INTEGER NOT NULL DEFAULT 0,
            idempotency_key TEXT,
            request_hash BLOB,
            error TEXT,
            created_at INTEGER NOT NULL,
            started_at INTEGER,
            finished_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX operations_id ON operations (id);
        CREATE UNIQUE INDEX operations_idempotency_key ON operations (idempotency_key) WHERE idempotency_key IS NOT NULL;
        CREATE INDEX operations_state ON operations (state, key);
        CREATE INDEX operations_finished ON operations (finished_at) WHERE finished_at IS NOT NULL;

        -- The queue: a document each. The sequence number orders all writes for good.
        CREATE TABLE operation_rows (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            operation INTEGER NOT NULL REFERENCES operations (key),
            collection INTEGER NOT NULL,
            document_id TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('upsert', 'delete', 'patch')),
            place INTEGER NOT NULL,
            if_revision INTEGER,
            bytes INTEGER NOT NULL,
            attempt INTEGER NOT NULL DEFAULT 0,
            lease_owner TEXT,
            lease_expires INTEGER,
            error TEXT
        ) STRICT;
        CREATE INDEX operation_rows_document ON operation_rows (collection, document_id, sequence);
        CREATE INDEX operation_rows_operation ON operation_rows (operation, sequence);
        CREATE INDEX operation_rows_lease ON operation_rows (lease_expires) WHERE lease_expires IS NOT NULL;
        -- Rows that need no embedding go first.
        CREATE INDEX operation_rows_light ON operation_rows (sequence) WHERE kind <> 'upsert';

        -- Apart from the rows, so that taking a lease doesn't rewrite the texts.
        CREATE TABLE operation_payloads (
            sequence INTEGER PRIMARY KEY REFERENCES operation_rows (sequence),
            metadata TEXT,
            condition TEXT,
            text TEXT
        ) STRICT;

        CREATE TABLE operation_failures (
            key INTEGER PRIMARY KEY AUTOINCREMENT,
            operation INTEGER NOT NULL REFERENCES operations (key),
            place INTEGER,
            line INTEGER,
            "column" INTEGER,
            document_id TEXT,
            code TEXT NOT NULL,
            message TEXT NOT NULL
        ) STRICT;
        CREATE INDEX operation_failures_operation ON operation_failures (operation, key);
        """,
        """
        -- The snapshot of each generation's graph that belongs to this state of the database. The id is random, and in the file's name and header.
        CREATE TABLE index_files (
            generation INTEGER PRIMARY KEY REFERENCES generations (key) ON DELETE CASCADE,
            id BLOB NOT NULL CHECK (length(id) = 16),
            -- The key of a chunk that is in the file, with all before it: later ones are added at the start.
            applied INTEGER NOT NULL
        ) STRICT;
        """,
        """
        -- The bound is QueuedWrite.LargeTextBytes: large texts wait in a lane of their own.
        CREATE INDEX operation_rows_large ON operation_rows (sequence) WHERE bytes > 16384;
        """,
        """
        -- What is written here is a collection's own from now on; until now it was the configuration's.
        UPDATE generations SET index_parameters = '{}';
        """,
    ];
}
