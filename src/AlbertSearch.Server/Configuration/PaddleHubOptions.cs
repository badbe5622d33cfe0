namespace AlbertSearch.Server.Configuration;

/// <summary>The section <c>AlbertSearch:Server:PaddleHub</c> of the configuration.</summary>
internal sealed class PaddleHubOptions
{
    /// <summary>The module that is always there.</summary>
    public const string DefaultModule = "albert-base-v1";

    /// <summary>Other module names that the default model answers to.</summary>
    public List<string> Modules { get; } = [];

    /// <summary>Whether token features are filled up with rows of zeros to <c>max_seq_len</c> rows, as the original does; otherwise there is a row for each real token.</summary>
    public bool Pad { get; set; }

    /// <summary>Whether a module is served.</summary>
    public bool Serves(string module) => module == DefaultModule || Modules.Contains(module);
}
