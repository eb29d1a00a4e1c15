using System.Globalization;
using System.Text;

namespace Sluice.Simulation.Workflows;

/// <summary>Writes a random workflow of today's constructs: steps, <c>branches</c>, <c>when</c>, <c>timeout</c>, ends, waits, replies.</summary>
/// <remarks>It is text, so that a case that breaks a law can be read, and pasted into a test.</remarks>
internal sealed class RandomWorkflow(Random random, bool canBranchOnMoment)
{
    private readonly StringBuilder _text = new();
    private int _keys;
    private int _budget;

    /// <summary>How many steps it has.</summary>
    public int Steps => _keys;

    /// <summary>Whether a branch depends on a UUID.</summary>
    public bool BranchesOnMoment { get; private set; }

    /// <param name="most">The most steps.</param>
    /// <param name="poison">A step to put somewhere at the top: its type; null for none. It runs if the body says so.</param>
    public string Write(int most, string? poison = null)
    {
        _budget = most;
        _text.AppendLine("name: simulated").AppendLine("trigger: { type: webhook, config: { path: /x } }").AppendLine("steps:");
        var scope = new List<string>();
        if (poison is null)
        {
            WriteSteps("  ", scope, 0, atLeast: 1);
        }
        else
        {
            WriteSteps("  ", scope, 0, atLeast: 0);
            _text.AppendLine(CultureInfo.InvariantCulture, $"  - {{ key: {NextKey()}, type: {poison}, when: \"{{{{ trigger.output.body.poison }}}}\" }}");
            WriteSteps("  ", scope, 0, atLeast: 0);
        }

        return _text.ToString();
    }

    private void WriteSteps(string indent, List<string> scope, int depth, int atLeast)
    {
        var count = Math.Max(atLeast, random.Next(Math.Max(0, _budget) + 1));
        for (var index = 0; index < count && (_budget > 0 || index < atLeast); index++)
        {
            _budget--;
            WriteStep(indent, scope, depth);
        }
    }

    private void WriteStep(string indent, List<string> scope, int depth)
    {
        var key = NextKey();
        switch (random.Next(20))
        {
            case < 5:
                Write(indent, key, "echo", scope, Values(scope));
                break;
            case < 10:
                Write(indent, key, "call", scope, Values(scope));
                break;
            case < 14 when depth < 3 && _budget > 0:
                WriteGate(indent, key, scope, depth);
                break;
            case < 16:
                Write(indent, key, random.Next(2) == 0 ? "wait" : "wait_outside", scope, $"ms: {1 + random.Next(3_600_000)}");
                break;
            case < 18:
                // A reply with a secret is not stored as it was sent, so it can't be given again.
                Write(indent, key, "reply", scope, $"body: {{ v: {Value(scope, canBeSecret: false)} }}");
                return;
            case 18:
                Write(indent, key, "hang", scope, "v: 1", "timeout: 20s");
                break;
            default:
                WriteEnd(indent, key, scope);
                break;
        }

        scope.Add(key);
    }

    private void WriteEnd(string indent, string key, List<string> scope)
    {
        if (random.Next(2) == 0)
        {
            Write(indent, key, "end", scope, $"well: {(random.Next(2) == 0 ? "true" : "false")}");
        }
        else
        {
            Write(indent, key, "call", scope, $"fails: true, {Values(scope)}");
        }
    }

    private void WriteGate(string indent, string key, List<string> scope, int depth)
    {
        _text.AppendLine(CultureInfo.InvariantCulture, $"{indent}- key: {key}");
        _text.AppendLine(CultureInfo.InvariantCulture, $"{indent}  type: gate");
        _text.AppendLine(CultureInfo.InvariantCulture, $"{indent}  config: {{ port: \"{{{{ {Condition(scope)} ? 'left' : 'right' }}}}\", {Values(scope)} }}");
        _text.AppendLine(CultureInfo.InvariantCulture, $"{indent}  branches:");
        foreach (var port in (string[])["left", "right"])
        {
            _text.AppendLine(CultureInfo.InvariantCulture, $"{indent}    {port}:");
            // What is inside a branch is not readable after it.
            WriteSteps($"{indent}      ", [.. scope, key], depth + 1, atLeast: 1);
        }
    }

    private void Write(string indent, string key, string type, List<string> scope, string config, string? more = null)
    {
        var when = random.Next(6) == 0 ? $", when: \"{{{{ {Condition(scope)} }}}}\"" : "";
        _text.AppendLine(CultureInfo.InvariantCulture, $"{indent}- {{ key: {key}, type: {type}{when}{(more is null ? "" : $", {more}")}, config: {{ {config} }} }}");
    }

    private string Values(List<string> scope) => random.Next(3) switch
    {
        0 => $"v: {Value(scope)}",
        1 => $"v: {Value(scope)}, id: \"{{{{ uuid() }}}}\", auth: \"{{{{ secrets.token }}}}\"",
        _ => $"v: {Value(scope)}, w: {Value(scope)}",
    };

    private string Value(List<string> scope, bool canBeSecret = true)
    {
        var from = scope.Count > 0 ? scope[random.Next(scope.Count)] : null;
        return random.Next(10) switch
        {
            0 => random.Next(100).ToString(CultureInfo.InvariantCulture),
            1 => "\"{{ trigger.output.body.text }}, twice {{ trigger.output.body.n * 2 }}\"",
            2 => "\"{{ uuid() }}\"",
            3 => "\"{{ now() }}\"",
            4 when canBeSecret => "\"Bearer {{ secrets.token }}\"",
            5 when canBeSecret && from is not null => $"\"{{{{ {from}.output.auth }}}}\"",
            6 when from is not null => $"\"{{{{ {from}.output.id }}}}\"",
            7 when from is not null && canBeSecret => $"\"{{{{ {from} }}}}\"",
            8 when from is not null && canBeSecret => $"\"{{{{ [{from}.output.v, {from}.output.w] }}}}\"",
            _ => "\"{{ trigger.output.body.n }}\"",
        };
    }

    private string Condition(List<string> scope)
    {
        var from = scope.Count > 0 ? scope[random.Next(scope.Count)] : null;
        switch (random.Next(6))
        {
            case 0 when from is not null:
                return $"{from}.output.auth == secrets.token";
            case 1 when from is not null:
                return $"{from}.output.n > 4";
            case 2 when from is not null:
                return $"{from}.port == 'left'";
            case 3 when canBranchOnMoment:
                BranchesOnMoment = true;
                return "uuid() < '8'";
            default:
                return $"trigger.output.body.n {(random.Next(2) == 0 ? "<" : ">")} {random.Next(10)}";
        }
    }

    private string NextKey() => $"s{++_keys}";
}
