using AlbertSearch.Indexing.Flat;
using AlbertSearch.Storage;
using AlbertSearch.Storage.Sqlite;

namespace AlbertSearch.Tests.Storage.Sqlite;

public sealed class GenerationIndexTests : IDisposable
{
    private static readonly float[] Vector = [1, 0];

    private static readonly Generation TestGeneration = new() { Key = 1, Collection = 1, State = GenerationState.Live, Settings = StorageUnderTest.Settings(), Chunks = 0 };

    private readonly GenerationIndex _index = new(TestGeneration, new FlatIndex(2));

    public void Dispose() => _index.Dispose();

    [Fact]
    public async Task Gaps_between_restored_slots_are_used_first()
    {
        _index.Reserve(1);
        _index.Reserve(4);
        var slots = Enumerable.Range(0, 4).Select(_ => _index.InsertInTransition("a", Vector)).ToList();
        Assert.Equal([0, 2, 3, 5], slots);

        await _index.EndTransitionAsync(slots, []);
        Assert.All(slots, slot => Assert.Null(_index.FindInTransition(slot)));
    }

    [Fact]
    public async Task Dropped_slot_stays_until_the_searches_before_have_ended_and_is_known_until_those_after_have()
    {
        var slot = _index.InsertInTransition("a", Vector);
        await _index.EndTransitionAsync([slot], []);
        var before = _index.Searches.Enter();
        _index.MarkInTransition(slot, "a");
        var ending = _index.EndTransitionAsync([], [slot]);
        Assert.True(_index.Index.Contains(slot));

        var during = _index.Searches.Enter();
        _index.Searches.Leave(before);
        while (_index.Index.Contains(slot))
        {
            await Task.Yield();
        }

        Assert.Equal("a", _index.FindInTransition(slot));
        Assert.NotEqual(slot, _index.InsertInTransition("b", Vector));
        _index.Searches.Leave(during);
        await ending;
        Assert.Null(_index.FindInTransition(slot));
        Assert.Equal(slot, _index.InsertInTransition("c", Vector));
    }

    [Fact]
    public void Vector_that_the_index_refuses_leaves_no_trace()
    {
        Assert.Throws<ArgumentException>(() => _index.InsertInTransition("a", [float.NaN, 0]));
        Assert.Null(_index.FindInTransition(0));
        Assert.Equal(0, _index.InsertInTransition("a", Vector));
    }
}
