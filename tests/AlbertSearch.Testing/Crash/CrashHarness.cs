namespace AlbertSearch.Testing.Crash;

/// <summary>
/// Starts the real server, loads it from several clients, kills it with SIGKILL at a seeded moment or inside a step that is hard to
/// hit (see <see cref="KillPlan"/>), starts it again on the same data, and compares what it holds with what it had acknowledged.
/// But for the steps it uses the REST interface alone.
/// </summary>
/// <remarks>
/// Invariants after each restart, once the queue is empty: every document is in its last acknowledged version, with its metadata; of
/// the one request whose answer was lost, all or nothing is done, and of a bulk load exactly the lines that its operation says; no
/// document is there twice, none that nobody sent, none of a collection that was deleted; every document has exactly its chunk and
/// its vector; a search for a document's own text finds it; a request that comes again under its key is answered with its first
/// operation and changes nothing; a bulk load that was cut goes on where it was cut.
/// </remarks>
public sealed class CrashHarness
{
    private const string PauseVariable = "ALBERTSEARCH_PAUSE_AT";
    private const int Clients = 3;

    private readonly string _indexData;
    private readonly string[] _serverArguments;
    private readonly Random _random;
    private readonly ClientFleet _fleet;
    private bool _stepReached;

    /// <summary>Makes a harness.</summary>
    /// <param name="indexData">An empty folder.</param>
    /// <param name="seed">Decides what is sent and when the server is killed.</param>
    /// <param name="serverArguments">More arguments of the server.</param>
    public CrashHarness(string indexData, int seed, params string[] serverArguments)
    {
        _indexData = indexData;
        _serverArguments = serverArguments;
        _random = new Random(seed);
        _fleet = new ClientFleet(Clients, seed + 1);
    }

    /// <summary>Kills so far.</summary>
    public int Kills { get; private set; }

    /// <summary>Kills by where they fell: the name of a step, <c>stop</c>, or <c>any moment</c>.</summary>
    public SortedDictionary<string, int> KillsByPlace { get; } = new(StringComparer.Ordinal);

    /// <summary>Stops that ended with exit code 0 before the kill came.</summary>
    public int Stops { get; private set; }

    /// <summary>Requests that were acknowledged so far.</summary>
    public int Acknowledged => _fleet.Answered;

    /// <summary>Bulk loads that a kill cut and that were continued.</summary>
    public int Continued => _fleet.Clients.Sum(client => client.Continued);

    /// <summary>Requests that were sent again under their idempotency key.</summary>
    public int Repeated => _fleet.Clients.Sum(client => client.Repeated);

    /// <summary>Kills the server a number of times, each time under load.</summary>
    /// <param name="kills">How often.</param>
    /// <param name="mostAnswers">Answers that a round waits for at most.</param>
    /// <param name="progress">Told the number of kills after each.</param>
    /// <param name="cancellationToken">Ends the run between two rounds.</param>
    /// <exception cref="InvalidOperationException">A promise was broken; the message says which.</exception>
    public async Task RunAsync(int kills, int mostAnswers, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        while (Kills < kills)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var plan = KillPlan.Next(_random, mostAnswers);
            try
            {
                await RunRoundAsync(plan);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"After {Kills} kills, in a round with {plan} (step reached: {_stepReached}): {error.Message}", error);
            }

            progress?.Report(Kills);
        }

        await using var last = await ServerProcess.StartAsync(_indexData, _serverArguments);
        await _fleet.RecoverAsync(last.Client);
        await _fleet.VerifyAsync(last.Client);
    }

    private async Task RunRoundAsync(KillPlan plan)
    {
        await using var server = ServerProcess.Launch(_indexData, plan.Step is null ? [] : [KeyValuePair.Create(PauseVariable, plan.Step)], _serverArguments);
        var reached = plan.Announcement is { } announcement ? server.HasPrintedAsync(announcement) : new TaskCompletionSource().Task;
        var clients = new List<Task>();
        var round = LoadAsync(server, plan, reached, clients);
        _stepReached = await Task.WhenAny(round, reached) == reached;
        if (_stepReached)
        {
            await Task.Delay(plan.Delay);
        }

        if (!server.HasExited)
        {
            await server.KillAsync();
            Kills++;
            Count(plan, reached.IsCompleted);
        }
        else if (plan.Stop && server.ExitCode == 0)
        {
            Stops++;
        }
        else
        {
            throw new InvalidOperationException($"the server ended by itself with exit code {server.ExitCode}:\n{server.Output}", round.Exception);
        }

        try
        {
            await round;
            await Task.WhenAll(clients);
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"{error.Message}\nThe server printed:\n{server.Output}", error);
        }
    }

    private void Count(KillPlan plan, bool inStep)
    {
        var where = inStep ? plan.Step!.Split(':')[0] : plan.Stop ? "stop" : "any moment";
        KillsByPlace[where] = KillsByPlace.GetValueOrDefault(where) + 1;
    }

    /// <summary>All of a round up to its kill. Ends early when a step is reached.</summary>
    private async Task LoadAsync(ServerProcess server, KillPlan plan, Task reached, List<Task> clients)
    {
        try
        {
            await server.WaitUntilReadyAsync();
        }
        catch (Exception) when (reached.IsCompleted)
        {
            // Killed in a step of its start.
            return;
        }

        try
        {
            await _fleet.RecoverAsync(server.Client);
        }
        catch (Exception error) when (reached.IsCompleted && error is HttpRequestException or IOException)
        {
            // Killed in the middle of its recovery; the next round goes on with it.
            return;
        }

        var answers = Acknowledged + plan.Answers;
        clients.AddRange(_fleet.Clients.Select(client => client.RunUntilKilledAsync(server.Client)));
        while (Acknowledged < answers && !reached.IsCompleted && !clients.Any(client => client.IsCompleted))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1));
        }

        if (plan.Stop && !server.HasExited)
        {
            await server.AskToStopAsync();
        }

        await (plan is { Stop: true, Step: not null } ? Task.WhenAny(reached, server.Exited) : Task.Delay(plan.Delay));
    }
}
