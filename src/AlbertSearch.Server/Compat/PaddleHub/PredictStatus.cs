namespace AlbertSearch.Server.Compat.PaddleHub;

/// <summary>The values of <c>status</c> in an answer.</summary>
internal static class PredictStatus
{
    /// <summary>Done.</summary>
    public const string Ok = "000";

    /// <summary>The request can't be done: a bad sample, an unknown key, the wrong task.</summary>
    public const string Failed = "101";

    /// <summary>There is no such module.</summary>
    public const string UnknownModule = "111";

    /// <summary>The body is not JSON.</summary>
    public const string NotJson = "112";
}
