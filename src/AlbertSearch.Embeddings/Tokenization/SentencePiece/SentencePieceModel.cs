using System.Text;
using System.Text.Unicode;

namespace AlbertSearch.Embeddings.Tokenization.SentencePiece;

/// <summary>A checked <c>spiece.model</c>: pieces, scores and the normalizer's map. Read-only once its control tokens are reserved.</summary>
internal sealed class SentencePieceModel
{
    /// <summary>Largest file that is read. English ALBERT's has 0.8 million bytes.</summary>
    public const long MaximumFileBytes = 16 << 20;

    /// <summary>Longest piece, in bytes. English ALBERT's is 16 characters long; the cost of a character grows with it.</summary>
    public const int MaximumPieceBytes = 512;

    private const int UnigramModelType = 1;

    private readonly string _path;
    private readonly List<string> _pieces = [];
    private readonly List<float> _scores = [];
    private readonly List<PieceType> _types = [];
    private readonly Dictionary<string, int> _ids = [];

    private SentencePieceModel(string path) => _path = path;

    /// <summary>The pieces; a piece's index is its id.</summary>
    public IReadOnlyList<string> Pieces => _pieces;

    /// <summary>For each piece its log probability; finite.</summary>
    public IReadOnlyList<float> Scores => _scores;

    /// <summary>For each piece its type.</summary>
    public IReadOnlyList<PieceType> Types => _types;

    /// <summary>The id of the one piece of type UNKNOWN.</summary>
    public int UnknownId { get; private set; } = -1;

    /// <summary>The normalizer's rules.</summary>
    public CharsMap CharsMap { get; private set; } = CharsMap.Empty;

    /// <summary>The id of a piece, or -1.</summary>
    public int IdOf(string piece) => _ids.GetValueOrDefault(piece, -1);

    /// <summary>Makes a piece one that no text becomes, whatever the file calls it: some models list control tokens as user-defined symbols.</summary>
    public void Reserve(int id)
    {
        if (id >= 0 && id != UnknownId)
        {
            _types[id] = PieceType.Control;
        }
    }

    /// <summary>Reads and checks a model file.</summary>
    /// <exception cref="ModelFormatException">The file is not a unigram model that can be used.</exception>
    public static SentencePieceModel Load(string path) => Parse(path, ModelFile.ReadAllBytes(path, MaximumFileBytes));

    /// <summary>Checks a model.</summary>
    /// <param name="path">The file's name, for messages.</param>
    /// <param name="file">Its content.</param>
    /// <exception cref="ModelFormatException">The content is not a unigram model that can be used.</exception>
    public static SentencePieceModel Parse(string path, ReadOnlySpan<byte> file)
    {
        var model = new SentencePieceModel(path);
        var reader = new ProtobufReader(path, file, 0, file.Length);
        while (reader.NextField())
        {
            switch (reader.Field)
            {
                case 1:
                    model.ReadPiece(reader.ReadMessage());
                    break;
                case 2:
                    ReadTrainerSpec(reader.ReadMessage());
                    break;
                case 3:
                    model.ReadNormalizerSpec(reader.ReadMessage());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (model.UnknownId < 0)
        {
            throw new ModelFormatException(path, $"none of its {model._pieces.Count} pieces has the type UNKNOWN; expected exactly one.");
        }

        return model;
    }

    private void ReadPiece(ProtobufReader reader)
    {
        var id = _pieces.Count;
        var (piece, score, type) = ("", 0f, PieceType.Normal);
        while (reader.NextField())
        {
            switch (reader.Field)
            {
                case 1:
                    var bytes = reader.ReadBytes();
                    if (bytes.Length > MaximumPieceBytes)
                    {
                        throw reader.Error($"piece {id} has {bytes.Length} bytes; the limit is {MaximumPieceBytes}");
                    }

                    piece = Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw reader.Error($"piece {id} is not UTF-8");
                    break;
                case 2:
                    score = reader.ReadSingle();
                    if (!float.IsFinite(score))
                    {
                        throw reader.Error($"the score of piece {id} is {score}, not a finite number");
                    }

                    break;
                case 3:
                    var number = reader.ReadVarint();
                    type = number is >= (long)PieceType.Normal and <= (long)PieceType.Byte ? (PieceType)number : throw reader.Error($"piece {id} has the type {number}; expected 1 to 6");
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (piece.Length == 0)
        {
            throw reader.Error($"piece {id} is empty");
        }

        if (!_ids.TryAdd(piece, id))
        {
            throw reader.Error($"piece {id}, '{piece}', is also piece {_ids[piece]}");
        }

        if (type == PieceType.Byte)
        {
            throw reader.Error($"piece {id}, '{piece}', has the type BYTE; byte fallback is not supported");
        }

        if (type == PieceType.Unknown)
        {
            UnknownId = UnknownId < 0 ? id : throw reader.Error($"pieces {UnknownId} and {id} both have the type UNKNOWN; expected exactly one");
        }

        _pieces.Add(piece);
        _scores.Add(score);
        _types.Add(type);
    }

    private static void ReadTrainerSpec(ProtobufReader reader)
    {
        while (reader.NextField())
        {
            switch (reader.Field)
            {
                case 3:
                    var modelType = reader.ReadVarint();
                    if (modelType != UnigramModelType)
                    {
                        throw reader.Error($"model_type is {modelType}; only {UnigramModelType} (unigram) is supported");
                    }

                    break;
                case 24 when reader.ReadBoolean():
                    throw reader.Error("treat_whitespace_as_suffix is true; only false is supported");
                case 35 when reader.ReadBoolean():
                    throw reader.Error("byte_fallback is true; only false is supported");
                case 24 or 35:
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private void ReadNormalizerSpec(ProtobufReader reader)
    {
        while (reader.NextField())
        {
            switch (reader.Field)
            {
                case 2:
                    CharsMap = CharsMap.Parse(_path, reader.ReadBytes());
                    break;
                case 3 or 4 or 5:
                    if (!reader.ReadBoolean())
                    {
                        var name = reader.Field switch { 3 => "add_dummy_prefix", 4 => "remove_extra_whitespaces", _ => "escape_whitespaces" };
                        throw reader.Error($"{name} is false; only true is supported");
                    }

                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}
