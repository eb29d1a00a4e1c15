using System.Text.Json.Serialization;

namespace Sluice.Plugins.Http;

/// <summary>The JSON of this plugin's records, generated at build time.</summary>
[JsonSerializable(typeof(HttpConfig))]
[JsonSerializable(typeof(HttpOutput))]
internal sealed partial class Json : JsonSerializerContext;
