namespace AlbertSearch.Indexing;

/// <summary>One answer of a search.</summary>
/// <param name="Slot">The vector's slot.</param>
/// <param name="Score">Its dot product with the query: higher is closer.</param>
public readonly record struct Neighbor(int Slot, float Score) : IComparable<Neighbor>
{
    /// <summary>Orders best first: higher score, then smaller slot.</summary>
    public int CompareTo(Neighbor other)
    {
        var byScore = other.Score.CompareTo(Score);
        return byScore != 0 ? byScore : Slot.CompareTo(other.Slot);
    }

    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/>.</summary>
    public static bool operator <(Neighbor left, Neighbor right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> comes after <paramref name="right"/>.</summary>
    public static bool operator >(Neighbor left, Neighbor right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> comes before or equals <paramref name="right"/>.</summary>
    public static bool operator <=(Neighbor left, Neighbor right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> comes after or equals <paramref name="right"/>.</summary>
    public static bool operator >=(Neighbor left, Neighbor right) => left.CompareTo(right) >= 0;
}
