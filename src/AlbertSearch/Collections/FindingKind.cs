namespace AlbertSearch.Collections;

/// <summary>What may be off in a collection.</summary>
public enum FindingKind
{
    /// <summary>A document has no chunks in the live generation: no search finds it. Examples are document ids.</summary>
    DocumentWithoutChunks,

    /// <summary>A document's text has not the hash that is stored with it. Examples are document ids.</summary>
    TextHashDiffers,

    /// <summary>A document's chunks are not numbered without gaps. Examples are document ids.</summary>
    ChunkNumbering,

    /// <summary>A chunk lies out of its document's text. Examples are document ids.</summary>
    ChunkOutOfText,

    /// <summary>Words of a document's text are in none of its chunks: no search finds them. Not looked for in a generation that cuts texts off. Examples are document ids.</summary>
    TextOutOfChunks,

    /// <summary>A document's metadata are not JSON: it can't be read. Not repaired: what they were is lost; send the document again. Examples are document ids.</summary>
    MetadataNotJson,

    /// <summary>A chunk belongs to no document of the collection. Examples are slots.</summary>
    ChunkWithoutDocument,

    /// <summary>A vector has not the dimension of its generation. Examples are document ids.</summary>
    VectorLength,

    /// <summary>A vector has a number that is not finite. Examples are document ids.</summary>
    VectorNotFinite,

    /// <summary>A vector's length is not 1. Examples are document ids.</summary>
    VectorNotNormalized,

    /// <summary>Two chunks of a generation have one slot. Examples are slots. Not repaired: the database file is damaged.</summary>
    SlotUsedTwice,

    /// <summary>The index lacks a vector that is stored. Examples are document ids.</summary>
    MissingInIndex,

    /// <summary>The index has another vector than the stored one. Examples are document ids.</summary>
    DiffersInIndex,

    /// <summary>The index has a vector that is not stored. Examples are slots.</summary>
    UnknownInIndex,

    /// <summary>A collection's or generation's counter is not the number of what it counts. Examples say both.</summary>
    Counter,

    /// <summary>An operation's documents are not those that are done, canceled or queued. Examples are operation ids.</summary>
    OperationTally,

    /// <summary>A queued write belongs to no operation. Examples are sequence numbers.</summary>
    QueuedWithoutOperation,

    /// <summary>A queued write has lost its content. Examples are sequence numbers.</summary>
    QueuedWithoutContent,

    /// <summary>The content of a write that is not queued, of any collection. Examples are sequence numbers.</summary>
    ContentWithoutQueued,
}
