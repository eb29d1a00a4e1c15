using Dapper;
using Microsoft.Data.Sqlite;
using Sluice.Engine.Definitions;

namespace Sluice.Engine.Journal.Sqlite;

/// <summary>The published workflows, in the journal's file and written by its writer.</summary>
internal sealed class SqliteWorkflowStore(SqliteWriter writer, SqliteReader reader) : IWorkflowStore
{
    private const string Columns = "w.name, v.version, v.text, v.source, w.enabled and not w.deleted, v.published_at";

    public ValueTask<IReadOnlyList<StoredWorkflow>> LatestAsync(CancellationToken cancellationToken) =>
        reader.ReadAsync<IReadOnlyList<StoredWorkflow>>(
            connection => Read(
                connection,
                $"""
                select {Columns} from workflow w join workflow_version v on v.workflow = w.id and v.version = w.latest
                where not w.deleted order by w.name
                """,
                null,
                cancellationToken),
            cancellationToken);

    public ValueTask<StoredWorkflow?> FindAsync(string name, int version, CancellationToken cancellationToken) => reader.ReadAsync(
        connection => Read(
            connection,
            $"select {Columns} from workflow w join workflow_version v on v.workflow = w.id where w.name = @name and v.version = @version",
            new { name, version },
            cancellationToken).FirstOrDefault(),
        cancellationToken);

    public ValueTask<IReadOnlyList<StoredWorkflow>> PublishAsync(
        IReadOnlyList<WorkflowText> texts, DateTimeOffset at, CancellationToken cancellationToken) =>
        writer.WriteAsync<IReadOnlyList<StoredWorkflow>>(connection => Publish(connection, texts, at, cancellationToken), cancellationToken);

    public ValueTask<bool> SetEnabledAsync(string name, bool enabled, CancellationToken cancellationToken) => writer.WriteAsync(
        connection => connection.Execute("update workflow set enabled = @enabled where name = @name and not deleted", new { name, enabled }) > 0,
        cancellationToken);

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
            "insert into workflow_version (workflow, version, text, source, published_at) values (@workflow, @version, @text, @source, @at)",
            "@workflow", "@version", "@text", "@source", "@at");

        var stored = new List<StoredWorkflow>(texts.Count);
        foreach (var (name, text, source) in texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            number.Parameters[0].Value = name;
            using var row = number.ExecuteReader();
            row.Read();
            var (workflow, version, enabled) = (row.GetInt64(0), row.GetInt32(1), row.GetBoolean(2));

            object[] values = [workflow, version, text, source, at.UtcTicks];
            for (var i = 0; i < values.Length; i++)
            {
                store.Parameters[i].Value = values[i];
            }

            store.ExecuteNonQuery();
            stored.Add(new StoredWorkflow(name, version, text, source, enabled, at));
        }

        return stored;
    }

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

    private static List<StoredWorkflow> Read(SqliteConnection connection, string sql, object? parameters, CancellationToken cancellationToken)
    {
        var found = new List<StoredWorkflow>();
        using var rows = connection.ExecuteReader(sql, parameters);
        while (rows.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            found.Add(new StoredWorkflow(
                rows.GetString(0), rows.GetInt32(1), rows.GetString(2), rows.GetString(3), rows.GetBoolean(4), Ticks.ToTime(rows.GetInt64(5))));
        }

        return found;
    }
}
