using AlbertSearch.Server.Problems;
using AlbertSearch.Server.Responses;
using Microsoft.OpenApi;

namespace AlbertSearch.Server.OpenApi;

/// <summary>Describes the API at <c>/openapi/v1.json</c>. Endpoints read bodies themselves, for better errors, so that they say here what they take.</summary>
internal static class ApiDescription
{
    /// <summary>Adds the document.</summary>
    public static IServiceCollection AddApiDescription(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, WireJson.Relaxed));
        return services.AddOpenApi(openApi =>
        {
            openApi.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "AlbertSearch",
                    Version = "v1",
                    Description = "Semantic search over documents with ALBERT vectors. Every error is application/problem+json with a stable code, but for the PaddleHub dialect, which has its own.",
                    License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
                };
                return Task.CompletedTask;
            });
            openApi.AddOperationTransformer((operation, context, _) =>
            {
                AddPathParameters(operation, context.Description.RelativePath ?? "");
                return Task.CompletedTask;
            });
        });
    }

    /// <summary>Says what body a route takes.</summary>
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder route, string example, string contentType, Func<OpenApiSchema> schema, bool required = true) =>
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            AddBody(operation, contentType, new OpenApiMediaType { Schema = schema(), Example = System.Text.Json.Nodes.JsonNode.Parse(example) }, required);
            return Task.CompletedTask;
        });

    /// <summary>Says what else than JSON a route takes.</summary>
    public static RouteHandlerBuilder AlsoTakes(this RouteHandlerBuilder route, string example, string contentType) =>
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            AddBody(operation, contentType, new OpenApiMediaType { Schema = RequestSchemas.Text(), Example = example });
            return Task.CompletedTask;
        });

    /// <summary>Says what query parameter a route takes.</summary>
    public static RouteHandlerBuilder TakesQuery(this RouteHandlerBuilder route, string name, string type, string description, bool required = false) =>
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = name,
                In = ParameterLocation.Query,
                Description = description,
                Required = required,
                Schema = RequestSchemas.Of(type),
            });
            return Task.CompletedTask;
        });

    /// <summary>Says what header a route takes.</summary>
    public static RouteHandlerBuilder TakesHeader(this RouteHandlerBuilder route, string name, string description) =>
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Header, Description = description, Schema = RequestSchemas.Text() });
            return Task.CompletedTask;
        });

    /// <summary>Says which error statuses a route answers with.</summary>
    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder route, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            route.Produces<ProblemResponse>(status, ProblemWriter.ContentType);
        }

        return route;
    }

    private static void AddBody(OpenApiOperation operation, string contentType, OpenApiMediaType content, bool required = true)
    {
        var body = operation.RequestBody as OpenApiRequestBody ?? new OpenApiRequestBody { Required = required };
        body.Content ??= new Dictionary<string, OpenApiMediaType>();
        body.Content[contentType] = content;
        operation.RequestBody = body;
    }

    private static void AddPathParameters(OpenApiOperation operation, string path)
    {
        foreach (var segment in path.Split('/').Where(segment => segment.StartsWith('{') && segment.EndsWith('}')))
        {
            var name = segment[1..^1];
            operation.Parameters ??= [];
            if (operation.Parameters.All(parameter => parameter.Name != name))
            {
                operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Path, Required = true, Schema = RequestSchemas.Text() });
            }
        }
    }
}
