namespace Sluice.Packages;

/// <summary>A new file that refuses to grow past a size: what a feed sends is not believed to end.</summary>
internal sealed class BoundedFile(string path, long most) : FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None)
{
    /// <summary>Whether somebody wanted to write more than there may be.</summary>
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

    // By the position and not by a count of its own: the base class calls some of these for others.
    private void Allow(int count)
    {
        if (Position + count > most)
        {
            IsFull = true;
            throw new IOException($"More than {most} bytes.");
        }
    }
}
