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
                cancellationToken),
            cancellationToken);

    public ValueTask<StoredWorkflow?> FindAsync(string name, int version, CancellationToken cancellationToken) => reader.ReadAsync(
        connection => Read(
            connection,
            $"select {Columns} from workflow w join workflow_version v on v.workflow = w.id where w.name = @name and v.version = @version",
            cancellationToken,
            ("@name", name),
            ("@version", version)).FirstOrDefault(),
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
        using var number = Prepare(
            connection,
            """
            insert into workflow (name, latest) values (@name, 1)
            on conflict (name) do update set latest = latest + 1, enabled = enabled or deleted, deleted = 0
            returning id, latest, enabled
            """,
            "@name");
        using var store = Prepare(
            connection,
            "insert into workflow_version (workflow, version, text, source, published_at, plugins, passed) values (@workflow, @version, @text, @source, @at, @plugins, @passed)",
            "@workflow", "@version", "@text", "@source", "@at", "@plugins", "@passed");

        var stored = new List<StoredWorkflow>(texts.Count);
        foreach (var workflowText in texts)
        {
            var (name, text, source) = workflowText;
            cancellationToken.ThrowIfCancellationRequested();
            number.Parameters[0].Value = name;
            using var row = number.ExecuteReader();
            row.Read();
            var (workflow, version, enabled) = (row.GetInt64(0), row.GetInt32(1), row.GetBoolean(2));

            object[] values = [workflow, version, text, source, at.UtcTicks, PluginPin.Write(workflowText.Pins), Write(workflowText.Check)];
            for (var i = 0; i < values.Length; i++)
            {
                store.Parameters[i].Value = values[i];
            }

            store.ExecuteNonQuery();
            stored.Add(new StoredWorkflow(name, version, text, source, enabled, at) { Pins = workflowText.Pins, Check = workflowText.Check });
        }

        return stored;
    }

    private static bool Pin(SqliteConnection connection, IReadOnlyList<StoredWorkflow> versions, CancellationToken cancellationToken)
    {
        using var update = Prepare(
            connection,
            "update workflow_version set plugins = @plugins, passed = @passed where workflow = (select id from workflow where name = @name) and version = @version",
            "@plugins", "@passed", "@name", "@version");
        foreach (var version in versions)
        {
            cancellationToken.ThrowIfCancellationRequested();
            update.Parameters[0].Value = PluginPin.Write(version.Pins);
            update.Parameters[1].Value = Write(version.Check);
            update.Parameters[2].Value = version.Name;
            update.Parameters[3].Value = version.Version;
            update.ExecuteNonQuery();
        }

        return true;
    }

    private static object Write(CheckRecord? record) => record?.Write() ?? (object)DBNull.Value;

    private static SqliteCommand Prepare(SqliteConnection connection, string sql, params ReadOnlySpan<string> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        return command;
    }

    private static List<StoredWorkflow> Read(SqliteConnection connection, string sql, CancellationToken cancellationToken, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        var found = new List<StoredWorkflow>();
        // Ten thousand workflows run on a few plugins.
        var pins = new Dictionary<string, ImmutableArray<PluginPin>>(StringComparer.Ordinal);
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            found.Add(new StoredWorkflow(
                rows.GetString(0), rows.GetInt32(1), rows.GetString(2), rows.GetString(3), rows.GetBoolean(4), Ticks.ToTime(rows.GetInt64(5)))
            {
                Pins = rows.IsDBNull(6) ? [] : PinsOf(rows.GetString(6)),
                Check = rows.IsDBNull(7) ? null : CheckRecord.Read(rows.GetString(7)),
            });
        }

        return found;

        ImmutableArray<PluginPin> PinsOf(string json) =>
            pins.TryGetValue(json, out var known) ? known : pins[json] = PluginPin.Read(json);
    }
}
