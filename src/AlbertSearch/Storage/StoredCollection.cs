namespace AlbertSearch.Storage;

/// <summary>A collection as it is stored.</summary>
/// <param name="Key">Names it inside the storage.</param>
/// <param name="Name">Names it in the API.</param>
/// <param name="Generations">Its generations that are building or live, oldest first.</param>
public sealed record StoredCollection(long Key, string Name, IReadOnlyList<Generation> Generations)
{
    /// <summary>The generation that is searched; null while the first one is being built.</summary>
    public Generation? Live => Generations.FirstOrDefault(generation => generation.State == GenerationState.Live);
}
