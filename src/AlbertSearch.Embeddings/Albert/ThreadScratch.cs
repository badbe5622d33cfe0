using AlbertSearch.Embeddings.Memory;

namespace AlbertSearch.Embeddings.Albert;

/// <summary>A thread's own scratch; grows and is kept.</summary>
internal sealed class ThreadScratch : IDisposable
{
    private AlignedBuffer<float> _buffer = new(0);

    /// <summary>At least so many floats, with any content.</summary>
    public Span<float> Reserve(int length)
    {
        if (_buffer.Length < length)
        {
            _buffer.Dispose();
            _buffer = new AlignedBuffer<float>(length);
        }

        return _buffer.Span;
    }

    public void Dispose() => _buffer.Dispose();
}
