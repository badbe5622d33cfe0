using AlbertSearch.Server.Configuration;
using AlbertSearch.Testing;
using Microsoft.Extensions.Configuration;

namespace AlbertSearch.Server.Tests.Configuration;

public class SettingsReaderTests
{
    [Theory]
    [InlineData("AlbertSearch:Limits:K", "abc", "AlbertSearch:Limits:K is 'abc'; allowed: a whole number")]
    [InlineData("AlbertSearch:Limits:K", "0", "AlbertSearch:Limits:K is '0'; allowed: 1 to")]
    [InlineData("AlbertSearch:Limits:K", "99999999999", "AlbertSearch:Limits:K is '99999999999'; allowed: a whole number")]
    [InlineData("AlbertSearch:Limits:K", "", "AlbertSearch:Limits:K is ''; allowed: a whole number")]
    [InlineData("AlbertSearch:Limits:JsonBodyBytes", "1.5", "AlbertSearch:Limits:JsonBodyBytes is '1.5'; allowed: a whole number")]
    [InlineData("AlbertSearch:Limits", "5", "AlbertSearch:Limits is '5'; allowed: the settings K,")]
    [InlineData("AlbertSearch:Limits:K:X", "5", "AlbertSearch:Limits:K is a section; allowed: a whole number")]
    [InlineData("AlbertSearch:Limit:K", "5", "AlbertSearch:Limit is not a setting; known: Model,")]
    [InlineData("AlbertSearch:Limits:Ks", "5", "AlbertSearch:Limits:Ks is not a setting; known: K,")]
    [InlineData("AlbertSearch:Pooling", "foo", "AlbertSearch:Pooling is 'foo'; allowed: Pooler, Mean, Cls.")]
    [InlineData("AlbertSearch:Pooling", "7", "AlbertSearch:Pooling is '7'; allowed: Pooler, Mean, Cls.")]
    [InlineData("AlbertSearch:Chunking:Enabled", "maybe", "AlbertSearch:Chunking:Enabled is 'maybe'; allowed: true or false.")]
    [InlineData("AlbertSearch:Queue:Lease", "soon", "AlbertSearch:Queue:Lease is 'soon'; allowed: a time such as")]
    [InlineData("AlbertSearch:Model", " ", "AlbertSearch:Model is ' '; allowed:")]
    [InlineData("AlbertSearch:Server:ConcurrentRequests", "0", "AlbertSearch:Server:ConcurrentRequests is '0'; allowed: 1 to 10000.")]
    [InlineData("AlbertSearch:Server:WaitingRequests", "-1", "AlbertSearch:Server:WaitingRequests is '-1'; allowed: 0 to 1000000.")]
    [InlineData("AlbertSearch:Server:StopTimeout", "1.00:00:00", "AlbertSearch:Server:StopTimeout is '1.00:00:00'; allowed: 00:00:00 to 01:00:00.")]
    [InlineData("AlbertSearch:Server:Port", "80", "AlbertSearch:Server:Port is not a setting; known: ConcurrentRequests,")]
    [InlineData("AlbertSearch:Server:PaddleHub:Modules:0", "", "AlbertSearch:Server:PaddleHub:Modules holds ''; allowed: module names.")]
    [InlineData("AlbertSearch:Server:PaddleHub:Modules", "albert", "AlbertSearch:Server:PaddleHub:Modules is 'albert'; allowed: entries below it")]
    [InlineData("AlbertSearch:Models", "models/other", "AlbertSearch:Models is 'models/other'; allowed: entries below it")]
    [InlineData("urls", "http://127.0.0.1:99999", "urls holds 'http://127.0.0.1:99999'; allowed: http://HOST:PORT")]
    [InlineData("urls", "localhost", "urls holds 'localhost'; allowed: http://HOST:PORT")]
    public void Wrong_setting_is_told_with_name_value_and_what_is_allowed(string name, string value, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() => Read((name, value)));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var error = Assert.Throws<ConfigurationException>(() => Read(("AlbertSearch:Limits:K", "abc"), ("AlbertSearch:Foo", "1")));

        Assert.Equal(2, error.Message.Split(Environment.NewLine).Length);
    }

    [Theory]
    [InlineData("AlbertSearch:Pooling", "mean")]
    [InlineData("AlbertSearch:Pooling", "")]
    [InlineData("albertsearch:limits:k", "7")]
    [InlineData("AlbertSearch:Models:other", "models/other")]
    [InlineData("AlbertSearch:Server:PaddleHub:Modules:0", "albert-chinese-base")]
    [InlineData("urls", "http://127.0.0.1:0;http://[::1]:0")]
    public void Right_setting_is_taken(string name, string value) => Assert.NotNull(Read((name, value)));

    [Fact]
    public void Settings_file_of_the_repository_holds_the_defaults()
    {
        var configuration = new ConfigurationBuilder().AddJsonFile(Path.Combine(RepositoryFiles.Root, "appsettings.json")).Build();

        var server = SettingsReader.Read(configuration);
        var engine = configuration.GetSection(AlbertSearchOptions.SectionName).Get<AlbertSearchOptions>()!;

        Assert.Equivalent(new ServerOptions(), server);
        Assert.Equivalent(new AlbertSearchOptions(), engine);
        Assert.Null(configuration["urls"]);
    }

    private static ServerOptions Read(params (string Name, string Value)[] settings) =>
        SettingsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Name, setting.Value))).Build());
}
