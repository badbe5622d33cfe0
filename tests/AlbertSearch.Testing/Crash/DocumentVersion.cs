namespace AlbertSearch.Testing.Crash;

/// <summary>What a document holds.</summary>
/// <param name="Text">Its text: no two versions have the same.</param>
/// <param name="Group">Metadata that deletions by filter go by.</param>
/// <param name="Note">Metadata that patches change; null when absent.</param>
public sealed record DocumentVersion(string Text, string Group, string? Note = null)
{
    /// <summary>Stands for a collection that is there.</summary>
    public static DocumentVersion Collection { get; } = new("there", string.Empty);
}
