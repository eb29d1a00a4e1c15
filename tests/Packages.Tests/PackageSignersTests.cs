using System.IO.Compression;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NuGet.Common;
using NuGet.Packaging.Signing;
using HashAlgorithmName = System.Security.Cryptography.HashAlgorithmName;

namespace Sluice.Packages.Tests;

public sealed class PackageSignersTests : IDisposable
{
    private static readonly Lazy<X509Certificate2> _acme = new(() => Certificate("Acme"));

    private readonly PackageBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_package_that_an_allowed_certificate_signed_is_installed_and_the_signer_is_locked()
    {
        var package = await SignAsync(_bench.PackSample("1.0.0"), _acme.Value);
        _bench.Options = new() { AllowedSigners = [Colons(Fingerprint(_acme.Value)).ToUpperInvariant()] };

        Assert.Equal(Fingerprint(_acme.Value), (await _bench.AddAsync(package)).Entry.Signer);
    }

    [Fact]
    public async Task A_package_that_another_certificate_signed_is_refused_with_its_fingerprint()
    {
        var package = await SignAsync(_bench.PackSample("1.0.0"), _acme.Value);
        _bench.Options = new() { AllowedSigners = [new string('0', 64)] };

        Assert.Contains(Fingerprint(_acme.Value), await _bench.RefusedAsync("signer", package), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_signed_is_refused_be_it_a_package_its_dependency_or_a_zip_file()
    {
        _bench.Pack("A 1.0.0", new() { ["lib/net8.0/a.txt"] = null }, []);
        var package = await SignAsync(_bench.PackSample("1.0.0", "A 1.0.0"), _acme.Value);
        var bare = _bench.PackSample("2.0.0");
        _bench.Options = new() { AllowedSigners = [Fingerprint(_acme.Value)] };

        Assert.Contains("A 1.0.0", await _bench.RefusedAsync("not-signed", package), StringComparison.Ordinal);
        await _bench.RefusedAsync("not-signed", bare);
        await _bench.RefusedAsync("not-signed", _bench.Zip("a.zip", new() { ["Sample.dll"] = null }));
    }

    [Fact]
    public async Task A_package_that_was_altered_after_it_was_signed_is_refused()
    {
        var package = await SignAsync(_bench.PackSample("1.0.0"), _acme.Value);
        using (var zip = ZipFile.Open(package, ZipArchiveMode.Update))
        {
            zip.CreateEntry("lib/net10.0/extra.dll");
        }

        _bench.Options = new() { AllowedSigners = [Fingerprint(_acme.Value)] };

        await _bench.RefusedAsync("signature", package);
    }

    private async Task<string> SignAsync(string package, X509Certificate2 certificate)
    {
        var signed = Path.Combine(Directory.CreateDirectory(_bench.PathOf("signed")).FullName, Path.GetFileName(package));
        using var request = new AuthorSignPackageRequest(new X509Certificate2(certificate), NuGet.Common.HashAlgorithmName.SHA256);
        using var options = SigningOptions.CreateFromFilePaths(package, signed, overwrite: true, new X509SignatureProvider(timestampProvider: null), NullLogger.Instance);
        await SigningUtility.SignAsync(options, request, TestContext.Current.CancellationToken);
        return signed;
    }

    private static X509Certificate2 Certificate(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.3")], critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }

    private static string Fingerprint(X509Certificate2 certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();

    private static string Colons(string fingerprint) => string.Join(':', fingerprint.Chunk(2).Select(pair => new string(pair)));
}
