using System.Globalization;

namespace Sluice.Bench.Soak;

/// <summary>Observes the process under load from outside.</summary>
internal sealed class Server(int pid, Uri admin)
{
    /// <summary>Gets the resident memory, in MB.</summary>
    public double Resident
    {
        get
        {
            var line = File.ReadLines($"/proc/{pid}/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
        }
    }

    /// <summary>Gets the number of open files and sockets.</summary>
    public int Handles => Directory.GetFileSystemEntries($"/proc/{pid}/fd").Length;

    /// <summary>Gets one metric.</summary>
    public async Task<double> MetricAsync(string name)
    {
        using var http = new HttpClient();
        var text = await http.GetStringAsync(new Uri(admin, "/metrics"));
        var line = text.Split('\n').First(line => line.StartsWith($"{name} ", StringComparison.Ordinal));
        return double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture);
    }
}
