// Makes unicode.bin, the Unicode tables of the tokenizers, from the Unicode Character Database.
//
//   1. Get the database: on Debian or Ubuntu `apt-get install unicode-data` puts it in /usr/share/unicode.
//   2. Run, in this folder: dotnet run GenerateUnicodeData.cs -- /usr/share/unicode unicode.bin
//   3. Run the tests of AlbertSearch.Embeddings and commit unicode.bin.
//
// The file in the repository comes from version 15.0.0 of the database. It changes tokens, so a new version is a
// deliberate step. UnicodeTables.cs reads the format; this is its only description:
//
//   raw deflate of, all little-endian:
//     u8 major, u8 minor, u8 patch of the database
//     u16 R;  R property records: u16 flags, u8 canonical combining class, i32 distance to the lower-case letter
//     two-stage table of property records
//     u16 P;  P code points (i32): the pool that decompositions point into
//     u16 D;  D decompositions: u16 start, u8 length (compatibility, full), u16 start, u8 length (canonical, full)
//     two-stage table of decompositions (0: none)
//     u16 C;  C compositions, sorted: i32 first, i32 second, i32 composite
//   A two-stage table is 0x2200 u16 block numbers, then u16 B, then B blocks of 128 u16 record numbers.
//   Hangul syllables are left out: their decomposition is arithmetic.
#:property EnforceCodeStyleInBuild=false
#:property GenerateDocumentationFile=false
#:property RestorePackagesWithLockFile=false
#:property PublishAot=false

using System.Globalization;
using System.IO.Compression;

const int CodePoints = 0x110000;
const int BlockSize = 128;
var folder = args[0];
var category = new string[CodePoints];
var combiningClass = new byte[CodePoints];
var flags = new ushort[CodePoints];
var lowerDelta = new int[CodePoints];
var mapping = new Dictionary<int, (bool Canonical, int[] To)>();
Array.Fill(category, "Cn");

var rangeStart = -1;
foreach (var line in File.ReadLines(Path.Combine(folder, "UnicodeData.txt")))
{
    var field = line.Split(';');
    var code = Hex(field[0]);
    if (field[1].EndsWith(", First>", StringComparison.Ordinal))
    {
        rangeStart = code;
        continue;
    }

    var first = field[1].EndsWith(", Last>", StringComparison.Ordinal) ? rangeStart : code;
    for (var c = first; c <= code; c++)
    {
        category[c] = field[2];
        combiningClass[c] = byte.Parse(field[3], CultureInfo.InvariantCulture);
        if (field[4] is "WS" or "B" or "S" || field[2] == "Zs")
        {
            flags[c] |= 1; // white space, as Python's str.isspace
        }

        if (field[7].Length > 0)
        {
            flags[c] |= 32; // digit, as Python's str.isdigit
        }
    }

    if (field[5].Length > 0)
    {
        var parts = field[5].Split(' ');
        var canonical = parts[0][0] != '<';
        mapping[code] = (canonical, [.. parts.Skip(canonical ? 0 : 1).Select(Hex)]);
    }

    if (field[13].Length > 0)
    {
        lowerDelta[code] = Hex(field[13]) - code;
    }
}

for (var c = 0; c < CodePoints; c++)
{
    flags[c] |= (ushort)((category[c] == "Zs" ? 2 : 0) | (category[c][0] == 'C' ? 4 : 0) | (category[c][0] == 'P' ? 8 : 0) | (category[c] == "Mn" ? 16 : 0));
}

var version = "";
foreach (var (c, property) in Properties("DerivedCoreProperties.txt"))
{
    flags[c] |= (ushort)(property switch { "Cased" => 64, "Case_Ignorable" => 128, _ => 0 });
}

var excluded = new HashSet<int>();
foreach (var (c, property) in Properties("DerivedNormalizationProps.txt"))
{
    flags[c] |= (ushort)(property == "NFC_QC=M" ? 256 : 0);
    if (property == "Full_Composition_Exclusion")
    {
        excluded.Add(c);
    }
}

var compositions = mapping
    .Where(m => m.Value.Canonical && m.Value.To.Length == 2 && !excluded.Contains(m.Key))
    .Select(m => (First: m.Value.To[0], Second: m.Value.To[1], Composite: m.Key))
    .Order()
    .ToList();

