using System.Collections.Immutable;
using Microsoft.OpenApi;
using Sluice.Engine.Definitions;
using Sluice.Engine.Publishing;
using Sluice.Host.Webhooks;

namespace Sluice.Host.OpenApi;

/// <summary>The OpenAPI document of the webhooks: one operation for each method of each enabled workflow, including held ones.</summary>
internal sealed class WebhookDocument
{
    public const string Name = "webhooks";

    private readonly OpenApiDocument _document = new()
    {
        Info = new OpenApiInfo
        {
            Title = "Sluice: webhooks",
            Version = ProductVersion.Text,
            Description = "The webhooks of the workflows that are published on this host now.",
        },
        Paths = [],
        Components = new OpenApiComponents(),
    };

    // Paths that differ only in the names of their parameters are one path, to OpenAPI as to the host; the first one names the parameters.
    private readonly Dictionary<string, (OpenApiPathItem Item, ImmutableArray<string> Parameters)> _paths = new(StringComparer.Ordinal);

    private WebhookDocument(string server)
    {
        _document.Servers = [new OpenApiServer { Url = server }];
        ProblemSchema.AddTo(_document);
    }

    /// <param name="workflows">The published workflows.</param>
    /// <param name="server">The address of the public listener.</param>
    public static OpenApiDocument Of(IEnumerable<WorkflowState> workflows, string server)
    {
        var document = new WebhookDocument(server);
        foreach (var workflow in workflows.Where(workflow => workflow.Stored.Enabled && workflow.Route is not null))
        {
            document.Add(workflow);
        }

        DeferralDescription.AddTo(document._document);
        return document._document;
    }

    private void Add(WorkflowState workflow)
    {
        var route = workflow.Route!;
        var (item, parameters) = PathOf(route.Pattern);
        var webhook = new WebhookOperation(workflow, _document);
        foreach (var method in route.Methods)
        {
            item.Operations![new HttpMethod(method)] = webhook.Of(method, parameters);
        }
    }

    private (OpenApiPathItem Item, ImmutableArray<string> Parameters) PathOf(PathPattern pattern)
    {
        var shape = Write(pattern, _ => "{}");
        if (!_paths.TryGetValue(shape, out var path))
        {
            path = (new OpenApiPathItem { Operations = [] }, [.. pattern.Parameters]);
            _paths.Add(shape, path);
            _document.Paths.Add(Write(pattern, name => $"{{{name}}}"), path.Item);
        }

        return path;
    }

    private static string Write(PathPattern pattern, Func<string, string> parameter) => WebhookEndpoint.Prefix + string.Concat(
        pattern.Segments.Select(segment => "/" + (segment.IsParameter ? parameter(segment.Text) : Uri.EscapeDataString(segment.Text))));
}
