using Sluice.Engine.Plugins;

namespace Sluice.Engine.Tests.Plugins;

public class PluginFaultTests
{
    [Fact]
    public void An_exception_is_told_by_type_and_message_and_its_stack_goes_to_the_details()
    {
        var fault = PluginFault.Of(Thrown(new InvalidOperationException("no")));

        Assert.Equal("System.InvalidOperationException: no", fault.ToString());
        Assert.Contains(nameof(Thrown), fault.Details, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_of_any_length_gives_a_short_text()
    {
        var fault = PluginFault.Of(new InvalidOperationException(new string('x', 1_000_000)));

        Assert.InRange(fault.ToString().Length, 100, 1100);
        Assert.Equal(1_000_000, fault.Message.Length);
    }

    private static InvalidOperationException Thrown(InvalidOperationException exception)
    {
        try
        {
            throw exception;
        }
        catch (InvalidOperationException caught)
        {
            return caught;
        }
    }
}
