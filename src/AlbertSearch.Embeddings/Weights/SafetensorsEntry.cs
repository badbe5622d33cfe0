namespace AlbertSearch.Embeddings.Weights;

/// <summary>A tensor as a safetensors header describes it, checked against the file.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="DataType">The element type as the header spells it, such as "F32" or "I64".</param>
/// <param name="Shape">Lengths, outermost first; none is negative.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">One past the last byte.</param>
internal sealed record SafetensorsEntry(string Name, string DataType, IReadOnlyList<long> Shape, long Begin, long End);
