namespace AlbertSearch.Server.Configuration;

/// <summary>The section <c>AlbertSearch:Server</c> of the configuration; checked at start.</summary>
internal sealed class ServerOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = AlbertSearchOptions.SectionName + ":Server";

    /// <summary>Requests of a kind (queries, writes) that are worked on at once.</summary>
    public int ConcurrentRequests { get; set; } = 64;

    /// <summary>Requests of a kind that wait for their turn; more are answered 429 <c>busy</c>.</summary>
    public int WaitingRequests { get; set; } = 1_024;

    /// <summary>How long a stop takes at most, from the signal to the end: for requests, then for what is being applied, then for saving the graphs.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>What requests, workers and saving have of <see cref="StopTimeout"/>: after it Kestrel takes up to a second to break off connections, and the process a moment to end.</summary>
    internal TimeSpan TimeToFinish => TimeSpan.FromSeconds(Math.Max(StopTimeout.TotalSeconds - 1.5, StopTimeout.TotalSeconds / 2));

    /// <summary>The PaddleHub Serving dialect.</summary>
    public PaddleHubOptions PaddleHub { get; set; } = new();

    /// <summary>Faults, each with the setting's name, its value and what is allowed.</summary>
    public IEnumerable<string> Faults()
    {
        if (ConcurrentRequests is < 1 or > 10_000)
        {
            yield return $"{SectionName}:{nameof(ConcurrentRequests)} is '{ConcurrentRequests}'; allowed: 1 to 10000.";
        }

        if (WaitingRequests is < 0 or > 1_000_000)
        {
            yield return $"{SectionName}:{nameof(WaitingRequests)} is '{WaitingRequests}'; allowed: 0 to 1000000.";
        }

        if (StopTimeout < TimeSpan.Zero || StopTimeout > TimeSpan.FromHours(1))
        {
            yield return $"{SectionName}:{nameof(StopTimeout)} is '{StopTimeout}'; allowed: 00:00:00 to 01:00:00.";
        }

        foreach (var module in PaddleHub.Modules.Where(string.IsNullOrWhiteSpace))
        {
            yield return $"{SectionName}:{nameof(PaddleHub)}:{nameof(PaddleHub.Modules)} holds '{module}'; allowed: module names.";
        }
    }
}
