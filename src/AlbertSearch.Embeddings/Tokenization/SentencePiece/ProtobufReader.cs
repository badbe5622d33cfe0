using System.Buffers.Binary;

namespace AlbertSearch.Embeddings.Tokenization.SentencePiece;

/// <summary>Reads one protobuf message field by field, and refuses whatever doesn't lie inside it.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="file">The whole file.</param>
/// <param name="start">The message's first byte.</param>
/// <param name="end">One past the message's last byte.</param>
internal ref struct ProtobufReader(string path, ReadOnlySpan<byte> file, int start, int end)
{
    private readonly ReadOnlySpan<byte> _file = file;
    private int _position = start;

    /// <summary>Number of the field that was read last.</summary>
    public int Field { get; private set; }

    private WireType Wire { get; set; }

    /// <summary>Place in the file.</summary>
    public readonly int Position => _position;

    /// <summary>Reads the next field's tag; false at the message's end.</summary>
    public bool NextField()
    {
        if (_position == end)
        {
            return false;
        }

        var tag = ReadRawVarint();
        Wire = (WireType)(tag & 7);
        if (tag >> 3 is 0 or > int.MaxValue)
        {
            throw Error("a field number is out of range");
        }

        Field = (int)(tag >> 3);
        return true;
    }

    /// <summary>Reads the field as an integer; negative ones take ten bytes.</summary>
    public long ReadVarint()
    {
        Expect(WireType.Varint);
        return (long)ReadRawVarint();
    }

    /// <summary>Reads the field as a truth value.</summary>
    public bool ReadBoolean() => ReadVarint() != 0;

    /// <summary>Reads the field as a 32-bit floating-point number.</summary>
    public float ReadSingle()
    {
        Expect(WireType.Fixed32);
        return BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));
    }

    /// <summary>Reads the field as bytes.</summary>
    public ReadOnlySpan<byte> ReadBytes()
    {
        Expect(WireType.LengthDelimited);
        return Take(ReadRawVarint());
    }

    /// <summary>Reads the field as a message.</summary>
    public ProtobufReader ReadMessage()
    {
        var length = ReadBytes().Length;
        return new ProtobufReader(path, _file, _position - length, _position);
    }

    /// <summary>Passes over the field.</summary>
    public void Skip()
    {
        switch (Wire)
        {
            case WireType.Varint:
                ReadRawVarint();
                break;
            case WireType.Fixed64:
                Take(sizeof(ulong));
                break;
            case WireType.LengthDelimited:
                Take(ReadRawVarint());
                break;
            case WireType.Fixed32:
                Take(sizeof(uint));
                break;
            default:
                throw Error($"field {Field} has wire type {(int)Wire}, which is not in use");
        }
    }

    /// <summary>An error at the present place.</summary>
    public readonly ModelFormatException Error(string problem) => new(path, $"byte {_position}: {problem}; expected a SentencePiece model (protobuf).");

    private readonly void Expect(WireType wanted)
    {
        if (Wire != wanted)
        {
            throw Error($"field {Field} has wire type {(int)Wire} instead of {(int)wanted}");
        }
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)(end - _position))
        {
            throw Error($"field {Field} claims {length} bytes where {end - _position} are left");
        }

        _position += (int)length;
        return _file.Slice(_position - (int)length, (int)length);
    }

    private ulong ReadRawVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_position == end)
            {
                throw Error("the message ends inside a number");
            }

            var part = _file[_position++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw Error("a number takes more than ten bytes");
    }

    private enum WireType
    {
        Varint = 0,
        Fixed64 = 1,
        LengthDelimited = 2,
        Fixed32 = 5,
    }
}
