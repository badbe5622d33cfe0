namespace AlbertSearch.Testing.Crash;

/// <summary>Names a document, or with an empty id a collection itself.</summary>
/// <param name="Collection">The collection's name.</param>
/// <param name="Id">The document's id.</param>
public readonly record struct DocumentKey(string Collection, string Id)
{
    /// <summary>The collection's own key: it is there like a document of its own.</summary>
    public static DocumentKey Of(string collection) => new(collection, string.Empty);

    /// <summary>Whether it names a collection.</summary>
    public bool IsCollection => Id.Length == 0;

    /// <inheritdoc />
    public override string ToString() => IsCollection ? $"collection '{Collection}'" : $"document '{Id}' of '{Collection}'";
}
