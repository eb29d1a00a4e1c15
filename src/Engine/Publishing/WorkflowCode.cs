using System.Collections.Immutable;
using Sluice.Engine.Checking;
using Sluice.Engine.Compiled;
using Sluice.Engine.Text;

namespace Sluice.Engine.Publishing;

/// <summary>
/// A version that has passed every check, compiled on first use, because most of ten thousand workflows wait long for their first request.
/// </summary>
internal sealed class WorkflowCode
{
    private readonly Lock _gate = new();
    private readonly StoredWorkflow _stored;
    private readonly Func<StoredWorkflow, CheckedWorkflow>? _compile;
    private volatile LiveWorkflow? _live;
    private ImmutableArray<Problem> _problems = [];

    /// <summary>Creates the code of a compiled version.</summary>
    public WorkflowCode(StoredWorkflow stored, CompiledWorkflow compiled)
    {
        _stored = stored;
        _live = new LiveWorkflow(stored, compiled);
    }

    /// <summary>Creates the code of a version that <paramref name="compile"/> compiles on first use.</summary>
    public WorkflowCode(StoredWorkflow stored, Func<StoredWorkflow, CheckedWorkflow> compile)
    {
        _stored = stored;
        _compile = compile;
    }

    private WorkflowCode(StoredWorkflow stored, WorkflowCode of)
    {
        _stored = stored;
        _compile = of._compile;
        _live = of._live is { } live ? live with { Stored = stored } : null;
    }

    public bool IsCompiled => _live is not null;

    /// <summary>The compiled version, compiled now if necessary; null if it does not compile despite its record.</summary>
    public LiveWorkflow? Live => _live ?? CompileOnce();

    /// <summary>Why it does not compile; empty if it does, or has not been compiled yet.</summary>
    public ImmutableArray<Problem> Problems
    {
        get
        {
            lock (_gate)
            {
                return _problems;
            }
        }
    }

    /// <summary>Returns the same code for the same version, enabled or disabled.</summary>
    public WorkflowCode With(StoredWorkflow stored) => new(stored, this);

    private LiveWorkflow? CompileOnce()
    {
        lock (_gate)
        {
            if (_live is not null || !_problems.IsEmpty)
            {
                return _live;
            }

            var result = _compile!(_stored);
            _problems = result.Problems;
            return _live = result.Compiled is { } compiled ? new LiveWorkflow(_stored, compiled) : null;
        }
    }
}
