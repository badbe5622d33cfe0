namespace AlbertSearch.Server.Responses;

/// <summary>The measured recall of an index.</summary>
/// <param name="Recall">The share of the true neighbours that searches find, from 0 to 1.</param>
/// <param name="Samples">Stored vectors that were searched for at most.</param>
/// <param name="K">Neighbours of each.</param>
/// <param name="Ef">Width of the searches.</param>
internal sealed record IndexCheckResponse(double Recall, int Samples, int K, int Ef);
