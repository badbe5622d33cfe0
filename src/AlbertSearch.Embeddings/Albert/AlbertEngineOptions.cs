namespace AlbertSearch.Embeddings.Albert;

/// <summary>How an <see cref="AlbertEngine"/> computes.</summary>
public sealed record AlbertEngineOptions
{
    /// <summary>Threads that compute, at least 1; more than there are processors is slower. Results do not depend on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>The layers' arithmetic.</summary>
    public Precision Precision { get; init; } = Precision.Fp32;
}
