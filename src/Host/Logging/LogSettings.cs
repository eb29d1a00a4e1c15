using Microsoft.Extensions.Primitives;

namespace Sluice.Host.Logging;

/// <summary>A part of Serilog's configuration section, which follows the section when its files change.</summary>
internal sealed class LogSettings : ConfigurationProvider, IConfigurationSource, IDisposable
{
    private readonly IConfigurationSection _section;
    private readonly Func<string, bool> _isPart;
    private readonly IDisposable _changes;

    private LogSettings(IConfigurationSection section, Func<string, bool> isPart)
    {
        _section = section;
        _isPart = isPart;
        _changes = ChangeToken.OnChange(section.GetReloadToken, Reload);
    }

    /// <param name="section">The section.</param>
    /// <param name="isPart">Selects the members of the part, by name.</param>
    public static IConfigurationRoot Of(IConfigurationSection section, Func<string, bool> isPart) =>
        new ConfigurationBuilder().Add(new LogSettings(section, isPart)).Build();

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public override void Load() => Data = _section.GetChildren().Where(member => _isPart(member.Key))
        .SelectMany(member => member.AsEnumerable()).ToDictionary(setting => setting.Key, setting => setting.Value, StringComparer.OrdinalIgnoreCase);

    public void Dispose() => _changes.Dispose();

    private void Reload()
    {
        Load();
        OnReload();
    }
}
