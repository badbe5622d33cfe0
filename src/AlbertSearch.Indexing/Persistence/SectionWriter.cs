using AlbertSearch.Indexing.Kernels;

namespace AlbertSearch.Indexing.Persistence;

/// <summary>Writes sections one after the other, at their places, and sums them up. Not thread-safe.</summary>
internal sealed class SectionWriter(FileStream file, IndexLayout layout)
{
    private readonly uint[] _checksums = new uint[layout.Sections.Length];
    private int _section = -1;
    private long _position;

    /// <summary>CRC-32C of each section that was written.</summary>
    public uint[] Checksums => _checksums;

    /// <summary>Begins the next section.</summary>
    /// <exception cref="InvalidOperationException">The one before is not as long as the layout says.</exception>
    public void Begin(IndexSection section)
    {
        End();
        _section = (int)section;
        _position = layout.Sections[_section].Offset;
    }

    /// <summary>Adds bytes to the section.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(file.SafeFileHandle, bytes, _position);
        _position += bytes.Length;
        _checksums[_section] = Crc32C.Append(_checksums[_section], bytes);
    }

    /// <summary>Ends the last section.</summary>
    public void End()
    {
        if (_section >= 0 && _position != layout.Sections[_section].Offset + layout.Sections[_section].Length)
        {
            throw new InvalidOperationException($"Section {(IndexSection)_section} ends at byte {_position}.");
        }
    }
}
