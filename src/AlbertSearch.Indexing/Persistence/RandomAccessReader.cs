namespace AlbertSearch.Indexing.Persistence;

/// <summary>Reads parts of a file, whole or not at all.</summary>
internal static class RandomAccessReader
{
    /// <summary>Fills a buffer.</summary>
    /// <exception cref="IndexFormatException">The file ends before.</exception>
    public static void ReadExactly(FileStream file, long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var read = RandomAccess.Read(file.SafeFileHandle, buffer, offset);
            if (read == 0)
            {
                throw new IndexFormatException(file.Name, $"it ends at byte {offset}");
            }

            offset += read;
            buffer = buffer[read..];
        }
    }
}
