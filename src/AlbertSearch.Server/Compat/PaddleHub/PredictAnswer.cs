namespace AlbertSearch.Server.Compat.PaddleHub;

/// <summary>What PaddleHub Serving answers with.</summary>
/// <param name="Msg">Why it could not be done; empty when it was.</param>
/// <param name="Results">A list with an element for each sample; an empty string when it could not be done.</param>
/// <param name="Status"><c>000</c>, <c>101</c>, <c>111</c> or <c>112</c>.</param>
internal sealed record PredictAnswer<T>(string Msg, T Results, string Status);
