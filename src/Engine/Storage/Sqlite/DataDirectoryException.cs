namespace Sluice.Engine.Storage.Sqlite;

/// <summary>The data directory can't be used. The message says why and what to do.</summary>
internal sealed class DataDirectoryException(string message, Exception? cause = null) : Exception(message, cause);
