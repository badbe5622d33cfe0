namespace AlbertSearch.Testing.Crash;

/// <summary>
/// What one client knows of its own documents: the last version of each that the server acknowledged, and the writes whose
/// answer it never saw. A version is a document's text; null stands for "not there". Not thread-safe: one ledger a client.
/// </summary>
public sealed class DocumentLedger
{
    private readonly Dictionary<string, string?> _acknowledged = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _unanswered = new(StringComparer.Ordinal);

    /// <summary>Every id that was ever sent.</summary>
    public IEnumerable<string> Ids => _acknowledged.Keys.Union(_unanswered.Keys, StringComparer.Ordinal);

    /// <summary>Ids that are there for certain.</summary>
    public IReadOnlyList<string> Present => [.. _acknowledged.Where(pair => pair.Value is not null && !_unanswered.ContainsKey(pair.Key)).Select(pair => pair.Key)];

    /// <summary>Notes writes before they are sent.</summary>
    public void Sending(IEnumerable<KeyValuePair<string, string?>> versions)
    {
        foreach (var (id, text) in versions)
        {
            _unanswered[id] = text;
        }
    }

    /// <summary>Notes that the server acknowledged what was sent.</summary>
    public void Acknowledged(IEnumerable<KeyValuePair<string, string?>> versions)
    {
        foreach (var (id, text) in versions)
        {
            _acknowledged[id] = text;
            _unanswered.Remove(id);
        }
    }

    /// <summary>Whether a version is one that the promises allow: the last acknowledged one, or the one whose answer was lost.</summary>
    public bool Allows(string id, string? text)
        => string.Equals(_acknowledged.GetValueOrDefault(id), text, StringComparison.Ordinal)
            || (_unanswered.TryGetValue(id, out var lost) && string.Equals(lost, text, StringComparison.Ordinal));

    /// <summary>Takes what the server holds after a restart as the new truth: lost answers are settled one way or the other.</summary>
    public void Settle(string id, string? text)
    {
        _acknowledged[id] = text;
        _unanswered.Remove(id);
    }

    /// <summary>Says what was expected of an id.</summary>
    public string Describe(string id)
        => $"acknowledged '{_acknowledged.GetValueOrDefault(id) ?? "nothing"}'" + (_unanswered.TryGetValue(id, out var lost) ? $", without an answer '{lost ?? "delete"}'" : "");
}
