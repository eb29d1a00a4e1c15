namespace Sluice.Sdk;

/// <summary>
/// The exception of <see cref="NodeContext.Http"/> when the host does not allow a connection to the address of a request, such as a private or a cloud
/// metadata address. A retry fails, too, until an operator changes the host's configuration. Since 1.2.
/// </summary>
/// <remarks>
/// The message names the address and the setting that allows it. It begins with <c>Refused by the host:</c>, which is how plugins built against earlier
/// versions recognize it.
/// </remarks>
public sealed class AddressNotAllowedException : HttpRequestException
{
    /// <summary>Initializes an exception without a reason.</summary>
    public AddressNotAllowedException()
    {
    }

    /// <summary>Initializes an exception with the reason.</summary>
    public AddressNotAllowedException(string message)
        : base(HttpRequestError.ConnectionError, message)
    {
    }

    /// <summary>Initializes an exception with the reason and its cause.</summary>
    public AddressNotAllowedException(string message, Exception? innerException)
        : base(HttpRequestError.ConnectionError, message, innerException)
    {
    }
}
