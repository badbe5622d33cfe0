using System.Text.Json;
using AlbertSearch.Documents;

namespace AlbertSearch.Server.Requests;

/// <summary>Reads documents: <c>{"id"?, "text", "metadata"?}</c>.</summary>
internal static class DocumentJson
{
    private static readonly KnownProperties Envelope = new(["documents"]);
    private static readonly KnownProperties Properties = new(["id", "text", "metadata"]);

    /// <summary>Reads the body of <c>POST /index</c>: <c>{"documents":[…]}</c>.</summary>
    public static IReadOnlyList<DocumentInput> ReadAll(ReadOnlySpan<byte> utf8, LimitOptions limits)
    {
        var json = new StrictJsonReader(utf8);
        var documents = new List<DocumentInput>();
        json.BeginObject();
        var seen = 0UL;
        while (json.NextProperty(Envelope, ref seen, out _))
        {
            json.BeginArray("an array of documents");
            while (json.NextElement())
            {
                documents.Add(Read(ref json, limits));
            }
        }

        json.Require(Envelope, seen, "documents");
        json.End();
        return documents;
    }

    /// <summary>Reads one document, the whole of a line.</summary>
    public static DocumentInput ReadOne(ReadOnlySpan<byte> utf8, LimitOptions limits)
    {
        var json = new StrictJsonReader(utf8);
        var document = Read(ref json, limits);
        json.End();
        return document;
    }

    /// <summary>The column where a property's value begins, from 1; null when it is not there.</summary>
    /// <param name="utf8">A line that was read as a document.</param>
    /// <param name="property">The property.</param>
    public static long? ColumnOf(ReadOnlySpan<byte> utf8, string property)
    {
        var json = new StrictJsonReader(utf8);
        var seen = 0UL;
        json.BeginObject();
        while (json.NextProperty(Properties, ref seen, out var name))
        {
            if (name == property)
            {
                return json.Column;
            }

            json.Skip();
        }

        return null;
    }

    private static DocumentInput Read(ref StrictJsonReader json, LimitOptions limits)
    {
        string? id = null;
        string? text = null;
        JsonElement? metadata = null;
        var seen = 0UL;
        json.BeginObject();
        while (json.NextProperty(Properties, ref seen, out var name))
        {
            switch (name)
            {
                case "id":
                    id = json.IsNull ? null : json.ReadString();
                    break;
                case "text":
                    text = json.ReadString();
                    break;
                default:
                    metadata = json.IsNull ? null : json.ReadObject(limits.MetadataBytes, limits.MetadataDepth, "Metadata");
                    break;
            }
        }

        json.Require(Properties, seen, "text");
        return new DocumentInput { Id = id, Text = text!, Metadata = metadata };
    }
}
