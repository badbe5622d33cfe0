using AlbertSearch.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace AlbertSearch;

/// <summary>Registers AlbertSearch with a host.</summary>
public static class AlbertSearchServiceCollectionExtensions
{
    /// <summary>
    /// Adds the engine as a hosted service, with options from the section <c>AlbertSearch</c> of the host's configuration.
    /// Take <see cref="AlbertSearchEngineProvider"/> from the container: it has the engine as soon as it can search.
    /// </summary>
    /// <param name="services">The host's services; they hold an <c>IConfiguration</c>.</param>
    /// <param name="configure">Sets options after the configuration was read; null for none.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddAlbertSearch(this IServiceCollection services, Action<AlbertSearchOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptionsWithValidateOnStart<AlbertSearchOptions, AlbertSearchOptionsValidator>()
            .BindConfiguration(AlbertSearchOptions.SectionName);
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => new AlbertSearchEngineProvider());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, EngineHostedService>());
        return services;
    }
}
