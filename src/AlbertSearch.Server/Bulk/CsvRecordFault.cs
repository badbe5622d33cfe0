namespace AlbertSearch.Server.Bulk;

/// <summary>Why lines can't be a record.</summary>
internal enum CsvRecordFault
{
    /// <summary>They can.</summary>
    None,

    /// <summary>The line is longer than the limit.</summary>
    TooLong,

    /// <summary>A quote is opened and not closed before the limit or the end.</summary>
    OpenQuote,
}
