using AlbertSearch.Embeddings;
using AlbertSearch.Errors;
using AlbertSearch.Server.Configuration;
using Microsoft.Extensions.Options;

namespace AlbertSearch.Server;

/// <summary>Says why a start failed, for the one who started it.</summary>
internal static class StartupFailure
{
    /// <summary>The message; null when the failure is a defect, whose stack is needed.</summary>
    public static string? Describe(Exception error) => error switch
    {
        OptionsValidationException invalid => string.Join(Environment.NewLine, invalid.Failures),
        ConfigurationException or AlbertSearchException or ModelFormatException => error.Message,
        // A port that is taken or not allowed, an address that is not one, a settings file that can't be read.
        IOException or UnauthorizedAccessException or System.Net.Sockets.SocketException or FormatException or InvalidDataException => Innermost(error),
        InvalidOperationException { InnerException: FormatException or InvalidDataException } => Innermost(error),
        _ => null,
    };

    private static string Innermost(Exception error) => error.InnerException is { } inner && error is not IOException ? $"{error.Message} {Innermost(inner)}" : error.Message;
}
