namespace AlbertSearch.Embeddings.Tokenization.Unicode;

/// <summary>Properties of a code point; the values are those of <c>unicode.bin</c>.</summary>
[Flags]
internal enum CharacterProperties : ushort
{
    None = 0,

    /// <summary>White space as Python's <c>str.isspace</c> sees it: also U+001C to U+001F, not U+200B.</summary>
    WhiteSpace = 1,

    /// <summary>General category Zs.</summary>
    SpaceSeparator = 2,

    /// <summary>General categories C*: control, format, surrogate, private use, unassigned.</summary>
    Other = 4,

    /// <summary>General categories P*.</summary>
    Punctuation = 8,

    /// <summary>General category Mn.</summary>
    NonspacingMark = 16,

    /// <summary>A digit as Python's <c>str.isdigit</c> sees it.</summary>
    Digit = 32,

    /// <summary>Derived property Cased.</summary>
    Cased = 64,

    /// <summary>Derived property Case_Ignorable.</summary>
    CaseIgnorable = 128,

    /// <summary>May compose with a character before it: Quick_Check of NFC is Maybe.</summary>
    MayCompose = 256,
}
