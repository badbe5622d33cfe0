using System.Buffers;
using AlbertSearch.Errors;
using AlbertSearch.Server.Problems;
using Microsoft.Net.Http.Headers;

namespace AlbertSearch.Server.Requests;

/// <summary>A JSON body as a whole, in a borrowed buffer.</summary>
internal sealed class RequestBody : IDisposable
{
    private const int FirstBufferBytes = 16 << 10;

    private byte[] _buffer;
    private int _length;

    private RequestBody(byte[] buffer) => _buffer = buffer;

    /// <summary>The bytes, until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>Reads a body of <c>application/json</c> up to a limit, whether its length was declared or not.</summary>
    /// <param name="context">The request.</param>
    /// <param name="limitBytes">Most bytes.</param>
    /// <exception cref="ProblemException">Another content type, or a body over the limit.</exception>
    public static async Task<RequestBody> ReadJsonAsync(HttpContext context, long limitBytes)
    {
        if (MediaTypeOf(context.Request) != "application/json")
        {
            throw UnsupportedMediaType(context.Request, "application/json");
        }

        return await ReadAsync(context, limitBytes);
    }

    /// <summary>Reads a body of any content type up to a limit.</summary>
    /// <exception cref="ProblemException">A body over the limit.</exception>
    public static async Task<RequestBody> ReadAsync(HttpContext context, long limitBytes)
    {
        await using var stream = BodyStream.Open(context.Request);
        if (context.Request.ContentLength > limitBytes)
        {
            throw TooLong(limitBytes);
        }

        var body = new RequestBody(ArrayPool<byte>.Shared.Rent(FirstBufferBytes));
        try
        {
            while (true)
            {
                if (body._length == body._buffer.Length)
                {
                    body.Grow();
                }

                var read = await stream.ReadAsync(body._buffer.AsMemory(body._length), context.RequestAborted);
                if (read == 0)
                {
                    return body;
                }

                body._length += read;
                if (body._length > limitBytes)
                {
                    throw TooLong(limitBytes);
                }
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <summary>The media type of a request in lower case, without parameters; null when there is none, or one that is not in UTF-8.</summary>
    public static string? MediaTypeOf(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
        {
            return null;
        }

        var charset = HeaderUtilities.RemoveQuotes(type.Charset);
        return charset.Length == 0 || charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || charset.Equals("utf8", StringComparison.OrdinalIgnoreCase)
            ? type.MediaType.ToString().ToLowerInvariant()
            : null;
    }

    /// <summary>The error for a content type that a route doesn't take.</summary>
    public static ProblemException UnsupportedMediaType(HttpRequest request, string allowed) =>
        new(ErrorCodes.UnsupportedMediaType, $"Content-Type is '{request.ContentType}'; this route takes {allowed}, in UTF-8.", "Content-Type");

    /// <inheritdoc />
    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        _length = 0;
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static ProblemException TooLong(long limitBytes) =>
        new(ErrorCodes.TooLong, $"The body is longer than the limit of {limitBytes} bytes (Limits:JsonBodyBytes).");

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(_buffer.Length * 2L, Array.MaxLength));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
