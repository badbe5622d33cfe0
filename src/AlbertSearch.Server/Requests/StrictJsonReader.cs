using System.Text;
using System.Text.Json;
using AlbertSearch.Errors;
using AlbertSearch.Server.Problems;

namespace AlbertSearch.Server.Requests;

/// <summary>
/// Reads the JSON of a request in one pass and stops at the first fault: unknown and doubled properties, wrong kinds,
/// numbers out of range, half surrogate pairs, bytes that are not UTF-8. Every error names the path of the value at fault.
/// Nothing is built for parts that are not wanted, so that memory follows what is kept, not what was sent.
/// </summary>
internal ref struct StrictJsonReader
{
    private const int MaxDepth = 256;

    private readonly JsonText _text;
    private readonly JsonPath _path;
    private Utf8JsonReader _json;

    /// <summary>Makes the reader and reads the first token.</summary>
    /// <param name="utf8">One JSON value; a byte order mark before it is skipped.</param>
    /// <exception cref="ProblemException">It is not UTF-8, or not JSON.</exception>
    public StrictJsonReader(ReadOnlySpan<byte> utf8)
    {
        _text = new JsonText(utf8);
        _path = new JsonPath();
        if (_text.InvalidPosition is { } position)
        {
            throw new ProblemException(ErrorCodes.InvalidUtf8, $"Not UTF-8: byte 0x{_text.Bytes[position]:X2} at {_text.PlaceOf(position)} does not belong there.") { Column = _text.ColumnOf(position) };
        }

        if (_text.Bytes.IsEmpty)
        {
            throw new ProblemException(ErrorCodes.InvalidJson, "The body is empty; a JSON object is expected.");
        }

        _json = new Utf8JsonReader(_text.Bytes, new JsonReaderOptions { MaxDepth = MaxDepth });
        Advance();
    }

    /// <summary>Whether the current value is <c>null</c>.</summary>
    public readonly bool IsNull => _json.TokenType == JsonTokenType.Null;

    /// <summary>Whether the current value is a string.</summary>
    public readonly bool IsString => _json.TokenType == JsonTokenType.String;

    /// <summary>Whether the current value is an array.</summary>
    public readonly bool IsArray => _json.TokenType == JsonTokenType.StartArray;

    /// <summary>Whether the current value is an object.</summary>
    public readonly bool IsObject => _json.TokenType == JsonTokenType.StartObject;

    /// <summary>The path of the current value.</summary>
    public readonly string Path => _path.ToString();

    /// <summary>The column where the current value begins, from 1.</summary>
    public readonly int Column => _text.ColumnOf((int)_json.TokenStartIndex);

    /// <summary>Passes over the rest of the current value.</summary>
    public void Skip()
    {
        var depth = _json.CurrentDepth;
        if (IsObject || IsArray)
        {
            do
            {
                Advance();
            }
            while (_json.CurrentDepth > depth);
        }
    }

    /// <summary>Enters an object.</summary>
    public readonly void BeginObject()
    {
        Expect(IsObject, "an object");
        _path.Push();
    }

    /// <summary>Goes to the next property's value; false, and out of the object, at its end.</summary>
    /// <param name="known">The properties that may be there.</param>
    /// <param name="seen">Which of them have been there: a bit each. Starts at 0.</param>
    /// <param name="name">The property's name, as <paramref name="known"/> holds it.</param>
    public bool NextProperty(KnownProperties known, ref ulong seen, out string name)
    {
        while (true)
        {
            Advance();
            if (_json.TokenType == JsonTokenType.EndObject)
            {
                _path.Pop();
                name = "";
                return false;
            }

            if (_json.ValueIsEscaped)
            {
                // Comparing an escaped name that is not Unicode would fail in a way that tells nothing.
                _path.Reset();
                ReadText();
            }

            for (var i = 0; i < known.Names.Count; i++)
            {
                if (_json.ValueTextEquals(known.Names[i]))
                {
                    name = known.Names[i];
                    _path.SetName(name);
                    if ((seen & (1UL << i)) != 0)
                    {
                        throw Fault(ErrorCodes.InvalidValue, "is there twice");
                    }

                    seen |= 1UL << i;
                    Advance();
                    return true;
                }
            }

            SkipNotSupported(known);
        }
    }

    /// <summary>Enters an array.</summary>
    /// <param name="expected">What to call it in an error.</param>
    public readonly void BeginArray(string expected = "an array")
    {
        Expect(IsArray, expected);
        _path.Push();
    }

    /// <summary>Goes to the next element; false, and out of the array, at its end.</summary>
    public bool NextElement()
    {
        Advance();
        if (_json.TokenType == JsonTokenType.EndArray)
        {
            _path.Pop();
            return false;
        }

        _path.NextIndex();
        return true;
    }

    /// <summary>The current value, a string.</summary>
    public readonly string ReadString(string expected = "a string")
    {
        Expect(IsString, expected);
        return ReadText();
    }

    /// <summary>The current value, a whole number.</summary>
    public readonly int ReadInt32()
    {
        Expect(_json.TokenType == JsonTokenType.Number, "a whole number");
        return _json.TryGetInt32(out var value) ? value : throw Fault(ErrorCodes.InvalidValue, $"must be a whole number of 32 bits, but is {Shorten(_json.ValueSpan)}");
    }

    /// <summary>The current value, a finite number.</summary>
    public readonly float ReadSingle()
    {
        Expect(_json.TokenType == JsonTokenType.Number, "a number");
        return _json.TryGetSingle(out var value) && float.IsFinite(value)
            ? value
            : throw Fault(ErrorCodes.InvalidValue, $"must be a finite 32-bit number, but is {Shorten(_json.ValueSpan)}");
    }

    /// <summary>The current value, true or false.</summary>
    public readonly bool ReadBoolean()
    {
        Expect(_json.TokenType is JsonTokenType.True or JsonTokenType.False, "true or false");
        return _json.GetBoolean();
    }

    /// <summary>The current value, an object that is kept as it is. It is measured before anything is built from it.</summary>
    /// <param name="maxBytes">Most bytes as compact JSON.</param>
    /// <param name="maxDepth">Most levels; the object itself is the first.</param>
    /// <param name="setting">Begins the names of the settings that these limits come from.</param>
    public JsonElement ReadObject(int maxBytes, int maxDepth, string setting)
    {
        Expect(IsObject, "an object");
        var start = (int)_json.TokenStartIndex;
        var outerDepth = _json.CurrentDepth;
        var measure = new CompactSize();
        measure.Add(_json);
        while (!(_json.TokenType == JsonTokenType.EndObject && _json.CurrentDepth == outerDepth))
        {
            Advance();
            measure.Add(_json);
            if (measure.Bytes > maxBytes)
            {
                throw Fault(ErrorCodes.TooLong, $"is longer than the limit of {maxBytes} bytes (Limits:{setting}Bytes)");
            }

            if (_json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && _json.CurrentDepth - outerDepth >= maxDepth)
            {
                throw Fault(ErrorCodes.TooLong, $"is nested deeper than the limit of {maxDepth} levels (Limits:{setting}Depth)");
            }

            if (_json.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && _json.ValueIsEscaped)
            {
                ReadText();
            }
        }

        try
        {
            using var document = JsonDocument.Parse(_text.Bytes[start..(int)_json.BytesConsumed].ToArray(), new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new ProblemException(ErrorCodes.InvalidValue, $"{Path} is refused: {Explain(error)}.", Path) { Column = _text.ColumnOf(start) };
        }
    }

    /// <summary>Checks that a required property was there.</summary>
    public readonly void Require(KnownProperties known, ulong seen, string name)
    {
        for (var i = 0; i < known.Names.Count; i++)
        {
            if (known.Names[i] == name && (seen & (1UL << i)) == 0)
            {
                var path = _path.ToString();
                var field = path.Length == 0 ? name : $"{path}.{name}";
                throw new ProblemException(ErrorCodes.MissingField, $"{field} is missing.", field) { Column = _text.ColumnOf((int)_json.TokenStartIndex) };
            }
        }
    }

    /// <summary>Checks that nothing follows the value that was read.</summary>
    public void End()
    {
        try
        {
            _json.Read();
        }
        catch (JsonException error)
        {
            throw Malformed(error);
        }
    }

    /// <summary>An error about the current value.</summary>
    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    /// <param name="complaint">What is wrong with it, as the rest of a sentence that starts with its path.</param>
    public readonly ProblemException Fault(string code, string complaint)
    {
        var path = _path.ToString();
        return new ProblemException(code, $"{(path.Length == 0 ? "The body" : path)} {complaint}.", path.Length == 0 ? null : path) { Column = _text.ColumnOf((int)_json.TokenStartIndex) };
    }

    private static string Explain(JsonException error)
    {
        // The reader appends the place in its own words, counted from 0.
        var cut = error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (cut < 0 ? error.Message : error.Message[..cut]).TrimEnd('.');
    }

    private static string Shorten(ReadOnlySpan<byte> value) =>
        value.Length <= 40 ? Encoding.UTF8.GetString(value) : Encoding.UTF8.GetString(value[..40]) + "…";

    private readonly void Expect(bool condition, string expected)
    {
        if (!condition)
        {
            var kind = _json.TokenType switch
            {
                JsonTokenType.StartObject => "an object",
                JsonTokenType.StartArray => "an array",
                JsonTokenType.String => "a string",
                JsonTokenType.Number => "a number",
                JsonTokenType.Null => "null",
                _ => _json.GetBoolean() ? "true" : "false",
            };
            throw Fault(ErrorCodes.InvalidValue, $"must be {expected}, but is {kind}");
        }
    }

    private readonly string ReadText()
    {
        try
        {
            return _json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Fault(ErrorCodes.InvalidValue, "holds half a surrogate pair (such as \\ud800 alone), which is not Unicode text");
        }
    }

    /// <summary>Passes over the null of a property that this version does not have: clients with typed requests write every property that they know.</summary>
    private void SkipNotSupported(KnownProperties known)
    {
        var name = ReadText();
        _path.SetName(name);
        if (!known.NotSupported.Contains(name))
        {
            throw Fault(ErrorCodes.UnknownProperty, $"is not a property of this request; known: {string.Join(", ", known.Names)}");
        }

        Advance();
        if (!IsNull)
        {
            throw Fault(ErrorCodes.NotSupported, "is not supported by this version");
        }
    }

    private void Advance()
    {
        try
        {
            if (!_json.Read())
            {
                throw new ProblemException(ErrorCodes.InvalidJson, "The JSON text ends too early.") { Column = _text.ColumnOf(_text.Bytes.Length) };
            }
        }
        catch (JsonException error)
        {
            throw Malformed(error);
        }
    }

    private readonly ProblemException Malformed(JsonException error)
    {
        var position = _text.PositionOf(error);
        return new ProblemException(ErrorCodes.InvalidJson, $"Not valid JSON at {_text.PlaceOf(position)}: {Explain(error)}.") { Column = _text.ColumnOf(position) };
    }
}
