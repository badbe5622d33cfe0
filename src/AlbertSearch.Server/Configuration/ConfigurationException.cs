namespace AlbertSearch.Server.Configuration;

/// <summary>Settings that the server can't start with.</summary>
internal sealed class ConfigurationException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">Each fault with the setting's name, its value and what is allowed.</param>
    public ConfigurationException(string message)
        : base(message)
    {
    }
}
