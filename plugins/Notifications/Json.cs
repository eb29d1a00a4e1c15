using System.Text.Json.Serialization;

namespace Sluice.Plugins.Notifications;

/// <summary>The JSON of this plugin's records, generated at build time.</summary>
[JsonSerializable(typeof(WebhookResponseConfig))]
[JsonSerializable(typeof(WebhookResponseOutput))]
[JsonSerializable(typeof(EmailConfig))]
[JsonSerializable(typeof(EmailOutput))]
internal sealed partial class Json : JsonSerializerContext;
