namespace AlbertSearch.Indexing.Tests;

/// <summary>What every <see cref="IVectorIndex"/> promises; each implementation's tests inherit it.</summary>
public abstract class VectorIndexContract
{
    private const int Dimension = 24;

    /// <summary>Makes an empty index.</summary>
    protected abstract IVectorIndex Create(int dimension);

    [Fact]
    public void Search_empty_index_finds_nothing()
    {
        using var index = Create(Dimension);
        Assert.Equal(0, index.Search(RandomVectors.Units(1, 1, Dimension)[0], default, new Neighbor[5]));
        Assert.Equal(0, index.Count);
        Assert.False(index.Contains(0));
    }

    [Fact]
    public void Search_no_results_wanted_finds_nothing()
    {
        using var index = Filled(10, out var vectors);
        Assert.Equal(0, index.Search(vectors[0], default, []));
    }

    [Fact]
    public void Search_one_element_finds_it_with_its_dot_product()
    {
        using var index = Create(3);
        index.Insert(7, [1f, 2f, 3f]);
        var results = new Neighbor[4];
        Assert.Equal(1, index.Search([0.5f, -1f, 2f], default, results));
        Assert.Equal(7, results[0].Slot);
        Assert.Equal(4.5f, results[0].Score, 1e-6f);
        Assert.Equal(4.5f, index.Score([0.5f, -1f, 2f], 7), 1e-6f);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Search_k_over_count_finds_all_best_first(bool exact)
    {
        using var index = Filled(50, out var vectors);
        var query = RandomVectors.Units(99, 1, Dimension)[0];
        var results = new Neighbor[80];
        var found = index.Search(query, new VectorSearchParameters { Exact = exact }, results);
        Assert.Equal(Expected(vectors, query).Select(n => n.Slot), results.Take(found).Select(n => n.Slot));
    }

    [Fact]
    public void Search_exact_equals_the_definition()
    {
        using var index = Filled(500, out var vectors);
        foreach (var query in RandomVectors.Units(5, 20, Dimension))
        {
            var results = new Neighbor[10];
            Assert.Equal(10, index.Search(query, new VectorSearchParameters { Exact = true }, results));
            var expected = Expected(vectors, query).Take(10).ToArray();
            for (var i = 0; i < 10; i++)
            {
                Assert.Equal(expected[i].Slot, results[i].Slot);
                Assert.Equal(expected[i].Score, results[i].Score, 1e-5f);
                Assert.Equal(results[i].Score, index.Score(query, results[i].Slot));
            }
        }
    }

    [Fact]
    public void Search_equal_scores_come_by_slot()
    {
        using var index = Create(2);
        foreach (var slot in new[] { 9, 3, 5, 1, 7 })
        {
            index.Insert(slot, [0.6f, 0.8f]);
        }

        var results = new Neighbor[3];
        Assert.Equal(3, index.Search([1f, 1f], default, results));
        Assert.Equal([1, 3, 5], results.Select(n => n.Slot));
        Assert.Single(results.Select(n => n.Score).Distinct());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Search_allowed_finds_these_alone(bool exact)
    {
        using var index = Filled(300, out var vectors);
        var allowed = new SlotSet();
        foreach (var slot in Enumerable.Range(0, 300).Where(s => s % 37 == 5))
        {
            allowed.Add(slot);
        }

        allowed.Add(100_000);
        var query = RandomVectors.Units(8, 1, Dimension)[0];
        var results = new Neighbor[20];
        var found = index.Search(query, new VectorSearchParameters { Exact = exact, Allowed = allowed }, results);
        Assert.Equal(Expected(vectors, query).Where(n => n.Slot % 37 == 5).Select(n => n.Slot), results.Take(found).Select(n => n.Slot));
    }

    [Fact]
    public void Search_nothing_allowed_finds_nothing()
    {
        using var index = Filled(30, out var vectors);
        Assert.Equal(0, index.Search(vectors[0], new VectorSearchParameters { Allowed = new SlotSet(100) }, new Neighbor[5]));
    }

    [Fact]
    public void Remove_slot_is_no_longer_found()
    {
        using var index = Filled(40, out var vectors);
        Assert.True(index.Remove(13));
        Assert.False(index.Remove(13));
        Assert.False(index.Remove(4000));
        Assert.False(index.Contains(13));
        Assert.Equal(39, index.Count);
        var results = new Neighbor[40];
        Assert.Equal(39, index.Search(vectors[13], default, results));
        Assert.DoesNotContain(13, results.Take(39).Select(n => n.Slot));
        Assert.Throws<ArgumentException>(() => index.Score(vectors[0], 13));
    }

    [Fact]
    public void Remove_all_then_insert_starts_anew()
    {
        using var index = Filled(40, out var vectors);
        for (var slot = 0; slot < 40; slot++)
        {
            Assert.True(index.Remove(slot));
        }

        Assert.Equal(0, index.Search(vectors[0], default, new Neighbor[3]));
        index.Insert(5, vectors[6]);
        var results = new Neighbor[3];
        Assert.Equal(1, index.Search(vectors[6], default, results));
        Assert.Equal(5, results[0].Slot);
    }

    [Fact]
    public void Insert_removed_slot_holds_the_new_vector()
    {
        using var index = Filled(40, out var vectors);
        index.Remove(3);
        index.Insert(3, vectors[20]);
        var results = new Neighbor[2];
        index.Search(vectors[20], default, results);
        Assert.Equal([3, 20], results.Select(n => n.Slot));
        Assert.Equal(40, index.Count);
    }

    [Fact]
    public void Insert_bad_vector_or_slot_is_refused_and_changes_nothing()
    {
        using var index = Filled(10, out var vectors);
        var withNaN = (float[])vectors[0].Clone();
        withNaN[17] = float.NaN;
        var withInfinity = (float[])vectors[0].Clone();
        withInfinity[Dimension - 1] = float.NegativeInfinity;
        Assert.Contains("position 17", Assert.Throws<ArgumentException>(() => index.Insert(50, withNaN)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => index.Insert(50, withInfinity));
        Assert.Throws<ArgumentException>(() => index.Insert(50, new float[Dimension]));
        Assert.Throws<ArgumentException>(() => index.Insert(50, new float[Dimension - 1]));
        Assert.Throws<ArgumentException>(() => index.Insert(3, vectors[4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Insert(-1, vectors[4]));
        Assert.Equal(10, index.Count);
        Assert.False(index.Contains(50));
        Assert.Equal(1f, index.Score(vectors[3], 3), 1e-5f);
    }

    [Fact]
    public void Search_bad_query_is_refused()
    {
        using var index = Filled(10, out var vectors);
        var withNaN = (float[])vectors[0].Clone();
        withNaN[0] = float.NaN;
        Assert.Throws<ArgumentException>(() => index.Search(withNaN, default, new Neighbor[1]));
        Assert.Throws<ArgumentException>(() => index.Search(new float[Dimension], default, new Neighbor[1]));
        Assert.Throws<ArgumentException>(() => index.Search(new float[Dimension + 1], default, new Neighbor[1]));
        Assert.Throws<ArgumentException>(() => index.OpenCursor(withNaN, default));
        Assert.Throws<ArgumentException>(() => index.Score(new float[Dimension], 1));
    }

    [Fact]
    public void Search_cancelled_throws()
    {
        using var index = Filled(10, out var vectors);
        Assert.Throws<OperationCanceledException>(() => index.Search(vectors[0], new VectorSearchParameters { Exact = true }, new Neighbor[1], new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Cursor_read_in_steps_equals_one_search(bool exact)
    {
        using var index = Filled(200, out var vectors);
        var query = RandomVectors.Units(77, 1, Dimension)[0];
        using var cursor = index.OpenCursor(query, new VectorSearchParameters { Exact = exact });
        var read = new List<int>();
        var step = new Neighbor[7];
        for (int n; (n = cursor.ReadNext(step)) > 0;)
        {
            read.AddRange(step.Take(n).Select(x => x.Slot));
        }

        Assert.Equal(Expected(vectors, query).Select(n => n.Slot), read);
        Assert.Equal(0, cursor.ReadNext(step));
    }

    [Fact]
    public void Cursor_allowed_reads_these_alone()
    {
        using var index = Filled(200, out var vectors);
        var allowed = new SlotSet();
        for (var slot = 50; slot < 80; slot++)
        {
            allowed.Add(slot);
        }

        using var cursor = index.OpenCursor(vectors[0], new VectorSearchParameters { Allowed = allowed });
        var results = new Neighbor[100];
        Assert.Equal(30, cursor.ReadNext(results));
        Assert.Equal(Enumerable.Range(50, 30), results.Take(30).Select(n => n.Slot).Order());
    }

    [Fact]
    public void Dispose_then_use_is_refused()
    {
        var index = Filled(3, out var vectors);
        index.Dispose();
        index.Dispose();
        Assert.Throws<ObjectDisposedException>(() => index.Search(vectors[0], default, new Neighbor[1]));
        Assert.Throws<ObjectDisposedException>(() => index.Insert(9, vectors[0]));
        Assert.Throws<ObjectDisposedException>(() => index.Remove(1));
    }

    /// <summary>
    /// Writers hold and release slots whose vectors name their slot; every answer must be of a slot that was alive at some time during
    /// the call, with the score of the vector that this slot always holds.
    /// </summary>
    [Fact]
    public async Task Search_beside_writers_answers_only_what_was_alive()
    {
        const int Slots = 400;
        const int Stable = 100;
        const int Rounds = 2_000;
        using var index = Create(Dimension);
        var vectors = RandomVectors.Units(21, Slots, Dimension);
        for (var slot = 0; slot < Stable; slot++)
        {
            index.Insert(slot, vectors[slot]);
        }

        // Even: released. Odd: being inserted, held, or being removed. Counted up before an insert and after a remove.
        var versions = new int[Slots];
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 2).Select(w => Task.Run(() =>
        {
            var random = new Random(w);
            for (var round = 0; round < Rounds; round++)
            {
                var slot = Stable + (2 * random.Next((Slots - Stable) / 2)) + w;
                if ((versions[slot] & 1) == 0)
                {
                    Interlocked.Increment(ref versions[slot]);
                    index.Insert(slot, vectors[slot]);
                }
                else
                {
                    Assert.True(index.Remove(slot));
                    Interlocked.Increment(ref versions[slot]);
                }
            }
        })).ToArray();

        var readers = Enumerable.Range(0, 2).Select(r => Task.Run(() =>
        {
            var random = new Random(100 + r);
            var before = new int[Slots];
            var results = new Neighbor[10];
            var searches = 0;
            do
            {
                var query = vectors[random.Next(Slots)];
                for (var i = 0; i < Slots; i++)
                {
                    before[i] = Volatile.Read(ref versions[i]);
                }

                var found = index.Search(query, new VectorSearchParameters { Ef = 10, Exact = random.Next(3) == 0 }, results);
                Assert.Equal(10, found);
                for (var i = 0; i < found; i++)
                {
                    var slot = results[i].Slot;
                    Assert.True(slot < Stable || (before[slot] & 1) != 0 || Volatile.Read(ref versions[slot]) != before[slot], $"slot {slot} was not alive");
                    Assert.Equal(Dot(query, vectors[slot]), results[i].Score, 1e-5f);
                    Assert.True(i == 0 || results[i - 1] < results[i], "results are not in order");
                }

                searches++;
            }
            while (!stop.IsCancellationRequested);
            return searches;
        })).ToArray();

        var disturbance = Task.Run(() => Disturb(index, stop.Token));
        await Task.WhenAll(writers);
        await stop.CancelAsync();
        await disturbance;
        Assert.All(await Task.WhenAll(readers), searches => Assert.True(searches > 0));
        Assert.Equal(Stable + versions.Count(v => (v & 1) != 0), index.Count);
    }

    /// <summary>What else an implementation does beside searches and writers, until it is told to stop.</summary>
    protected virtual void Disturb(IVectorIndex index, CancellationToken ended)
    {
    }

    /// <summary>Every slot with its dot product by definition, best first.</summary>
    protected static IEnumerable<Neighbor> Expected(float[][] vectors, float[] query) =>
        vectors.Select((v, slot) => new Neighbor(slot, Dot(query, v))).Order();

    private static float Dot(float[] a, float[] b) => (float)a.Zip(b, (x, y) => (double)x * y).Sum();

    private IVectorIndex Filled(int count, out float[][] vectors)
    {
        var index = Create(Dimension);
        vectors = RandomVectors.Units(42, count, Dimension);
        for (var slot = 0; slot < count; slot++)
        {
            index.Insert(slot, vectors[slot]);
        }

        return index;
    }
}
