namespace Sluice.Engine.Execution.Walking;

/// <summary>The state of one structure of the workflow in one run: it starts what is inside it, and decides what follows from how that ended.</summary>
/// <param name="parent">The frame around it; null for the outermost.</param>
/// <param name="prefix">What the paths of the steps inside it begin with.</param>
internal abstract class Frame(Frame? parent, string prefix)
{
    public Frame? Parent => parent;

    public string Prefix => prefix;

    /// <summary>Whether what is inside it runs even if the run is cancelled.</summary>
    public virtual bool IsShielded => parent is { IsShielded: true };

    public string PathOf(string key) => prefix.Length == 0 ? key : prefix + key;

    /// <summary>Something inside this frame has ended.</summary>
    /// <param name="walker">The walker.</param>
    /// <param name="child">The frame that ended; null if it was a step.</param>
    /// <param name="outcome">How it ended.</param>
    /// <returns>How this frame ended; null while it is active.</returns>
    public abstract StepOutcome? Next(Walker walker, Frame? child, StepOutcome outcome);
}
