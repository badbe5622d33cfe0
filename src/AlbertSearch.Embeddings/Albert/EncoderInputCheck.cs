namespace AlbertSearch.Embeddings.Albert;

/// <summary>Refuses a batch that the model can't take, before anything is computed.</summary>
internal static class EncoderInputCheck
{
    /// <summary>Checks lengths, ids and the outputs' sizes.</summary>
    /// <exception cref="ArgumentException">One of them is out of range; the message says which, where and what is allowed.</exception>
    public static void Check(RaggedBatch batch, EncoderOutputs outputs, AlbertConfig config, bool hasPooler)
    {
        var starts = batch.Starts;
        for (var sequence = 0; sequence < batch.Count; sequence++)
        {
            var length = starts[sequence + 1] - starts[sequence];
            if (length > config.MaxPositions)
            {
                throw new ArgumentException($"Sequence {sequence} has {length} tokens; the model takes at most {config.MaxPositions}.", nameof(batch));
            }
        }

        CheckIds(batch.Ids, config.VocabularySize, "Token id", nameof(batch));
        CheckIds(batch.SegmentIds, config.TypeVocabularySize, "Segment id", nameof(batch));
        CheckLength(outputs.LastHiddenState.Length, (long)batch.TokenCount * config.HiddenSize, nameof(outputs.LastHiddenState), nameof(outputs));
        CheckLength(outputs.PoolerOutput.Length, (long)batch.Count * config.HiddenSize, nameof(outputs.PoolerOutput), nameof(outputs));
        if (!hasPooler && !outputs.PoolerOutput.IsEmpty)
        {
            throw new ArgumentException("The model has no pooler, so there is no pooler output.", nameof(outputs));
        }
    }

    private static void CheckIds(ReadOnlySpan<int> ids, int limit, string what, string paramName)
    {
        for (var i = 0; i < ids.Length; i++)
        {
            if ((uint)ids[i] >= (uint)limit)
            {
                throw new ArgumentException($"{what} {ids[i]} at token {i} of the batch is not in 0 to {limit - 1}.", paramName);
            }
        }
    }

    private static void CheckLength(int length, long needed, string what, string paramName)
    {
        if (length != 0 && length != needed)
        {
            throw new ArgumentException($"{what} has room for {length} floats; the batch gives {needed}. Leave it empty when it is not wanted.", paramName);
        }
    }
}
