using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace AlbertSearch.Server.Requests;

/// <summary>The bytes of a JSON text, and where in it, for a human, a position is.</summary>
internal readonly ref struct JsonText
{
    /// <summary>Takes a text.</summary>
    /// <param name="utf8">Its bytes; a byte order mark before it is left out.</param>
    public JsonText(ReadOnlySpan<byte> utf8) => Bytes = utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;

    /// <summary>The bytes without a byte order mark.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The position of the first byte that is not UTF-8; null when all are.</summary>
    public int? InvalidPosition
    {
        get
        {
            if (Utf8.IsValid(Bytes))
            {
                return null;
            }

            var position = 0;
            while (Rune.DecodeFromUtf8(Bytes[position..], out _, out var consumed) == OperationStatus.Done)
            {
                position += consumed;
            }

            return position;
        }
    }

    /// <summary>The position where the reader met an error.</summary>
    public int PositionOf(JsonException error)
    {
        var position = 0;
        for (var line = error.LineNumber ?? 0; line > 0; line--)
        {
            position += Bytes[position..].IndexOf((byte)'\n') + 1;
        }

        return (int)Math.Min(position + (error.BytePositionInLine ?? 0), Bytes.Length);
    }

    /// <summary>Line and column of a position in words; the column alone when there is one line.</summary>
    public string PlaceOf(int position) => Bytes.Contains((byte)'\n')
        ? $"line {Bytes[..position].Count((byte)'\n') + 1}, column {ColumnOf(position)}"
        : $"column {ColumnOf(position)}";

    /// <summary>The column of a position in its line, from 1, in UTF-16 code units.</summary>
    public int ColumnOf(int position)
    {
        var before = Bytes[..position];
        return Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
    }
}
