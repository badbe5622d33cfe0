using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace AlbertSearch.Testing;

/// <summary>
/// The real server in a process of its own, on a port of the system's choice: what a user starts, and what a crash test kills.
/// The program is the one built beside the tests, in the same configuration.
/// </summary>
public sealed partial class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(string Text, TaskCompletionSource Seen)> _awaited = [];

    private ServerProcess(Process process)
    {
        _process = process;
    }

    /// <summary>A client whose base address is the server's.</summary>
    public HttpClient Client { get; private set; } = new();

    /// <summary>All that the process has printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>The process's exit code, once it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>The process's id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether the process has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Ends with the process.</summary>
    public Task Exited => _process.WaitForExitAsync();

    /// <summary>Starts a server without waiting for it to listen.</summary>
    /// <param name="indexData">The data folder.</param>
    /// <param name="arguments">More arguments, such as <c>--AlbertSearch:Limits:K</c>, <c>5</c>.</param>
    public static ServerProcess Launch(string indexData, params ReadOnlySpan<string> arguments) => Launch(indexData, environment: [], arguments);

    /// <summary>Starts a server with environment variables of its own, without waiting for it to listen.</summary>
    public static ServerProcess Launch(string indexData, IReadOnlyCollection<KeyValuePair<string, string>> environment, params ReadOnlySpan<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(environment);
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = RepositoryFiles.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.ArgumentList.Add(ProgramPath());
        foreach (var argument in (ReadOnlySpan<string>)["--urls", "http://127.0.0.1:0", "--AlbertSearch:IndexData", indexData, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var server = new ServerProcess(new Process { StartInfo = start });
        server._process.OutputDataReceived += (_, line) => server.Read(line.Data);
        server._process.ErrorDataReceived += (_, line) => server.Read(line.Data);
        server._process.Start();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        return server;
    }

    /// <summary>Starts a server and waits until it can search.</summary>
    /// <exception cref="InvalidOperationException">It ended, or did not get ready in time; the message holds what it printed.</exception>
    public static Task<ServerProcess> StartAsync(string indexData, params string[] arguments) => StartAsync(indexData, environment: [], arguments);

    /// <summary>Starts a server with environment variables of its own, and waits until it can search.</summary>
    /// <exception cref="InvalidOperationException">It ended, or did not get ready in time; the message holds what it printed.</exception>
    public static async Task<ServerProcess> StartAsync(string indexData, IReadOnlyCollection<KeyValuePair<string, string>> environment, params string[] arguments)
    {
        var server = Launch(indexData, environment, arguments);
        try
        {
            await server.WaitUntilReadyAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until <c>/health/ready</c> answers 200.</summary>
    /// <exception cref="InvalidOperationException">The process ended, or did not get ready in time.</exception>
    public async Task WaitUntilReadyAsync()
    {
        using var limit = new CancellationTokenSource(StartLimit);
        var exit = _process.WaitForExitAsync(limit.Token);
        if (await Task.WhenAny(_listening.Task, exit) != _listening.Task)
        {
            throw new InvalidOperationException($"The server did not start listening:\n{Output}");
        }

        Client.Dispose();
        Client = new HttpClient { BaseAddress = await _listening.Task, Timeout = StartLimit };
        while (!limit.IsCancellationRequested && !_process.HasExited)
        {
            using var answer = await Client.GetAsync(new Uri("/health/ready", UriKind.Relative), limit.Token);
            if (answer.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
        }

        throw new InvalidOperationException($"The server did not get ready:\n{Output}");
    }

    /// <summary>SIGKILL: no handler runs, no buffer is flushed.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        await AskToStopAsync();
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>SIGTERM, without waiting for the end.</summary>
    public async Task AskToStopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Ends when the process has printed a text.</summary>
    public Task HasPrintedAsync(string text)
    {
        lock (_output)
        {
            if (_output.ToString().Contains(text, StringComparison.Ordinal))
            {
                return Task.CompletedTask;
            }

            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((text, seen));
            return seen.Task;
        }
    }

    /// <summary>Waits for the process to end by itself.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="OperationCanceledException">It did not end in time.</exception>
    public async Task<int> WaitForExitAsync()
    {
        using var limit = new CancellationTokenSource(StartLimit);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        Client.Dispose();
        _process.Dispose();
    }

    private static string ProgramPath()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var framework = output.Name;
        var configuration = output.Parent!.Name;
        return Path.Combine(RepositoryFiles.Root, "src", "AlbertSearch.Server", "bin", configuration, framework, "AlbertSearch.Server.dll");
    }

    [GeneratedRegex(@"Now listening on: (http://\S+)")]
    private static partial Regex ListeningLine();

    private void Read(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
            foreach (var (_, seen) in _awaited.Where(awaited => line.Contains(awaited.Text, StringComparison.Ordinal)))
            {
                seen.TrySetResult();
            }
        }

        if (ListeningLine().Match(line) is { Success: true } match)
        {
            _listening.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }
}
