using System.Globalization;
using System.Text;

namespace AlbertSearch.Server.Requests;

/// <summary>Where a reader is in a JSON text: <c>documents[3].id</c>.</summary>
internal sealed class JsonPath
{
    private const int MaxNameLength = 64;

    private readonly List<(string? Name, int Index)> _steps = [];

    /// <summary>Enters an object or an array.</summary>
    public void Push() => _steps.Add((null, -1));

    /// <summary>Leaves the innermost object or array.</summary>
    public void Pop() => _steps.RemoveAt(_steps.Count - 1);

    /// <summary>Goes back to the innermost object or array itself.</summary>
    public void Reset() => _steps[^1] = (null, -1);

    /// <summary>Goes to a property of the innermost object.</summary>
    public void SetName(string name) => _steps[^1] = (name.Length <= MaxNameLength ? name : string.Concat(name.AsSpan(0, MaxNameLength), "…"), -1);

    /// <summary>Goes to the next element of the innermost array.</summary>
    public void NextIndex() => _steps[^1] = (null, _steps[^1].Index + 1);

    /// <inheritdoc />
    public override string ToString()
    {
        var path = new StringBuilder();
        foreach (var (name, index) in _steps)
        {
            if (name is not null)
            {
                path.Append(path.Length == 0 ? "" : ".").Append(name);
            }
            else if (index >= 0)
            {
                path.Append('[').Append(index.ToString(CultureInfo.InvariantCulture)).Append(']');
            }
        }

        return path.ToString();
    }
}
