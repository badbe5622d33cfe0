using AlbertSearch.Embeddings.Kernels;

namespace AlbertSearch.Embeddings.Tests.Kernels;

/// <summary>
/// The gate runs the kernel tests once more at each narrower instruction level, by environment variables that a runtime ignores when it
/// does not know them. Here a run fails when its variable had no effect.
/// </summary>
[Trait("Category", "Kernels")]
public sealed class InstructionLevelTests
{
    [Fact]
    public void IsSupported_level_switched_off_by_the_environment_is_off()
    {
        if (IsOff("DOTNET_EnableAVX512"))
        {
            Assert.False(MatrixTile512.IsSupported || HalfTile512.IsSupported || QuantizedTile512.IsSupported || Lanes512.IsSupported);
        }

        if (IsOff("DOTNET_EnableAVX2"))
        {
            Assert.False(MatrixTile256.IsSupported || QuantizedTile256.IsSupported || Lanes256.IsSupported || MatrixTile512.IsSupported);
        }

        if (IsOff("DOTNET_EnableHWIntrinsic"))
        {
            Assert.False(MatrixTile128.IsSupported || Lanes128.IsSupported || MatrixTile256.IsSupported || MatrixTile512.IsSupported);
        }

        // The panels are as wide as the widest micro-kernel that is left.
        Assert.Equal(MatrixTile512.IsSupported ? MatrixTile512.Columns : MatrixTile256.Columns, PackedMatrix.PanelColumns);
    }

    private static bool IsOff(string variable) => Environment.GetEnvironmentVariable(variable) == "0";
}
