using System.IO.Compression;
using AlbertSearch.Errors;
using AlbertSearch.Server.Problems;

namespace AlbertSearch.Server.Requests;

/// <summary>A request's body, unpacked when it came packed. A body that can't be read is the caller's error, not the server's.</summary>
internal sealed class BodyStream : Stream
{
    private readonly Stream _inner;

    private BodyStream(Stream inner) => _inner = inner;

    /// <inheritdoc />
    public override bool CanRead => true;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override bool CanWrite => false;

    /// <inheritdoc />
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Opens the body of a request.</summary>
    /// <exception cref="ProblemException">It is packed in a way that is not known.</exception>
    public static BodyStream Open(HttpRequest request) => request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant() switch
    {
        "" or "identity" => new BodyStream(request.Body),
        "gzip" or "x-gzip" => new BodyStream(new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true)),
        var other => throw new ProblemException(ErrorCodes.UnsupportedMediaType, $"Content-Encoding is '{other}'; gzip is taken, or none.", "Content-Encoding"),
    };

    /// <inheritdoc />
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await _inner.ReadAsync(buffer, cancellationToken);
        }
        catch (InvalidDataException error)
        {
            throw new ProblemException(ErrorCodes.InvalidValue, $"The body is not valid gzip: {error.Message}");
        }
        catch (IOException error) when (error is not BadHttpRequestException && !cancellationToken.IsCancellationRequested)
        {
            throw new ProblemException(ErrorCodes.InvalidValue, $"The body can't be read: {error.Message.Trim()}");
        }
    }

    /// <inheritdoc />
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Bodies are read asynchronously.");

    /// <inheritdoc />
    public override void Flush()
    {
    }

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing && _inner is GZipStream)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
