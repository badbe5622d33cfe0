using System.Globalization;

namespace AlbertSearch.Testing.Crash;

/// <summary>How a round ends.</summary>
/// <param name="Answers">Answers that are waited for first, unless the step is reached.</param>
/// <param name="Delay">How much later the kill comes.</param>
/// <param name="Step">A step of the server that is killed in, as <c>ALBERTSEARCH_PAUSE_AT</c> takes it; null for any moment.</param>
/// <param name="Stop">Whether the server is asked to stop before, so that the kill falls into its stopping.</param>
internal sealed record KillPlan(int Answers, TimeSpan Delay, string? Step, bool Stop)
{
    // About as long as a request takes: the kill falls anywhere inside one.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(40);

    // With the number of times after which a round has surely begun, and not ended.
    private static readonly (string Step, int Times)[] Steps =
    [
        ("commit.before", 60),
        ("commit.inside", 60),
        ("commit.after", 60),
        ("commit.before:pass", 60),
        ("commit.inside:pass", 60),
        ("apply.vectors", 15),
        ("apply.committed", 15),
        ("deletion.marked", 1),
        ("deletion.step", 1),
    ];

    private static readonly string[] StopSteps = ["snapshot.part", "snapshot.whole", "snapshot.named", "snapshot.listed"];

    /// <summary>Draws the next plan: half of them at any moment, the others at a step or in the middle of a stop.</summary>
    public static KillPlan Next(Random random, int mostAnswers)
    {
        var (answers, delay) = (random.Next(mostAnswers + 1), LongestDelay * random.NextDouble());
        switch (random.Next(10))
        {
            case 0:
                return new KillPlan(answers, delay, Step: null, Stop: true);
            case 1:
                return new KillPlan(answers, TimeSpan.Zero, At(StopSteps[random.Next(StopSteps.Length)], random.Next(1, 3)), Stop: true);
            case < 6:
                var (step, times) = Steps[random.Next(Steps.Length)];
                return new KillPlan(mostAnswers, step.EndsWith(":pass", StringComparison.Ordinal) ? TimeSpan.Zero : delay, At(step, random.Next(1, times + 1)), Stop: false);
            default:
                return new KillPlan(answers, delay, Step: null, Stop: false);
        }
    }

    /// <summary>What the server prints when the step is reached.</summary>
    public string? Announcement => Step is null ? null : $"Reached {Step[..Step.IndexOf(':', StringComparison.Ordinal)]}";

    private static string At(string step, int count)
    {
        var name = step.Split(':');
        return string.Create(CultureInfo.InvariantCulture, $"{name[0]}:{count}{(name.Length > 1 ? ":" + name[1] : "")}");
    }
}
