using System.Collections.Immutable;
using Sluice.Engine.Checking;
using Sluice.Engine.Compiled;
using Sluice.Engine.Text;

namespace Sluice.Engine.Publishing;

/// <summary>A version that has passed every check, compiled when it is first needed: of ten thousand workflows most wait long for their first request.</summary>
internal sealed class WorkflowCode
{
    private readonly Lock _gate = new();
    private readonly StoredWorkflow _stored;
    private readonly Func<StoredWorkflow, CheckedWorkflow>? _compile;
    private volatile LiveWorkflow? _live;
    private ImmutableArray<Problem> _problems = [];

    /// <summary>A version that is compiled.</summary>
    public WorkflowCode(StoredWorkflow stored, CompiledWorkflow compiled)
    {
        _stored = stored;
        _live = new LiveWorkflow(stored, compiled);
    }

    /// <summary>A version that <paramref name="compile"/> compiles.</summary>
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

    /// <summary>The version ready to run, compiled now if it was not yet; null where it does not compile, whatever its record says.</summary>
    public LiveWorkflow? Live => _live ?? CompileOnce();

    /// <summary>Why it does not compile; empty where it does, or nobody asked yet.</summary>
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

    /// <summary>The same for the same version, enabled or disabled.</summary>
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
