namespace AlbertSearch.Server.Bulk;

/// <summary>Follows the quotes of a CSV record, as RFC 4180 has them: a quote opens at the start of a field only.</summary>
internal struct CsvScan
{
    private const byte Quote = (byte)'"';
    private const byte Comma = (byte)',';

    private Place _place;

    private enum Place
    {
        FieldStart,
        Plain,
        Quoted,
        AfterQuote,
    }

    /// <summary>Whether the end of the text so far is within quotes.</summary>
    public readonly bool IsQuoteOpen => _place == Place.Quoted;

    /// <summary>Whether a field begins here.</summary>
    public readonly bool IsFieldStart => _place == Place.FieldStart;

    /// <summary>Whether something other than a comma or an end of line followed a closing quote.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Goes on.</summary>
    public void Go(ReadOnlySpan<byte> text)
    {
        foreach (var value in text)
        {
            IsBroken |= _place == Place.AfterQuote && value is not (Quote or Comma or (byte)'\r' or (byte)'\n');
            _place = (_place, value) switch
            {
                (Place.FieldStart, Quote) => Place.Quoted,
                (Place.Quoted, Quote) => Place.AfterQuote,
                (Place.Quoted, _) => Place.Quoted,
                (Place.AfterQuote, Quote) => Place.Quoted,
                (_, Comma) => Place.FieldStart,
                _ => Place.Plain,
            };
        }
    }
}
