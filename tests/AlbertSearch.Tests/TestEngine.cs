using AlbertSearch.Documents;
using AlbertSearch.Embeddings;
using AlbertSearch.Models;
using AlbertSearch.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AlbertSearch.Tests;

/// <summary>Engines on one data folder with the small model, closed and opened as a test likes.</summary>
internal sealed class TestEngine : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private AlbertSearchEngine? _engine;

    public TestEngine(Action<AlbertSearchOptions>? configure = null)
    {
        Options = new AlbertSearchOptions { BaseFolder = _folder.Path, Model = SmallModel.Write(_folder), Threads = 1 };
        configure?.Invoke(Options);
    }

    public AlbertSearchOptions Options { get; set; }

    public TemporaryFolder Folder => _folder;

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public ILoggerFactory Loggers { get; set; } = NullLoggerFactory.Instance;

    /// <summary>Stands between the engine and the model.</summary>
    public Func<ITextEmbedder, ITextEmbedder> Wrap { get; set; } = embedder => embedder;

    public AlbertSearchEngine Engine => _engine ?? throw new InvalidOperationException("The engine is not open.");

    public async Task<AlbertSearchEngine> OpenAsync()
    {
        _engine = await AlbertSearchEngine.OpenAsync(Options, Time, Loggers, CreateEmbedder, CancellationToken.None);
        return _engine;
    }

    public async Task<AlbertSearchEngine> ReopenAsync()
    {
        await CloseAsync();
        return await OpenAsync();
    }

    public async Task CloseAsync()
    {
        if (_engine is not null)
        {
            await _engine.DisposeAsync();
            _engine = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder.Dispose();
    }

    /// <summary>Puts a <see cref="FaultyEmbedder"/> between the engine and the model.</summary>
    /// <returns>Gives that of the engine that was opened last.</returns>
    public Func<FaultyEmbedder> UseFaultyEmbedder()
    {
        FaultyEmbedder? last = null;
        Wrap = embedder => last = new FaultyEmbedder(embedder);
        return () => last!;
    }

    public static DocumentInput Document(string id, string text) => new() { Id = id, Text = text };

    private ITextEmbedder CreateEmbedder(string name, EmbeddingModel model) => Wrap(new ModelEmbedder(name, model));
}
