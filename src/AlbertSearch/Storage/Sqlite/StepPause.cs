using SQLitePCL;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>
/// For crash tests: stops a thread at a step that is hard to hit from outside, so that the process can be killed exactly there.
/// Set by the environment variable <see cref="Variable"/> before the process starts and by nothing else; without it a step costs
/// the test of a constant. Thread-safe.
/// </summary>
/// <remarks>
/// <c>STEP:COUNT</c> stops the thread that is the COUNT-th to reach the step, for ever; <c>STEP:COUNT:pass</c> lets it go on. Either
/// way <c>Reached STEP</c> is written to standard error first.
/// </remarks>
internal static class StepPause
{
    /// <summary>The environment variable.</summary>
    public const string Variable = "ALBERTSEARCH_PAUSE_AT";

    /// <summary>All statements of a transaction have run; it isn't being committed yet.</summary>
    public const string BeforeCommit = "commit.before";

    /// <summary>Inside <c>COMMIT</c>: SQLite is about to write to its log.</summary>
    public const string InCommit = "commit.inside";

    /// <summary>Committed and flushed; nobody has been told.</summary>
    public const string AfterCommit = "commit.after";

    /// <summary>The vectors of a batch are in the index; its transaction has not begun.</summary>
    public const string VectorsInserted = "apply.vectors";

    /// <summary>A batch is committed; the vectors that it replaced are still in the index.</summary>
    public const string DocumentsCommitted = "apply.committed";

    /// <summary>A collection is out of sight; its documents are still stored.</summary>
    public const string DeletionMarked = "deletion.marked";

    /// <summary>A part of a deleted collection's documents is gone.</summary>
    public const string DeletionStep = "deletion.step";

    /// <summary>A part of a snapshot is in its temporary file.</summary>
    public const string SnapshotPart = "snapshot.part";

    /// <summary>A snapshot's temporary file is whole; it has not taken the snapshot's name.</summary>
    public const string SnapshotWhole = "snapshot.whole";

    /// <summary>A snapshot has its name; the database doesn't list it.</summary>
    public const string SnapshotNamed = "snapshot.named";

    /// <summary>A snapshot is listed; the one before is still there.</summary>
    public const string SnapshotListed = "snapshot.listed";

    private static readonly Point? Configured = Point.Parse(Environment.GetEnvironmentVariable(Variable));

    /// <summary>What the writing of a snapshot reports to; null when no step is set.</summary>
    public static IProgress<double>? InSnapshot => Configured is null ? null : new SnapshotProgress();

    /// <summary>A step is reached.</summary>
    public static void At(string step) => Configured?.Reach(step);

    /// <summary>Reaches <see cref="InCommit"/> in the commits of a connection.</summary>
    public static void WatchCommits(SqliteSession session)
    {
        if (Configured is not null)
        {
            raw.sqlite3_commit_hook(
                session.Connection.Handle,
                static _ =>
                {
                    At(InCommit);
                    return 0;
                },
                null);
        }
    }

    private sealed class SnapshotProgress : IProgress<double>
    {
        public void Report(double value) => At(value < 1 ? SnapshotPart : SnapshotWhole);
    }

    private sealed class Point(string step, int count, bool pass)
    {
        private int _left = count;

        public static Point? Parse(string? value) => value?.Split(':') switch
        {
            null => null,
            [var step, var count] => new Point(step, int.Parse(count, System.Globalization.CultureInfo.InvariantCulture), pass: false),
            [var step, var count, "pass"] => new Point(step, int.Parse(count, System.Globalization.CultureInfo.InvariantCulture), pass: true),
            _ => throw new FormatException($"{Variable} is '{value}', not STEP:COUNT or STEP:COUNT:pass."),
        };

        public void Reach(string reached)
        {
            if (reached != step || Interlocked.Decrement(ref _left) != 0)
            {
                return;
            }

            Console.Error.WriteLine($"Reached {step}");
            if (!pass)
            {
                using var never = new ManualResetEventSlim();
                never.Wait();
            }
        }
    }
}
