namespace AlbertSearch.Server.Requests;

/// <summary>What <c>POST /collections/{name}/check</c> asks for.</summary>
internal sealed record IndexCheckRequest
{
    /// <summary>Stored vectors that are searched for; all when there are fewer.</summary>
    public int Samples { get; init; } = 100;

    /// <summary>Neighbours of each that should be found.</summary>
    public int K { get; init; } = 10;

    /// <summary>Width of the searches; null for the configured one.</summary>
    public int? Ef { get; init; }
}
