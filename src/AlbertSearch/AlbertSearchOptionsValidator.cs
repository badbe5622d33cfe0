using Microsoft.Extensions.Options;

namespace AlbertSearch;

/// <summary>Checks options before anything is opened: each fault is told with the setting's name, its value and what is allowed.</summary>
public sealed class AlbertSearchOptionsValidator : IValidateOptions<AlbertSearchOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, AlbertSearchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var faults = new List<string>();

        Check("Model", options.Model, !string.IsNullOrWhiteSpace(options.Model), "the name of an entry of Models, or a model folder");
        foreach (var (model, folder) in options.Models)
        {
            Check($"Models:{model}", folder, !string.IsNullOrWhiteSpace(model) && !string.IsNullOrWhiteSpace(folder), "a model folder");
        }

        Check("IndexData", options.IndexData, !string.IsNullOrWhiteSpace(options.IndexData), "a folder");
        Check("BaseFolder", options.BaseFolder, !string.IsNullOrWhiteSpace(options.BaseFolder), "a folder");
        Check("Pooling", options.Pooling, options.Pooling is not { } pooling || Enum.IsDefined(pooling), "Pooler, Mean or Cls, or nothing for the model's own");
        Check("Precision", options.Precision, Enum.IsDefined(options.Precision), "Fp32 or Int8");
        Range("Threads", options.Threads, 0, 1_024, " (0 for one a processor)");

        Range("QueryCache", options.QueryCache, 0, 1_000_000);

        var chunking = options.Chunking;
        Check("Chunking:MaxTokens", chunking.MaxTokens, chunking.MaxTokens is 0 or >= 8 and <= 1 << 20, "8 to 1048576, or 0 for the model's own limit");
        Range("Chunking:OverlapTokens", chunking.OverlapTokens, 0, 1 << 19);
        Check(
            "Chunking:OverlapTokens",
            chunking.OverlapTokens,
            chunking.MaxTokens == 0 || chunking.OverlapTokens * 2L < chunking.MaxTokens,
            $"less than half of Chunking:MaxTokens ({chunking.MaxTokens})");

        foreach (var (setting, value, allowed) in options.Index.Faults())
        {
            Check($"Index:{setting}", value, good: false, allowed);
        }

        var limits = options.Limits;
        Range("Limits:K", limits.K, 1, 1_000_000);
        Range("Limits:OffsetPlusK", limits.OffsetPlusK, limits.K, 10_000_000, " (Limits:K or more)");
        Range("Limits:Samples", limits.Samples, 1, 1_000_000);
        Range("Limits:JsonBodyBytes", limits.JsonBodyBytes, 1_024, 1L << 31);
        Range("Limits:LineBytes", limits.LineBytes, 1_024, 1 << 30);
        Range("Limits:TextBytes", limits.TextBytes, 16, 1 << 28);
        Range("Limits:IdBytes", limits.IdBytes, 64, 4_096);
        Range("Limits:MetadataBytes", limits.MetadataBytes, 2, 1 << 24);
        Range("Limits:MetadataDepth", limits.MetadataDepth, 1, 64);
        Range("Limits:Ef", limits.Ef, 1, 1_000_000);
        Range("Limits:PageSize", limits.PageSize, 1, 1_000_000);
        Range("Limits:FilterBytes", limits.FilterBytes, 1_024, 1 << 24);
        Range("Limits:FilterDepth", limits.FilterDepth, 1, 32);
        Range("Limits:FilterConditions", limits.FilterConditions, 1, 4_096);
        Range("Limits:FilterValues", limits.FilterValues, 1, 16_384);

        var queue = options.Queue;
        Range("Queue:MaxDocuments", queue.MaxDocuments, 1, 100_000_000);
        Range("Queue:BatchTokens", queue.BatchTokens, 64, 1 << 20);
        Range("Queue:BatchDocuments", queue.BatchDocuments, 1, 100_000);
        Check("Queue:Lease", queue.Lease, queue.Lease >= TimeSpan.FromSeconds(1) && queue.Lease <= TimeSpan.FromDays(1), "00:00:01 to 1.00:00:00");
        Range("Queue:MaxAttempts", queue.MaxAttempts, 1, 1_000);
        Check("Queue:StopTimeout", queue.StopTimeout, queue.StopTimeout >= TimeSpan.Zero && queue.StopTimeout <= TimeSpan.FromHours(1), "00:00:00 to 01:00:00");
        Check("Queue:Retention", queue.Retention, queue.Retention >= TimeSpan.Zero && queue.Retention <= TimeSpan.FromDays(36_500), "00:00:00 to 36500.00:00:00");

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void Range(string setting, long value, long least, long most, string remark = "") =>
            Check(setting, value, value >= least && value <= most, $"{least} to {most}{remark}");

        void Check(string setting, object? value, bool good, string allowed)
        {
            if (!good)
            {
                faults.Add($"{AlbertSearchOptions.SectionName}:{setting} is '{value}'; allowed: {allowed}.");
            }
        }
    }
}
