namespace AlbertSearch.Testing.Crash;

/// <summary>
/// What one client knows of its own documents: what the server acknowledged of each, and the changes of the one request whose
/// answer it has not seen. Not thread-safe: one ledger a client.
/// </summary>
public sealed class DocumentLedger
{
    private readonly Dictionary<DocumentKey, DocumentVersion> _acknowledged = [];
    private IReadOnlyList<DocumentChange> _unanswered = [];
    private bool _inParts;

    /// <summary>Every document that is there for certain; not those that the unanswered request touches.</summary>
    public IReadOnlyList<KeyValuePair<DocumentKey, DocumentVersion>> Present =>
        [.. _acknowledged.Where(pair => !pair.Key.IsCollection && !_unanswered.Any(change => change.Key == pair.Key))];

    /// <summary>How many documents a collection holds of this client's.</summary>
    public int Count(string collection) => _acknowledged.Keys.Count(key => key.Collection == collection && !key.IsCollection);

    /// <summary>Whether an own collection is there.</summary>
    public bool Has(DocumentKey key) => _acknowledged.ContainsKey(key);

    /// <summary>Notes what a request does before it is sent.</summary>
    /// <param name="changes">In their order.</param>
    /// <param name="inParts">Whether a part of them, from the first, may be done when the answer is lost; else all or nothing.</param>
    public void Sending(IReadOnlyList<DocumentChange> changes, bool inParts = false)
    {
        _unanswered = changes;
        _inParts = inParts;
    }

    /// <summary>Notes that the server acknowledged what was sent.</summary>
    public void Acknowledged() => Take(_unanswered.Count);

    /// <summary>Notes that the server refused what was sent, so that nothing was changed.</summary>
    public void Refused() => Take(0);

    /// <summary>Compares with what the server holds after a restart, and settles the lost answer one way or the other.</summary>
    /// <param name="stored">What the server holds of this client's.</param>
    /// <param name="done">How many of the unanswered changes must be done; null when that is not known.</param>
    /// <returns>Null when a promise that allows it exists; else what is wrong.</returns>
    public string? Settle(IReadOnlyDictionary<DocumentKey, DocumentVersion> stored, int? done = null)
    {
        var expected = new Dictionary<DocumentKey, DocumentVersion>(_acknowledged);
        string? wrong = null;
        for (var count = 0; count <= _unanswered.Count; count++)
        {
            if (count > 0)
            {
                Apply(expected, _unanswered[count - 1]);
            }

            if (done is { } exactly ? count != exactly : !_inParts && count > 0 && count < _unanswered.Count)
            {
                continue;
            }

            var difference = Difference(expected, stored);
            if (difference is null)
            {
                Take(count);
                return null;
            }

            wrong = $"{wrong}{(wrong is null ? "" : "; ")}with {count} of {_unanswered.Count} unanswered changes: {difference}";
        }

        return wrong ?? $"{done} of {_unanswered.Count} unanswered changes can't be done";
    }

    private static string? Difference(Dictionary<DocumentKey, DocumentVersion> expected, IReadOnlyDictionary<DocumentKey, DocumentVersion> stored)
    {
        foreach (var key in expected.Keys.Union(stored.Keys))
        {
            var (wanted, found) = (expected.GetValueOrDefault(key), stored.GetValueOrDefault(key));
            if (wanted != found)
            {
                return $"{key} should be {wanted?.ToString() ?? "absent"}, but is {found?.ToString() ?? "absent"}";
            }
        }

        return null;
    }

    private static void Apply(Dictionary<DocumentKey, DocumentVersion> documents, DocumentChange change)
    {
        if (change.Version is { } version)
        {
            documents[change.Key] = version;
        }
        else
        {
            documents.Remove(change.Key);
        }
    }

    private void Take(int count)
    {
        foreach (var change in _unanswered.Take(count))
        {
            Apply(_acknowledged, change);
        }

        _unanswered = [];
    }
}
