using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NuGet.Common;
using NuGet.Packaging;
using NuGet.Packaging.Signing;
using HashAlgorithmName = NuGet.Common.HashAlgorithmName;

namespace Sluice.Packages;

/// <summary>
/// Who may sign packages (<c>Plugins:AllowedSigners</c>): certificates by SHA-256 fingerprint. With an empty list, any signature or none is
/// accepted.
/// </summary>
internal sealed class PackageSigners(IEnumerable<string> fingerprints)
{
    private static readonly SignedPackageVerifierSettings _settings = new(
        allowUnsigned: false,
        allowIllegal: false,
        // The list itself is the trust: its certificates need not come from an authority that this machine knows.
        allowUntrusted: true,
        allowIgnoreTimestamp: true,
        allowMultipleTimestamps: true,
        allowNoTimestamp: true,
        allowUnknownRevocation: true,
        reportUnknownRevocation: false,
        VerificationTarget.All,
        SignaturePlacement.Any,
        SignatureVerificationBehavior.IfExists,
        RevocationMode.Online);

    private readonly ImmutableHashSet<string> _allowed = [.. fingerprints.Select(Normal)];

    public bool IsRestricted => !_allowed.IsEmpty;

    /// <summary>Returns the fingerprint without colons, in lowercase.</summary>
    public static string Normal(string fingerprint) => fingerprint.Replace(":", "", StringComparison.Ordinal).Trim().ToLowerInvariant();

    /// <summary>
    /// Checks that an allowed signer signed exactly this content. Returns the fingerprint; null if every signer is allowed.
    /// </summary>
    /// <exception cref="PackageException">It is unsigned, not signed by an allowed signer, or was modified after signing.</exception>
    public async Task<string?> CheckAsync(string path, string label, CancellationToken cancellationToken)
    {
        if (!IsRestricted)
        {
            return null;
        }

        using var reader = new PackageArchiveReader(path);
        if (!await reader.IsSignedAsync(cancellationToken))
        {
            throw new PackageException("not-signed", $"{label} is not signed, and Plugins:AllowedSigners is set. Install a signed package, or have the author sign it with `dotnet nuget sign`.");
        }

        var signature = await SignatureOfAsync(reader, label, cancellationToken);
        var found = Certificates(signature).Select(certificate => certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256).ToLowerInvariant()).ToArray();
        if (found.FirstOrDefault(_allowed.Contains) is not { } signer)
        {
            throw new PackageException(
                "signer", $"{label} is signed by {string.Join(" and ", found)}, and Plugins:AllowedSigners does not name it. Add the fingerprint if you trust that certificate.");
        }

        var verifier = new PackageSignatureVerifier([
            new IntegrityVerificationProvider(),
            new SignatureTrustAndValidityVerificationProvider(),
            new AllowListVerificationProvider(AllowList(signer), requireNonEmptyAllowList: true, "", $"The signature is not by {signer}."),
        ]);
        var result = await verifier.VerifySignaturesAsync(reader, _settings, cancellationToken);
        return result.IsValid ? signer : throw Invalid(label, result);
    }

    private static async Task<PrimarySignature> SignatureOfAsync(PackageArchiveReader reader, string label, CancellationToken cancellationToken)
    {
        try
        {
            return (await reader.GetPrimarySignatureAsync(cancellationToken))!;
        }
        catch (Exception exception) when (exception is SignatureException or CryptographicException)
        {
            throw new PackageException("signature", $"The signature of {label} can't be read: {exception.Message} Download it again; do not trust it.", exception);
        }
    }

    // A repository countersigns what an author signed.
    private static IEnumerable<X509Certificate2> Certificates(PrimarySignature signature)
    {
        var countersignature = RepositoryCountersignature.GetRepositoryCountersignature(signature);
        return new[] { signature.SignerInfo.Certificate, countersignature?.SignerInfo.Certificate }.OfType<X509Certificate2>();
    }

    private static VerificationAllowListEntry[] AllowList(string signer) =>
    [
        new CertificateHashAllowListEntry(VerificationTarget.Author, SignaturePlacement.PrimarySignature, signer.ToUpperInvariant(), HashAlgorithmName.SHA256),
        new CertificateHashAllowListEntry(VerificationTarget.Repository, SignaturePlacement.Any, signer.ToUpperInvariant(), HashAlgorithmName.SHA256),
    ];

    private static PackageException Invalid(string label, VerifySignaturesResult result)
    {
        var errors = result.Results.SelectMany(part => part.Issues).Where(issue => issue.Level == LogLevel.Error).Select(issue => $"{issue.Code}: {issue.Message}");
        return new PackageException("signature", $"The signature of {label} is not valid: {string.Join(" ", errors)} Download it again; do not trust it.");
    }
}
