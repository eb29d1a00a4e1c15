using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Sluice.Host.Cli;
using Sluice.Host.Webhooks.Authentication;
using Sluice.Host.Webhooks.Authentication.Signatures;
using Sluice.Host.Webhooks.Authentication.Tokens;

namespace Sluice.Host.Tests.Webhooks.Authentication;

/// <summary>Whatever stands in the headers: it is refused, and nothing is thrown.</summary>
public sealed class HostileCredentialsTests
{
    private static readonly (string Auth, string[] Headers)[] Schemes =
    [
        ("{ type: basic, users: { ada: \"{{ secrets.key }}\" } }", ["Authorization"]),
        ("{ type: key, header: X-Api-Key, prefix: \"Bearer \", secret: \"{{ secrets.key }}\" }", ["X-Api-Key"]),
        ("{ type: jwt, secret: \"{{ secrets.key }}\" }", ["Authorization"]),
        ("{ type: hmac, secret: \"{{ secrets.key }}\", header: X-Signature, encoding: base64url, signed: \"{timestamp}{body}\", timestamp_header: X-Time }", ["X-Signature", "X-Time"]),
        ("{ type: standard_webhooks, secret: \"{{ secrets.key }}\", public_key: whpk_/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU= }", ["webhook-id", "webhook-timestamp", "webhook-signature"]),
        ("{ type: stripe, secret: \"{{ secrets.key }}\" }", ["Stripe-Signature"]),
        ("{ type: github, secret: \"{{ secrets.key }}\" }", ["X-Hub-Signature-256"]),
        ("{ type: slack, secret: \"{{ secrets.key }}\" }", ["X-Slack-Signature", "X-Slack-Request-Timestamp"]),
        ("{ type: shopify, secret: \"{{ secrets.key }}\" }", ["X-Shopify-Hmac-Sha256"]),
        ("{ type: hmac, secret: \"{{ secrets.key }}\", header: X-Signature, pattern: \"t={timestamp};v1={signature}\", signed: \"{timestamp}.{header.X-Tenant}.{body}\" }", ["X-Signature", "X-Tenant"]),
        ("{ type: zendesk, secret: \"{{ secrets.key }}\" }", ["X-Zendesk-Webhook-Signature", "X-Zendesk-Webhook-Signature-Timestamp"]),
        ("{ type: discord, public_key: d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a }", ["X-Signature-Ed25519", "X-Signature-Timestamp"]),
        ("{ type: signature, algorithm: ecdsa_p256, header: X-Signature, encoding: base64, public_key: MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q== }", ["X-Signature"]),
        ("{ type: mailgun, secret: \"{{ secrets.key }}\" }", ["X-Signature"]),
        ("{ type: twilio, shared_key: \"{{ secrets.key }}\", public_url: \"https://example.com\" }", ["X-Twilio-Webhooks-Signature-Settings", "X-Twilio-Signature"]),
        ("{ type: twilio, secret: \"{{ secrets.key }}\", public_url: \"https://example.com\" }", ["X-Twilio-Signature"]),
    ];

    private static readonly Dictionary<string, string> Secrets = new() { ["key"] = Convert.ToBase64String(new byte[48]) };

    // Pieces of what is right, put together wrong, between letters of every kind.
    private static readonly Gen<string> Piece = Gen.OneOf(
        Gen.OneOf([.. new[] { "Basic ", "Bearer ", "sha256=", "v0=", "v1,", "v1a,", "t=", "v1=", "1795420801", "-1", "99999999999999999999", ".", ",", " ", "=", ":", "eyJhbGciOiJIUzI1NiJ9", "e30", "AAAA" }.Select(Gen.Const)]),
        Gen.Byte.Array[0, 80].Select(Convert.ToBase64String),
        Gen.Byte.Array[0, 80].Select(Convert.ToHexStringLower),
        Gen.String[0, 20]);

    private static readonly Gen<string> Value = Piece.Array[0, 6].Select(string.Concat);

    [Fact]
    public async Task No_header_that_is_made_up_gets_anybody_in()
    {
        var desks = Schemes.Select(scheme => (scheme.Headers, Desk: new Desk(scheme.Auth, Secrets, new TestClock()))).ToArray();
        await Gen.Select(Gen.Int[0, Schemes.Length - 1], Value.Array[3], Gen.Byte.Array[0, 40]).SampleAsync(
            async (scheme, values, body) =>
            {
                var (headers, desk) = desks[scheme];
                var request = new RecordedRequest("POST", "/hooks/desk", [.. headers.Zip(values, KeyValuePair.Create)], body);

                var turned = await desk.AskAsync(request);

                Assert.NotNull(turned);
                Assert.Equal(401, turned.Status);
            },
            iter: 3000,
            threads: 1);
        foreach (var (_, desk) in desks)
        {
            await desk.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_signature_is_good_for_its_own_bytes_and_no_others()
    {
        await using var desk = new Desk(Schemes[6].Auth, Secrets, new TestClock());
        await Gen.Select(Gen.Byte.Array[1, 200], Gen.Int[0, 199], Gen.Byte[1, 255]).SampleAsync(
            async (body, at, change) =>
            {
                var signature = $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secrets["key"]), body))}";
                var request = new RecordedRequest("POST", "/hooks/desk", [new("X-Hub-Signature-256", signature)], body);
                byte[] changed = [.. body];
                changed[at % body.Length] ^= change;

                Assert.Null(await desk.AskAsync(request));
                Assert.Equal("wrong-signature", (await desk.AskAsync(request with { Body = changed }))!.Kept!.Reason);
            },
            iter: 300,
            threads: 1);
    }

    // RFC 8032, section 7.1: TEST 1, TEST 2 and TEST 3.
    [Theory]
    [InlineData("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "", "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72", "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82", "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void Ed25519_verifies_the_vectors_of_its_rfc(string key, string message, string signature)
    {
        var (keyBytes, messageBytes, signatureBytes) = (Convert.FromHexString(key), Convert.FromHexString(message), Convert.FromHexString(signature));

        Assert.True(Ed25519.IsSignedBy(keyBytes, messageBytes, signatureBytes));
        signatureBytes[40] ^= 1;
        Assert.False(Ed25519.IsSignedBy(keyBytes, messageBytes, signatureBytes));
        Assert.False(Ed25519.IsSignedBy(keyBytes, [.. messageBytes, 1], signatureBytes));
        Assert.False(Ed25519.IsSignedBy(new byte[32], messageBytes, new byte[64]));
    }
}
