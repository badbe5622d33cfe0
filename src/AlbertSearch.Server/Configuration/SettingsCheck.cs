using System.Collections;
using System.ComponentModel;
using System.Reflection;

namespace AlbertSearch.Server.Configuration;

/// <summary>
/// Compares a section with the options class that it is bound to. The binder ignores names that it doesn't know, so that a
/// typing error would quietly leave a default in force.
/// </summary>
internal static class SettingsCheck
{
    /// <summary>Faults of a section, each with the setting's name, its value and what is allowed.</summary>
    /// <param name="section">The section.</param>
    /// <param name="type">The options class.</param>
    /// <param name="others">Sections below it that are bound to classes of their own.</param>
    public static IEnumerable<string> Faults(IConfigurationSection section, Type type, params string[] others)
    {
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        if (section.Value is { Length: > 0 } value)
        {
            yield return $"{section.Path} is '{value}'; allowed: the settings {string.Join(", ", properties.Select(property => property.Name))}.";
        }

        foreach (var child in section.GetChildren())
        {
            if (others.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }

            var property = Array.Find(properties, candidate => candidate.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            var faults = property is null
                ? [$"{child.Path} is not a setting; known: {string.Join(", ", [.. properties.Select(candidate => candidate.Name), .. others])}."]
                : ValueFaults(child, property.PropertyType);
            foreach (var fault in faults)
            {
                yield return fault;
            }
        }
    }

    private static IEnumerable<string> ValueFaults(IConfigurationSection setting, Type type)
    {
        if (typeof(IDictionary).IsAssignableFrom(type) || typeof(IList).IsAssignableFrom(type))
        {
            return setting.Value is { Length: > 0 } value
                ? [$"{setting.Path} is '{value}'; allowed: entries below it, such as {setting.Path}:0 of a list or {setting.Path}:NAME."]
                : setting.GetChildren().Where(child => child.Value is null).Select(child => $"{child.Path} is a section; allowed: a text.");
        }

        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain.IsClass && plain != typeof(string))
        {
            return Faults(setting, plain);
        }

        if (setting.GetChildren().Any())
        {
            return [$"{setting.Path} is a section; allowed: {Allowed(plain)}."];
        }

        return setting.Value is null || plain == typeof(string) || (setting.Value.Length == 0 && plain != type) || CanRead(setting.Value, plain)
            ? []
            : [$"{setting.Path} is '{setting.Value}'; allowed: {Allowed(plain)}."];
    }

    private static bool CanRead(string value, Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Contains(value, StringComparer.OrdinalIgnoreCase);
        }

        try
        {
            return TypeDescriptor.GetConverter(type).ConvertFromInvariantString(value) is not null;
        }
        catch (Exception error) when (error is FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            return false;
        }
    }

    private static string Allowed(Type type) => type switch
    {
        { IsEnum: true } => string.Join(", ", Enum.GetNames(type)),
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(int) => $"a whole number up to {int.MaxValue}",
        _ when type == typeof(long) => $"a whole number up to {long.MaxValue}",
        _ when type == typeof(TimeSpan) => "a time such as 00:01:00",
        _ => "a text",
    };
}
