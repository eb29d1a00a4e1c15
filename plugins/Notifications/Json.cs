using System.Text.Json.Serialization;

namespace Sluice.Plugins.Notifications;

/// <summary>The JSON of this plugin's records, generated at build time.</summary>
[JsonSerializable(typeof(WebhookResponseConfig))]
[JsonSerializable(typeof(WebhookResponseOutput))]
internal sealed partial class Json : JsonSerializerContext;
