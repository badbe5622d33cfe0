using System.Text;
using AlbertSearch.Errors;
using AlbertSearch.Server.Problems;
using Microsoft.AspNetCore.Http.Features;

namespace AlbertSearch.Server.Requests;

/// <summary>Reads a path as it was sent. The web server's own decoding leaves <c>%2F</c> as it is, so that an id with a slash could not be told from one with a literal "%2F".</summary>
internal static class RawPath
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The last segment of the path, percent-decoded as a whole.</summary>
    /// <exception cref="ProblemException">What it stands for is not UTF-8.</exception>
    public static string LastSegment(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.AsSpan();
        var query = path.IndexOf('?');
        path = (query < 0 ? path : path[..query]).TrimEnd('/');
        try
        {
            return StrictUtf8.GetString(Decode(path[(path.LastIndexOf('/') + 1)..]));
        }
        catch (DecoderFallbackException)
        {
            throw new ProblemException(ErrorCodes.InvalidUtf8, "The id in the path is not percent-encoded UTF-8.", "id");
        }
    }

    private static byte[] Decode(ReadOnlySpan<char> segment)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(segment)];
        var count = 0;
        for (var i = 0; i < segment.Length; i++)
        {
            if (segment[i] == '%' && i + 2 < segment.Length && char.IsAsciiHexDigit(segment[i + 1]) && char.IsAsciiHexDigit(segment[i + 2]))
            {
                bytes[count++] = Convert.FromHexString(segment.Slice(i + 1, 2))[0];
                i += 2;
            }
            else
            {
                count += Encoding.UTF8.GetBytes(segment.Slice(i, 1), bytes.AsSpan(count));
            }
        }

        return bytes[..count];
    }
}
