namespace AlbertSearch.Storage;

/// <summary>The life of a generation.</summary>
public enum GenerationState
{
    /// <summary>Takes writes, and is being filled with what was there before; not searched yet.</summary>
    Building,

    /// <summary>Takes writes and is searched; a collection has one at most.</summary>
    Live,

    /// <summary>Takes nothing, is not searched, and waits to be deleted.</summary>
    Retired,
}
