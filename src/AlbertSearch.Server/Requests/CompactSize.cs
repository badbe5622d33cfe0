using System.Text.Json;

namespace AlbertSearch.Server.Requests;

/// <summary>Adds up how long a JSON value is without its white space.</summary>
internal struct CompactSize
{
    private bool _commaIsDue;

    /// <summary>Bytes so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds the reader's current token.</summary>
    public void Add(in Utf8JsonReader json)
    {
        var token = json.TokenType;
        var closes = token is JsonTokenType.EndObject or JsonTokenType.EndArray;
        Bytes += _commaIsDue && !closes ? 1 : 0;
        Bytes += json.ValueSpan.Length + token switch
        {
            JsonTokenType.PropertyName => 3, // two quotes and a colon
            JsonTokenType.String => 2,
            _ => 0,
        };
        _commaIsDue = token is not (JsonTokenType.PropertyName or JsonTokenType.StartObject or JsonTokenType.StartArray);
    }
}
