namespace AlbertSearch.Server.Responses;

/// <summary>How the server is.</summary>
/// <param name="Status"><c>live</c> or <c>ready</c>.</param>
internal sealed record HealthResponse(string Status);
