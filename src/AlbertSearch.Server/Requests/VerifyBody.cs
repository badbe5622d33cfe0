namespace AlbertSearch.Server.Requests;

/// <summary>The body of <c>POST /collections/{name}/verify</c>.</summary>
internal static class VerifyBody
{
    private static readonly KnownProperties Properties = new(["repair"]);

    /// <summary>Reads a body; none means to look only.</summary>
    /// <returns>Whether to repair.</returns>
    public static bool ParseRepair(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            return false;
        }

        var json = new StrictJsonReader(utf8);
        var repair = false;
        var seen = 0UL;
        json.BeginObject();
        while (json.NextProperty(Properties, ref seen, out _))
        {
            repair = !json.IsNull && json.ReadBoolean();
        }

        json.End();
        return repair;
    }
}
