using Microsoft.Data.Sqlite;

namespace Sluice.Bench.Bare;

/// <summary>
/// The cost of durability alone: one row per request, committed by one thread in transactions shared by all waiting requests, with the
/// settings of the journal (WAL, <c>synchronous=FULL</c>, 8 KiB pages).
/// </summary>
internal sealed class OneRow
{
    private readonly object _gate = new();
    private List<(byte[] Body, TaskCompletionSource Done)> _waiting = [];
    private List<(byte[] Body, TaskCompletionSource Done)> _writing = [];

    public OneRow(string file) => new Thread(() => Run(file)) { IsBackground = true, Name = "writer" }.Start();

    /// <summary>Completes when the row is durable.</summary>
    public Task WriteAsync(byte[] body)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Add((body, done));
            Monitor.Pulse(_gate);
        }

        return done.Task;
    }

    private void Run(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var prepare = Command(connection, "pragma page_size = 8192; pragma journal_mode = wal; pragma synchronous = full; create table row (id integer primary key, body blob not null)");
        prepare.ExecuteNonQuery();
        using var begin = Command(connection, "begin immediate");
        using var commit = Command(connection, "commit");
        using var insert = Command(connection, "insert into row (body) values ($body)");
        insert.Parameters.Add("$body", SqliteType.Blob);
        while (true)
        {
            TakeAll();
            begin.ExecuteNonQuery();
            foreach (var (body, _) in _writing)
            {
                insert.Parameters[0].Value = body;
                insert.ExecuteNonQuery();
            }

            commit.ExecuteNonQuery();
            _writing.ForEach(write => write.Done.SetResult());
            _writing.Clear();
        }
    }

    private void TakeAll()
    {
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                Monitor.Wait(_gate);
            }

            (_waiting, _writing) = (_writing, _waiting);
        }
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}
