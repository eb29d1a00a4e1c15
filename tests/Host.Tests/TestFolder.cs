namespace Sluice.Host.Tests;

/// <summary>The directories of one host: journal, workflows, secrets. They outlive the host, so that another can be started on them.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("sluice-host-");

    public TestFolder()
    {
        Directory.CreateDirectory(Workflows);
        Directory.CreateDirectory(Secrets);
        File.WriteAllText(Path.Combine(Secrets, "payments_key"), "whsec_example\n");
        File.WriteAllText(Path.Combine(Secrets, "github_key"), "example-github-key\n");
        File.WriteAllText(Path.Combine(Secrets, "stripe_key"), "whsec_stripe_example\n");
        File.WriteAllText(Path.Combine(Secrets, "slack_key"), "example-slack-key\n");
        File.WriteAllText(Path.Combine(Secrets, "shopify_key"), "example-shopify-key\n");
        File.WriteAllText(Path.Combine(Secrets, "twilio_token"), "example-twilio-token\n");
        File.WriteAllText(Path.Combine(Secrets, "standard_webhooks_key"), "whsec_YW4gZXhhbXBsZSBvZiAyNCBieXRlcyEh\n");
        File.WriteAllText(Path.Combine(Secrets, "token"), "hush-hush-9000\n");
    }

    public string Data => Path.Combine(_root.FullName, "data");

    public string Workflows => Path.Combine(_root.FullName, "workflows");

    public string Secrets => Path.Combine(_root.FullName, "secrets");

    /// <summary>Copies a plugin's folder, as an operator does.</summary>
    public static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }

    public void Dispose() => _root.Delete(recursive: true);
}
