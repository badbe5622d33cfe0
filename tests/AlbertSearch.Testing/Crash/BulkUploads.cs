using System.Net;
using System.Text.Json;

namespace AlbertSearch.Testing.Crash;

/// <summary>The bulk loads of one client. One that a kill cut off is compared with what was committed of it, and continued.</summary>
/// <param name="ledger">What the client knows.</param>
internal sealed class BulkUploads(DocumentLedger ledger)
{
    private BulkUpload? _unanswered;
    private int _sentBefore;

    /// <summary>Whether the answer to the last one never came.</summary>
    public bool IsOneUnanswered => _unanswered is not null;

    /// <summary>How many were cut by a kill and continued.</summary>
    public int Continued { get; private set; }

    /// <summary>Sends one.</summary>
    public async Task SendAsync(HttpClient server, BulkUpload upload)
    {
        ledger.Sending(upload.Changes, inParts: true);
        (_unanswered, _sentBefore) = (upload, 0);
        using var request = upload.Whole();
        await FinishAsync(server, upload, request);
    }

    /// <summary>The last one was refused as a whole: there is nothing to continue.</summary>
    public void Forget() => _unanswered = null;

    /// <summary>After a restart: compares the ledger with what the server holds and with the lines that it says are committed, and sends the rest.</summary>
    /// <param name="server">The server, with an empty queue.</param>
    /// <param name="stored">What it holds of the client's.</param>
    /// <returns>Null, or the promise that was broken.</returns>
    public async Task<string?> RecoverAsync(HttpClient server, IReadOnlyDictionary<DocumentKey, DocumentVersion> stored)
    {
        var upload = _unanswered ?? throw new InvalidOperationException("Every bulk load was answered.");
        var operation = await server.FindOperationAsync(upload.Key);
        var lines = operation is { } found && found.TryGetProperty("lines", out var committed) ? committed.GetInt32() : 0;
        if (ledger.Settle(stored, upload.DocumentsIn(lines) - _sentBefore) is { } wrong)
        {
            return $"{lines} lines of a bulk load under '{upload.Key}' are committed; {wrong}";
        }

        await ContinueAsync(server, upload, operation, lines);
        Continued++;
        return null;
    }

    private async Task ContinueAsync(HttpClient server, BulkUpload upload, JsonElement? operation, int lines)
    {
        // One that is whole, and only its answer was lost, is answered from its key.
        var isWhole = operation is { } found && !(found.TryGetProperty("cutOff", out var cutOff) && cutOff.GetBoolean());
        using var request = operation is null || isWhole ? upload.Whole() : upload.Rest(lines);
        _sentBefore = upload.DocumentsIn(lines);
        ledger.Sending([.. upload.Changes.Skip(_sentBefore)], inParts: true);
        await FinishAsync(server, upload, request);
    }

    private async Task FinishAsync(HttpClient server, BulkUpload upload, HttpRequestMessage request)
    {
        await server.ExpectAsync(request, CancellationToken.None, HttpStatusCode.OK);
        ledger.Acknowledged();
        _unanswered = null;
        var operation = await server.FindOperationAsync(upload.Key)
            ?? throw new InvalidOperationException($"The operation of the bulk load under '{upload.Key}' is not known.");
        var applied = operation.GetProperty("added").GetInt32() + operation.GetProperty("updated").GetInt32() + operation.GetProperty("unchanged").GetInt32();
        if (operation.GetProperty("state").GetString() != "completed" || operation.GetProperty("documents").GetInt32() != upload.Changes.Count || applied != upload.Changes.Count)
        {
            throw new InvalidOperationException($"A bulk load of {upload.Changes.Count} documents has come to {operation.GetRawText()}");
        }
    }
}
