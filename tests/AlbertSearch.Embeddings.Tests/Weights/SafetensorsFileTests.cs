using System.Buffers.Binary;
using System.Security.Cryptography;
using AlbertSearch.Embeddings.Weights;
using AlbertSearch.Testing;

namespace AlbertSearch.Embeddings.Tests.Weights;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder.File("model.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_valid_file_gives_its_tensors()
    {
        Write("""{"__metadata__":{"format":"pt"},"b":{"dtype":"F16","shape":[3],"data_offsets":[8,14]},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}   """, [0, 0, 128, 63, 0, 0, 0, 192, 0, 60, 0, 192, 0, 0]);
        using SafetensorsFile file = SafetensorsFile.Open(FilePath);

        Assert.Equal([1f, -2f], file.Tensor("a", 1, 2).ToArray());
        Assert.Equal([1f, -2f, 0f], file.Tensor("b", 3).ToArray());
        Assert.Equal(WeightDataType.F16, file.Tensor("b", 3).DataType);
        Assert.False(file.Contains("__metadata__"));
        Assert.Equal(SHA256.HashData(File.ReadAllBytes(FilePath)), file.ComputeHash());
    }

    [Fact]
    public void Tensor_after_disposal_throws_instead_of_reading_unmapped_memory()
    {
        Write("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", [0, 0, 128, 63]);
        SafetensorsFile file = SafetensorsFile.Open(FilePath);
        WeightTensor tensor = file.Tensor("a", 1);
        file.Dispose();

        Assert.Throws<ObjectDisposedException>(() => tensor.ToArray());
    }

    [Fact]
    public void Open_header_of_ten_gigabytes_names_file_claim_and_size()
    {
        byte[] bytes = new byte[100];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, 10_000_000_000);
        File.WriteAllBytes(FilePath, bytes);

        ModelFormatException error = Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(FilePath));

        Assert.Equal(FilePath, error.Path);
        Assert.Contains(FilePath, error.Message, StringComparison.Ordinal);
        Assert.Contains("10000000000", error.Message, StringComparison.Ordinal);
        Assert.Contains("100", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "empty")]
    [InlineData(7, "has 7 bytes")]
    [InlineData(8, "truncated")]
    [InlineData(40, "truncated")]
    public void Open_file_cut_in_its_header_is_refused(int length, string problem)
    {
        File.WriteAllBytes(FilePath, SafetensorsContent.Frame("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")[..length]);

        AssertRefused(problem);
    }

    [Theory]
    [InlineData("""[]""", "must be a JSON object")]
    [InlineData("""{"a":1}""", "tensor 'a' is 1")]
    [InlineData("""{"a":{"shape":[1],"data_offsets":[0,4]}}""", "no dtype")]
    [InlineData("""{"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}}""", "dtype is 7")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,4]}}""", "no list shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", "no list data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "-1 in shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", "1.5 in shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}""", "in shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}""", "9 axes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", "data_offsets [0]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", "data_offsets [4, 0]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,9223372036854775807]}}""", "truncated")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "needs 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}""", "needs 18446744073709551620 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296,4294967296,4294967296],"data_offsets":[0,4]}}""", "but its data_offsets hold 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,4]}}""", "needs 0 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", "overlaps")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", "gap")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", "end at byte 3")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "not valid JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},}""", "not valid JSON")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "not valid")]
    [InlineData("""{"a":{"dtype":"\ud800","shape":[1],"data_offsets":[0,4]}}""", "not valid Unicode")]
    [InlineData("""{"":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "0 characters")]
    public void Open_header_that_contradicts_itself_is_refused(string header, string problem)
    {
        Write(header, new byte[4]);

        AssertRefused(problem);
    }

    [Fact]
    public void Open_header_that_is_not_utf8_is_refused()
    {
        byte[] bytes = SafetensorsContent.Frame("""{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""");
        bytes[10] = 0xFF;
        File.WriteAllBytes(FilePath, bytes);

        AssertRefused("UTF-8");
    }

    [Fact]
    public void Tensor_missing_misshapen_or_of_another_type_is_named_with_what_was_expected()
    {
        Write("""{"long":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"flat":{"dtype":"F32","shape":[2],"data_offsets":[8,16]},"new":{"dtype":"F4","shape":[2],"data_offsets":[16,17]}}""", new byte[17]);
        using SafetensorsFile file = SafetensorsFile.Open(FilePath);

        Assert.Contains("'gone' of shape [3, 4] is missing", Assert.Throws<ModelFormatException>(() => file.Tensor("gone", 3, 4)).Message, StringComparison.Ordinal);
        Assert.Contains("'flat' has shape [2], but config.json asks for [1, 2]", Assert.Throws<ModelFormatException>(() => file.Tensor("flat", 1, 2)).Message, StringComparison.Ordinal);
        Assert.Contains("'long' is of type I64", Assert.Throws<ModelFormatException>(() => file.Tensor("long", 1)).Message, StringComparison.Ordinal);
        Assert.Contains("'new' is of type F4", Assert.Throws<ModelFormatException>(() => file.Tensor("new", 2)).Message, StringComparison.Ordinal);
    }

    private void Write(string header, byte[] data) => File.WriteAllBytes(FilePath, [.. SafetensorsContent.Frame(header), .. data]);

    private void AssertRefused(string problem)
    {
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(FilePath));
        Assert.Equal(FilePath, error.Path);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }
}
