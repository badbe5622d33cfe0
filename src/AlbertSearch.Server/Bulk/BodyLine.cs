namespace AlbertSearch.Server.Bulk;

/// <summary>A line of a body.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Bytes">Its bytes without the line's end; valid until the next line is read. The beginning alone when <paramref name="TooLong"/>.</param>
/// <param name="TooLong">Whether it is longer than the limit.</param>
/// <param name="HasCarriageReturn">Whether it ends in CR LF.</param>
internal readonly record struct BodyLine(long Number, ReadOnlyMemory<byte> Bytes, bool TooLong, bool HasCarriageReturn = false)
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Whether there is nothing but white space on it, and a byte order mark on the first one.</summary>
    public bool IsBlank => !TooLong && Text.IndexOfAnyExcept(" \t\r"u8) < 0;

    /// <summary>Its bytes without the byte order mark that the first line may have.</summary>
    public ReadOnlySpan<byte> Text => Number == 1 && Bytes.Span.StartsWith(ByteOrderMark) ? Bytes.Span[ByteOrderMark.Length..] : Bytes.Span;
}
