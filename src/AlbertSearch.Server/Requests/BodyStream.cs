using System.IO.Compression;
using AlbertSearch.Errors;
using AlbertSearch.Server.Problems;

namespace AlbertSearch.Server.Requests;

/// <summary>A request's body, unpacked when it came packed. A body that can't be read is the caller's error, not the server's.</summary>
internal sealed class BodyStream : Stream
{
    private readonly Stream _inner;
    private readonly BodyStream? _packed;
    private bool _hasEnded;

    private BodyStream(Stream inner, BodyStream? packed = null)
    {
        _inner = inner;
        _packed = packed;
    }

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
    public static BodyStream Open(HttpRequest request)
    {
        var body = new BodyStream(request.Body);
        return request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant() switch
        {
            "" or "identity" => body,
            "gzip" or "x-gzip" => new BodyStream(new GZipStream(body, CompressionMode.Decompress, leaveOpen: true), body),
            var other => throw new ProblemException(ErrorCodes.UnsupportedMediaType, $"Content-Encoding is '{other}'; gzip is taken, or none.", "Content-Encoding"),
        };
    }

    /// <inheritdoc />
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var read = await _inner.ReadAsync(buffer, cancellationToken);
            _hasEnded |= read == 0 && buffer.Length > 0;
            return read;
        }
        catch (InvalidDataException)
        {
            // What the unpacking says itself speaks of archives; but it asks for more than there is only when the end is missing.
            throw new ProblemException(
                ErrorCodes.InvalidValue, _packed is { _hasEnded: true } ? "The body ends too early: its gzip is cut off." : "The body is not gzip, or it is damaged.");
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
