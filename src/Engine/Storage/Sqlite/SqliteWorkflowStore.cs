using System.Collections.Immutable;
using Dapper;
using Microsoft.Data.Sqlite;
using Sluice.Engine.Publishing;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>The published workflows, in the journal's file and written by its writer.</summary>
internal sealed class SqliteWorkflowStore(SqliteWriter writer, SqliteReader reader) : IWorkflowStore
{
    private const string Columns = "w.name, v.version, v.text, v.source, w.enabled and not w.deleted, v.published_at, v.plugins, v.passed";

    public ValueTask<IReadOnlyList<StoredWorkflow>> LatestAsync(CancellationToken cancellationToken) =>
        reader.ReadAsync<IReadOnlyList<StoredWorkflow>>(
            connection => Read(
                connection,
                $"""
                select {Columns} from workflow w join workflow_version v on v.workflow = w.id and v.version = w.latest
                where not w.deleted order by w.name
                """,
                static _ => { },
                cancellationToken),
            cancellationToken);

    public ValueTask<StoredWorkflow?> FindAsync(string name, int version, CancellationToken cancellationToken) => reader.ReadAsync(
        connection => Read(
            connection,
            $"select {Columns} from workflow w join workflow_version v on v.workflow = w.id where w.name = ?1 and v.version = ?2",
            query =>
            {
                query.Bind(1, name);
                query.Bind(2, version);
            },
            cancellationToken).FirstOrDefault(),
        cancellationToken);

    public ValueTask<IReadOnlyList<StoredWorkflow>> PublishAsync(
        IReadOnlyList<WorkflowText> texts, DateTimeOffset at, CancellationToken cancellationToken) =>
        writer.WriteAsync<IReadOnlyList<StoredWorkflow>>(connection => Publish(connection, texts, at, cancellationToken), cancellationToken);

    public ValueTask<bool> SetEnabledAsync(string name, bool enabled, CancellationToken cancellationToken) => writer.WriteAsync(
        connection => connection.Execute("update workflow set enabled = @enabled where name = @name and not deleted", new { name, enabled }) > 0,
        cancellationToken);

    public async ValueTask PinAsync(IReadOnlyList<StoredWorkflow> versions, CancellationToken cancellationToken) => await writer.WriteAsync(
        connection => Pin(connection, versions, cancellationToken), cancellationToken);

    public ValueTask<bool> DeleteAsync(string name, CancellationToken cancellationToken) => writer.WriteAsync(
        connection => connection.Execute("update workflow set deleted = 1 where name = @name and not deleted", new { name }) > 0,
        cancellationToken);

    private static List<StoredWorkflow> Publish(
        SqliteConnection connection, IReadOnlyList<WorkflowText> texts, DateTimeOffset at, CancellationToken cancellationToken)
    {
        // A workflow that comes back after it was deleted is enabled; one that is only published again stays as it is.
        using var number = new RawStatement(
            connection,
            """
            insert into workflow (name, latest) values (?1, 1)
            on conflict (name) do update set latest = latest + 1, enabled = enabled or deleted, deleted = 0
            returning id, latest, enabled
            """);
        using var store = new RawStatement(
            connection, "insert into workflow_version (workflow, version, text, source, published_at, plugins, passed) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)");

        var stored = new List<StoredWorkflow>(texts.Count);
        foreach (var workflowText in texts)
        {
            var (name, text, source) = workflowText;
            cancellationToken.ThrowIfCancellationRequested();
            number.Bind(1, name);
            number.Step();
            var (workflow, version, enabled) = (number.Number(0), (int)number.Number(1), number.Number(2) != 0);
            number.Reset();

            store.Bind(1, workflow);
            store.Bind(2, version);
            store.Bind(3, text);
            store.Bind(4, source);
            store.Bind(5, at);
            store.Bind(6, PluginPin.Write(workflowText.Pins));
            store.BindOptional(7, workflowText.Check?.Write());
            store.Execute();
            stored.Add(new StoredWorkflow(name, version, text, source, enabled, at) { Pins = workflowText.Pins, Check = workflowText.Check });
        }

        return stored;
    }

    private static bool Pin(SqliteConnection connection, IReadOnlyList<StoredWorkflow> versions, CancellationToken cancellationToken)
    {
        using var update = new RawStatement(
            connection, "update workflow_version set plugins = ?1, passed = ?2 where workflow = (select id from workflow where name = ?3) and version = ?4");
        foreach (var version in versions)
        {
            cancellationToken.ThrowIfCancellationRequested();
            update.Bind(1, PluginPin.Write(version.Pins));
            update.BindOptional(2, version.Check?.Write());
            update.Bind(3, version.Name);
            update.Bind(4, version.Version);
            update.Execute();
        }

        return true;
    }

    private static List<StoredWorkflow> Read(SqliteConnection connection, string sql, Action<RawStatement> bind, CancellationToken cancellationToken)
    {
        using var query = new RawStatement(connection, sql);
        bind(query);
        var found = new List<StoredWorkflow>();
        // Ten thousand workflows run on a few plugins.
        var known = new Dictionary<string, ImmutableArray<PluginPin>>(StringComparer.Ordinal);
        while (query.Step())
        {
            cancellationToken.ThrowIfCancellationRequested();
            found.Add(new StoredWorkflow(
                query.Text(0)!, (int)query.Number(1), query.Text(2)!, query.Text(3)!, query.Number(4) != 0, Ticks.ToTime(query.Number(5)))
            {
                Pins = query.Text(6) is { } pins ? PinsOf(pins) : [],
                Check = query.Text(7) is { } check ? CheckRecord.Read(check) : null,
            });
        }

        return found;

        ImmutableArray<PluginPin> PinsOf(string json) =>
            known.TryGetValue(json, out var pins) ? pins : known[json] = PluginPin.Read(json);
    }
}
