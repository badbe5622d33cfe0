using AlbertSearch.Errors;
using AlbertSearch.Server.Problems;

namespace AlbertSearch.Server.Bulk;

/// <summary>Which column of a CSV body is what.</summary>
/// <param name="Names">The header row.</param>
/// <param name="Id">Index of the column with ids; -1 when there is none.</param>
/// <param name="Text">Index of the column with texts.</param>
internal sealed record CsvColumns(IReadOnlyList<string> Names, int Id, int Text)
{
    /// <summary>The name of the column with ids, unless another is given.</summary>
    public const string DefaultId = "id";

    /// <summary>The name of the column with texts, unless another is given.</summary>
    public const string DefaultText = "text";

    /// <summary>Finds the columns in a header row.</summary>
    /// <param name="names">The header row.</param>
    /// <param name="id">The name of the column with ids; null for the default, which may be absent.</param>
    /// <param name="text">The name of the column with texts; null for the default.</param>
    /// <exception cref="ProblemException">A column is missing, unnamed or there twice.</exception>
    public static CsvColumns Of(string[] names, string? id, string? text)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i].Length == 0)
            {
                throw new ProblemException(ErrorCodes.Empty, $"Column {i + 1} of the header row has no name.");
            }

            if (Array.IndexOf(names, names[i]) < i)
            {
                throw new ProblemException(ErrorCodes.InvalidValue, $"The header row holds the column '{names[i]}' twice.");
            }
        }

        return new CsvColumns(names, id is null ? Array.IndexOf(names, DefaultId) : Find(id), Find(text ?? DefaultText));

        int Find(string name) => Array.IndexOf(names, name) is >= 0 and var index
            ? index
            : throw new ProblemException(ErrorCodes.MissingField, $"The header row has no column '{name}'; it has {string.Join(", ", names.Take(20))}.", name);
    }
}
