namespace AlbertSearch.Storage;

/// <summary>The two lines in which queued writes wait, so that one long text doesn't hold up many short ones.</summary>
public enum WriteLane
{
    /// <summary>Writes with no more than <see cref="QueuedWrite.LargeTextBytes"/> of text.</summary>
    Small,

    /// <summary>Writes with more.</summary>
    Large,
}
