using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Plugins.Logic;

/// <summary>The JSON of this plugin's records, generated at build time.</summary>
[JsonSerializable(typeof(LogicGateConfig))]
[JsonSerializable(typeof(LogicGateOutput))]
[JsonSerializable(typeof(SwitchConfig))]
[JsonSerializable(typeof(SwitchOutput))]
[JsonSerializable(typeof(SetConfig))]
[JsonSerializable(typeof(OrderedDictionary<string, JsonElement>))]
[JsonSerializable(typeof(StopConfig))]
[JsonSerializable(typeof(StopOutput))]
internal sealed partial class Json : JsonSerializerContext;
