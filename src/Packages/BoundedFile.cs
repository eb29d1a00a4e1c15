namespace Sluice.Packages;

/// <summary>A new file with a maximum size, because a feed may send without end.</summary>
internal sealed class BoundedFile(string path, long most) : FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None)
{
    /// <summary>Whether a write would have exceeded the maximum size.</summary>
    public bool IsFull { get; private set; }

    public override void Write(byte[] buffer, int offset, int count)
    {
        Allow(count);
        base.Write(buffer, offset, count);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Allow(buffer.Length);
        base.Write(buffer);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Allow(count);
        return base.WriteAsync(buffer, offset, count, cancellationToken);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Allow(buffer.Length);
        return base.WriteAsync(buffer, cancellationToken);
    }

    // Uses the position and not a separate count, because the base class calls some of these methods from others.
    private void Allow(int count)
    {
        if (Position + count > most)
        {
            IsFull = true;
            throw new IOException($"More than {most} bytes.");
        }
    }
}
