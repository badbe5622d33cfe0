using System.Text.RegularExpressions;
using AlbertSearch.Errors;

namespace AlbertSearch.Collections;

/// <summary>What collections may be called.</summary>
public static partial class CollectionName
{
    /// <summary>Checks a name.</summary>
    /// <exception cref="InvalidRequestException">It is not 1 to 64 of the letters, digits, dots, dashes and underscores of ASCII, the first a letter or digit.</exception>
    public static void Check(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!Allowed().IsMatch(name))
        {
            throw new InvalidRequestException(
                ErrorCodes.InvalidValue,
                "collection",
                "The collection's name is not allowed: 1 to 64 ASCII letters, digits, dots, dashes and underscores, the first a letter or digit.");
        }
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Allowed();
}
