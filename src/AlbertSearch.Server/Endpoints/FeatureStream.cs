using System.Runtime.CompilerServices;
using AlbertSearch.Embeddings;
using AlbertSearch.Embeddings.Albert;

namespace AlbertSearch.Server.Endpoints;

/// <summary>Computes the features of many samples while the answer is written: the states of all their tokens would not fit in memory at once.</summary>
internal static class FeatureStream
{
    private const int SamplesOfSlice = 256;
    private const int SamplesOfSequenceSlice = 16;

    /// <summary>Computes the first slice, so that a fault of the model is an error status still, and returns a stream that goes on from there.</summary>
    /// <param name="model">The model.</param>
    /// <param name="gate">Keeps others out of the model.</param>
    /// <param name="samples">Texts and pairs, one at least.</param>
    /// <param name="wanted">Which features to compute.</param>
    /// <param name="maxTokens">Cut to this many tokens; null for the model's own limit.</param>
    /// <param name="cancellationToken">Cancels between layers.</param>
    /// <exception cref="NotSupportedException">The model can't compute what is wanted.</exception>
    public static async Task<IAsyncEnumerable<TextFeatures>> StartAsync(
        EmbeddingModel model,
        ModelGate gate,
        IReadOnlyList<TextSample> samples,
        FeatureKinds wanted,
        int? maxTokens,
        CancellationToken cancellationToken)
    {
        var slices = samples.Chunk(wanted.HasFlag(FeatureKinds.Sequence) ? SamplesOfSequenceSlice : SamplesOfSlice).ToList();
        var first = await ComputeAsync(slices[0], cancellationToken);
        return RestAsync(cancellationToken);

        async IAsyncEnumerable<TextFeatures> RestAsync([EnumeratorCancellation] CancellationToken cancellation)
        {
            for (var i = 0; i < slices.Count; i++)
            {
                foreach (var features in i == 0 ? first : await ComputeAsync(slices[i], cancellation))
                {
                    yield return features;
                }
            }
        }

        Task<IReadOnlyList<TextFeatures>> ComputeAsync(TextSample[] slice, CancellationToken cancellation) =>
            gate.RunAsync(() => model.GetEmbeddings(slice, wanted, maxTokens, BatchPriority.Interactive, cancellation), cancellation);
    }
}
