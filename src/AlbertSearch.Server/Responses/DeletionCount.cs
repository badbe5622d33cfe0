namespace AlbertSearch.Server.Responses;

/// <summary>What a deletion by filter would delete.</summary>
/// <param name="Documents">Documents that fulfil the filter now.</param>
/// <param name="DryRun">Always true.</param>
internal sealed record DeletionCount(long Documents, bool DryRun = true);
