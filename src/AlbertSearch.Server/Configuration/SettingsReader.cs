namespace AlbertSearch.Server.Configuration;

/// <summary>Checks all settings before anything is started.</summary>
internal static class SettingsReader
{
    /// <summary>Reads the server's own options.</summary>
    /// <exception cref="ConfigurationException">A setting is unknown, can't be read or is out of range, of the server's or of the engine's.</exception>
    public static ServerOptions Read(IConfiguration configuration)
    {
        var engineSection = configuration.GetSection(AlbertSearchOptions.SectionName);
        var serverSection = configuration.GetSection(ServerOptions.SectionName);
        ThrowIfAny(
        [
            .. ListenSettings.Faults(configuration),
            .. SettingsCheck.Faults(engineSection, typeof(AlbertSearchOptions), others: serverSection.Key),
            .. SettingsCheck.Faults(serverSection, typeof(ServerOptions)),
        ]);

        var engine = engineSection.Get<AlbertSearchOptions>() ?? new AlbertSearchOptions();
        var server = serverSection.Get<ServerOptions>() ?? new ServerOptions();
        ThrowIfAny([.. new AlbertSearchOptionsValidator().Validate(name: null, engine).Failures ?? [], .. server.Faults()]);
        return server;
    }

    private static void ThrowIfAny(IReadOnlyList<string> faults)
    {
        if (faults.Count > 0)
        {
            throw new ConfigurationException(string.Join(Environment.NewLine, faults));
        }
    }
}
