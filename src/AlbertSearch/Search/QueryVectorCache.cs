using System.Security.Cryptography;
using System.Text;
using AlbertSearch.Models;

namespace AlbertSearch.Search;

/// <summary>
/// The vectors of the texts that were embedded last for searches, by model and text: people ask the same things again. The oldest in
/// use gives way. Keys are hashes, so that the size of a text doesn't count. Thread-safe.
/// </summary>
/// <param name="capacity">Most vectors; 0 for none.</param>
internal sealed class QueryVectorCache(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Key, LinkedListNode<(Key Key, EmbeddedQuery Query)>> _entries = [];
    private readonly LinkedList<(Key Key, EmbeddedQuery Query)> _byUse = new();

    /// <summary>The vectors of texts, in their order; those that are not kept are embedded in one batch.</summary>
    public async Task<IReadOnlyList<EmbeddedQuery>> EmbedAsync(ITextEmbedder embedder, IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var found = texts.Select(text => Find(embedder.ModelIdentity, text)).ToArray();
        var missing = Enumerable.Range(0, texts.Count).Where(i => found[i] is null).ToList();
        if (missing.Count > 0)
        {
            var embedded = await Task.Run(() => embedder.EmbedQueries(missing.ConvertAll(i => texts[i]), cancellationToken), cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < missing.Count; i++)
            {
                found[missing[i]] = embedded[i];
                Add(embedder.ModelIdentity, texts[missing[i]], embedded[i]);
            }
        }

        return found!;
    }

    /// <summary>A text's vector, or null.</summary>
    public EmbeddedQuery? Find(string modelIdentity, string text)
    {
        var key = Key.Of(modelIdentity, text);
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var node))
            {
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Query;
        }
    }

    /// <summary>Keeps a text's vector.</summary>
    public void Add(string modelIdentity, string text, EmbeddedQuery query)
    {
        if (capacity == 0)
        {
            return;
        }

        var key = Key.Of(modelIdentity, text);
        lock (_lock)
        {
            if (_entries.ContainsKey(key))
            {
                return;
            }

            if (_entries.Count == capacity)
            {
                _entries.Remove(_byUse.Last!.Value.Key);
                _byUse.RemoveLast();
            }

            _entries.Add(key, _byUse.AddFirst((key, query)));
        }
    }

    private readonly record struct Key(UInt128 High, UInt128 Low)
    {
        public static Key Of(string modelIdentity, string text)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(Encoding.UTF8.GetBytes(modelIdentity));
            hash.AppendData([0]);
            hash.AppendData(Encoding.UTF8.GetBytes(text));
            var (high, low) = Storage.ContentHash.FromBytes(hash.GetHashAndReset());
            return new Key(high, low);
        }
    }
}
