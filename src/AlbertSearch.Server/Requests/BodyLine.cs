namespace AlbertSearch.Server.Requests;

/// <summary>A line of a body.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Bytes">Its bytes without the line's end; valid until the next line is read. The beginning alone when <paramref name="TooLong"/>.</param>
/// <param name="TooLong">Whether it is longer than the limit.</param>
internal readonly record struct BodyLine(long Number, ReadOnlyMemory<byte> Bytes, bool TooLong);
