using System.IO.MemoryMappedFiles;

namespace AlbertSearch.Indexing.Memory;

/// <summary>Bytes of a file as memory: read from the file when first touched, and given back by the system when it needs memory.</summary>
internal sealed unsafe class MappedBlock : MemoryBlock
{
    private readonly MemoryMappedViewAccessor _view;

    private MappedBlock(MemoryMappedViewAccessor view, long length)
        : base(length)
    {
        _view = view;
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        SetHandle((nint)(start + view.PointerOffset));
    }

    /// <summary>Maps part of a file. What is written stays private to this process and never reaches the file.</summary>
    /// <param name="file">Open for reading; may be closed afterwards.</param>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="length">Its bytes; all of them in the file.</param>
    public static MappedBlock OpenPrivate(FileStream file, long offset, long length)
    {
        if (offset < 0 || length <= 0 || offset > file.Length - length)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, "The part reaches beyond the file.");
        }

        using var mapping = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.CopyOnWrite, HandleInheritability.None, leaveOpen: true);
        return new MappedBlock(mapping.CreateViewAccessor(offset, length, MemoryMappedFileAccess.CopyOnWrite), length);
    }

    /// <summary>Maps a new file of zeros that is gone when the block is.</summary>
    /// <param name="folder">Where it lies.</param>
    /// <param name="length">Its bytes; the disk's room is taken at once, because there is no error to give when a write to memory finds none.</param>
    /// <exception cref="IOException">The disk is full.</exception>
    public static MappedBlock CreateScratch(string folder, long length)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{Guid.NewGuid():N}.vectors");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            PreallocationSize = length,
            Options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None,
        };
        using var file = new FileStream(path, options);
        try
        {
            file.SetLength(length);
            using var mapping = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
            return new MappedBlock(mapping.CreateViewAccessor(0, length, MemoryMappedFileAccess.ReadWrite), length);
        }
        finally
        {
            // Where a mapping outlives the name, the name goes now: a process that is killed leaves nothing behind.
            if (!OperatingSystem.IsWindows())
            {
                File.Delete(path);
            }
        }
    }

    /// <inheritdoc />
    protected override bool ReleaseHandle()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        return true;
    }
}
