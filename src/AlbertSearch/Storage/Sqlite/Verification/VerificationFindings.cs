using AlbertSearch.Collections;

namespace AlbertSearch.Storage.Sqlite.Verification;

/// <summary>Collects findings: all are counted, a few are told. Not thread-safe.</summary>
internal sealed class VerificationFindings
{
    /// <summary>Examples that are kept of a kind.</summary>
    public const int MostExamples = 10;

    private readonly SortedDictionary<FindingKind, (long Count, List<string> Examples)> _byKind = [];

    /// <summary>Findings of all kinds.</summary>
    public long Total { get; private set; }

    /// <summary>Adds a finding.</summary>
    public void Add(FindingKind kind, string example)
    {
        var (count, examples) = _byKind.TryGetValue(kind, out var found) ? found : (0, []);
        if (examples.Count < MostExamples)
        {
            examples.Add(example);
        }

        _byKind[kind] = (count + 1, examples);
        Total++;
    }

    /// <summary>All findings, a kind once.</summary>
    public IReadOnlyList<VerificationFinding> ToList() => [.. _byKind.Select(entry => new VerificationFinding(entry.Key, entry.Value.Count, entry.Value.Examples))];
}
