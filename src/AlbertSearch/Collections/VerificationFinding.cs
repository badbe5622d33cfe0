namespace AlbertSearch.Collections;

/// <summary>Something that is off.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Count">How often it was found.</param>
/// <param name="Examples">The first few; <see cref="FindingKind"/> says what they are.</param>
public sealed record VerificationFinding(FindingKind Kind, long Count, IReadOnlyList<string> Examples);
