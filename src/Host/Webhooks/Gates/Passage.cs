using System.Diagnostics.CodeAnalysis;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>What a gate returns: the next stage of the request, or the answer that the caller gets instead.</summary>
internal readonly struct Passage<TStage>
    where TStage : struct
{
    private readonly TStage _stage;
    private readonly IEarlyAnswer? _answer;

    private Passage(TStage stage) => _stage = stage;

    private Passage(IEarlyAnswer answer) => _answer = answer;

    public static implicit operator Passage<TStage>(TStage stage) => new(stage);

    /// <summary>Interfaces have no conversions.</summary>
    public static Passage<TStage> Ended(IEarlyAnswer answer) => new(answer);

    /// <summary>True, and the next stage, if the request goes on; false, and the answer, if it ends here.</summary>
    public bool TryGet(out TStage stage, [NotNullWhen(false)] out IEarlyAnswer? answer)
    {
        (stage, answer) = (_stage, _answer);
        return answer is null;
    }
}
