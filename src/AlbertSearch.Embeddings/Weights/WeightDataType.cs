namespace AlbertSearch.Embeddings.Weights;

/// <summary>How a tensor's numbers are stored.</summary>
public enum WeightDataType
{
    /// <summary>IEEE binary32.</summary>
    F32,

    /// <summary>IEEE binary16.</summary>
    F16,

    /// <summary>The upper half of a binary32.</summary>
    BF16,
}
