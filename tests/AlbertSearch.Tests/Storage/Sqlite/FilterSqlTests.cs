using System.Text.Json;
using AlbertSearch.Filters;
using AlbertSearch.Storage.Sqlite;

namespace AlbertSearch.Tests.Storage.Sqlite;

public sealed class FilterSqlTests
{
    private static readonly string[] Names = ["a", "b", "quote\"", "back\\slash", "dot.ted", "é😀", "a b", "$", "it's; DROP TABLE documents; --"];

    [Fact]
    public async Task Seeded_filters_match_the_same_documents_as_their_definition()
    {
        await using var storage = await SqliteStorageUnderTest.OpenAsync();
        var random = new Random(17);
        var metadata = Enumerable.Range(0, 300).Select(i => i == 0 ? null : MakeObject(random, 0)).ToList();
        await storage.EnqueueAsync([.. metadata.Select((json, i) => StorageUnderTest.Upsert($"d{i}", "x", json))]);
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        var stored = metadata.ConvertAll(json => json is null ? (JsonElement?)null : JsonDocument.Parse(json).RootElement);

        var matched = 0;
        for (var round = 0; round < 400; round++)
        {
            var filter = MakeFilter(random, 0);
            var expected = Enumerable.Range(0, stored.Count).Where(i => FilterEvaluator.Matches(filter, stored[i])).Select(i => $"d{i}").ToHashSet();
            var compiled = FilterSql.Compile(filter, 1);
            var actual = await storage.Database.Readers.ReadAsync(session =>
            {
                using var statement = session.Prepare($"SELECT id FROM documents WHERE {compiled.Sql}");
                using var reader = statement.Query([.. compiled.Values]);
                var ids = new HashSet<string>();
                while (reader.Read())
                {
                    ids.Add(reader.GetString(0));
                }

                return ids;
            });
            Assert.True(expected.SetEquals(actual), $"{FilterJson.Write(filter)}: {string.Join(", ", expected.Except(actual).Concat(actual.Except(expected)))}");
            matched += expected.Count is > 0 and < 300 ? 1 : 0;
        }

        Assert.True(matched > 200, $"only {matched} filters told documents apart");
    }

    private static Filter MakeFilter(Random random, int depth)
    {
        var field = FieldPath.TryParse(Escape(Names[random.Next(Names.Length)]) + (random.Next(4) == 0 ? "." + Escape(Names[random.Next(Names.Length)]) : string.Empty))!;
        return random.Next(depth < 3 ? 9 : 6) switch
        {
            0 => new EqualFilter(field, [MakeValue(random)]),
            1 => new EqualFilter(field, [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => MakeValue(random))]),
            2 => new CompareFilter(field, (Comparison)random.Next(4), random.Next(2) == 0 ? FilterValue.Of(random.Next(-2, 3) + (random.Next(2) * 0.5)) : FilterValue.Of(MakeText(random))),
            3 => new CompareFilter(field, (Comparison)random.Next(4), FilterValue.Of((long)random.Next(-2, 3))),
            4 => new ExistsFilter(field),
            5 => new ContainsFilter(field, MakeValue(random)),
            6 => new NotFilter(MakeFilter(random, depth + 1)),
            7 => new AndFilter([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => MakeFilter(random, depth + 1))]),
            _ => new OrFilter([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => MakeFilter(random, depth + 1))]),
        };
    }

    private static string Escape(string name) => name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(".", "\\.", StringComparison.Ordinal);

    private static FilterValue MakeValue(Random random) => random.Next(5) switch
    {
        0 => FilterValue.Null,
        1 => FilterValue.Of(random.Next(2) == 0),
        2 => FilterValue.Of((long)random.Next(-2, 3)),
        3 => FilterValue.Of(random.Next(-2, 3) + 0.5),
        _ => FilterValue.Of(MakeText(random)),
    };

    private static string MakeText(Random random) => random.Next(6) switch
    {
        0 => string.Empty,
        1 => "é😀",
        2 => "\uFFFD",
        3 => "A",
        4 => "1",
        _ => new string((char)random.Next('a', 'd'), random.Next(1, 3)),
    };

    private static string MakeObject(Random random, int depth)
    {
        var members = Names.Where(_ => random.Next(2) == 0).Select(name => $"{JsonSerializer.Serialize(name)}:{MakeJson(random, depth + 1)}");
        return "{" + string.Join(',', members) + "}";
    }

    private static string MakeJson(Random random, int depth) => random.Next(depth < 3 ? 9 : 6) switch
    {
        0 => "null",
        1 => random.Next(2) == 0 ? "true" : "false",
        2 => $"{random.Next(-2, 3)}",
        3 => $"{random.Next(-2, 3)}.5",
        4 => $"{random.Next(-2, 3)}.0",
        5 => JsonSerializer.Serialize(MakeText(random)),
        6 => "[" + string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => MakeJson(random, depth + 1))) + "]",
        _ => MakeObject(random, depth),
    };
}
