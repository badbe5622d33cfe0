using System.Text;

namespace AlbertSearch.Server.Bulk;

/// <summary>A record of a CSV body: a line, or several when a field in quotes holds line ends.</summary>
/// <param name="Line">Number of its first line, from 1.</param>
/// <param name="NextLine">Number of the line after its last one.</param>
/// <param name="Bytes">Its bytes without the last line's end; valid until the next record is read.</param>
/// <param name="Fault">Why it can't be one; null when it can.</param>
internal readonly record struct CsvRecord(long Line, long NextLine, ReadOnlyMemory<byte> Bytes, CsvRecordFault Fault)
{
    /// <summary>The column where a field begins, from 1; null when it is not on the record's first line.</summary>
    /// <param name="index">The field's index.</param>
    public long? ColumnOf(int index)
    {
        var scan = new CsvScan();
        var start = 0;
        for (var i = 0; index > 0 && i < Bytes.Length; i++)
        {
            scan.Go(Bytes.Span.Slice(i, 1));
            if (scan.IsFieldStart)
            {
                start = i + 1;
                index--;
            }
        }

        var before = Bytes.Span[..start];
        return index > 0 || before.Contains((byte)'\n') ? null : Encoding.UTF8.GetCharCount(before) + 1;
    }
}
