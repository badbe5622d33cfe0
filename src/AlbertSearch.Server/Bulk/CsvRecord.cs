namespace AlbertSearch.Server.Bulk;

/// <summary>A record of a CSV body: a line, or several when a field in quotes holds line ends.</summary>
/// <param name="Line">Number of its first line, from 1.</param>
/// <param name="NextLine">Number of the line after its last one.</param>
/// <param name="Bytes">Its bytes without the last line's end; valid until the next record is read.</param>
/// <param name="Fault">Why it can't be one; null when it can.</param>
internal readonly record struct CsvRecord(long Line, long NextLine, ReadOnlyMemory<byte> Bytes, CsvRecordFault Fault);