using var file = File.Create(args[1]);
using var deflate = new DeflateStream(file, CompressionLevel.SmallestSize);
using var writer = new BinaryWriter(deflate);
foreach (var part in version.Split('.'))
{
    writer.Write(byte.Parse(part, CultureInfo.InvariantCulture));
}

var records = new Dictionary<(ushort, byte, int), ushort>();
var recordOf = new ushort[CodePoints];
for (var c = 0; c < CodePoints; c++)
{
    var key = (flags[c], combiningClass[c], lowerDelta[c]);
    if (!records.TryGetValue(key, out var number))
    {
        records.Add(key, number = checked((ushort)records.Count));
    }

    recordOf[c] = number;
}

writer.Write(checked((ushort)records.Count));
foreach (var ((flag, combining, delta), _) in records.OrderBy(r => r.Value))
{
    writer.Write(flag);
    writer.Write(combining);
    writer.Write(delta);
}

WriteTwoStage(recordOf);

var pool = new List<int>();
var places = new Dictionary<string, int>();
var decompositions = new List<(int CompatibilityStart, int CompatibilityLength, int CanonicalStart, int CanonicalLength)> { default };
var decompositionOf = new ushort[CodePoints];
foreach (var code in mapping.Keys.Order())
{
    var compatibility = Decompose(code, compatibilityToo: true);
    var canonical = Decompose(code, compatibilityToo: false);
    decompositionOf[code] = checked((ushort)decompositions.Count);
    decompositions.Add((Place(compatibility), compatibility.Count, canonical.Count > 0 ? Place(canonical) : 0, canonical.Count));
}

writer.Write(checked((ushort)pool.Count));
pool.ForEach(writer.Write);
writer.Write(checked((ushort)decompositions.Count));
foreach (var (compatibilityStart, compatibilityLength, canonicalStart, canonicalLength) in decompositions)
{
    writer.Write(checked((ushort)compatibilityStart));
    writer.Write(checked((byte)compatibilityLength));
    writer.Write(checked((ushort)canonicalStart));
    writer.Write(checked((byte)canonicalLength));
}

WriteTwoStage(decompositionOf);
writer.Write(checked((ushort)compositions.Count));
foreach (var (first, second, composite) in compositions)
{
    writer.Write(first);
    writer.Write(second);
    writer.Write(composite);
}

return;

static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

// The full decomposition, mappings applied until none is left; empty when there is none of the kind.
List<int> Decompose(int code, bool compatibilityToo)
{
    if (!mapping.TryGetValue(code, out var map) || (!map.Canonical && !compatibilityToo))
    {
        return [];
    }

    var result = new List<int>();
    foreach (var part in map.To)
    {
        var deeper = Decompose(part, compatibilityToo);
        result.AddRange(deeper.Count > 0 ? deeper : [part]);
    }

    return result;
}

int Place(List<int> text)
{
    var key = string.Join(' ', text);
    if (!places.TryGetValue(key, out var start))
    {
        places.Add(key, start = pool.Count);
        pool.AddRange(text);
    }

    return start;
}

void WriteTwoStage(ushort[] values)
{
    var blocks = new Dictionary<string, ushort>();
    var distinct = new List<ushort[]>();
    foreach (var block in values.Chunk(BlockSize))
    {
        var key = string.Join(' ', block);
        if (!blocks.TryGetValue(key, out var number))
        {
            blocks.Add(key, number = checked((ushort)distinct.Count));
            distinct.Add(block);
        }

        writer.Write(number);
    }

    writer.Write(checked((ushort)distinct.Count));
    foreach (var value in distinct.SelectMany(b => b))
    {
        writer.Write(value);
    }
}

// Lines of the form "0041..005A ; Cased # ..." or "0300..0304 ; NFC_QC; M # ...".
IEnumerable<(int Code, string Property)> Properties(string name)
{
    foreach (var line in File.ReadLines(Path.Combine(folder, name)))
    {
        if (version.Length == 0)
        {
            version = line.Split('-', '.') is [.., var major, var minor, var patch, "txt"] ? $"{major}.{minor}.{patch}" : throw new InvalidDataException($"{name} doesn't open with its version");
        }

        var text = line.Split('#')[0];
        if (text.Split(';') is not [var range, _, ..])
        {
            continue;
        }

        var ends = range.Trim().Split("..");
        for (var c = Hex(ends[0]); c <= Hex(ends[^1]); c++)
        {
            yield return (c, string.Join('=', text.Split(';')[1..].Select(f => f.Trim())));
        }
    }
}
