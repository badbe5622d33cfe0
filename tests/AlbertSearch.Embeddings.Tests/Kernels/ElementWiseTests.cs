using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Embeddings.Kernels;
using AlbertSearch.Embeddings.Tests.Albert;

namespace AlbertSearch.Embeddings.Tests.Kernels;

[Trait("Category", "Kernels")]
public sealed class ElementWiseTests
{
    // Stated in the kernels: against the formula in double precision.
    private const double Bound = 2e-6;

    [Theory]
    [MemberData(nameof(KernelData.Lengths), MemberType = typeof(KernelData))]
    public void Apply_any_length_equals_the_scalar_twin(int length)
    {
        AssertTwin<Gelu>(length);
        AssertTwin<GeluTanh>(length);
        AssertTwin<Relu>(length);
        AssertTwin<HyperbolicTangent>(length);
    }

    [Fact]
    public void Gelu_dense_points_are_within_the_bound() =>
        AssertFormula<Gelu>(x => ScalarAlbertEncoder.Activate(HiddenActivation.Gelu, x));

    [Fact]
    public void GeluTanh_dense_points_are_within_the_bound() =>
        AssertFormula<GeluTanh>(x => ScalarAlbertEncoder.Activate(HiddenActivation.GeluTanh, x));

    [Fact]
    public void Tanh_dense_points_are_within_the_bound() => AssertFormula<HyperbolicTangent>(Math.Tanh);

    [Fact]
    public void Relu_dense_points_are_exact() => AssertFormula<Relu>(x => Math.Max(0, x));

    [Fact]
    public void Apply_subnormal_values_stay_near_zero()
    {
        foreach (var function in (Action<float[]>[])[v => ElementWise.Apply<Gelu>(v), v => ElementWise.Apply<GeluTanh>(v), v => ElementWise.Apply<Relu>(v), v => ElementWise.Apply<HyperbolicTangent>(v)])
        {
            var values = Enumerable.Repeat(float.Epsilon, 19).Concat(Enumerable.Repeat(-1e-40f, 18)).ToArray();
            function(values);
            Assert.All(values, value => Assert.InRange(value, -1e-7f, 1e-7f));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(36)]
    public void Apply_not_a_number_stays_where_it_is(int position)
    {
        AssertSpread<Gelu>(position);
        AssertSpread<GeluTanh>(position);
        AssertSpread<Relu>(position);
        AssertSpread<HyperbolicTangent>(position);
    }

    [Fact]
    public void Apply_infinities_give_what_is_documented()
    {
        Assert.Equal(float.PositiveInfinity, One<Gelu>(float.PositiveInfinity));
        Assert.Equal(float.NaN, One<Gelu>(float.NegativeInfinity));
        Assert.Equal(float.PositiveInfinity, One<GeluTanh>(float.PositiveInfinity));
        Assert.Equal(float.NegativeInfinity, One<GeluTanh>(float.NegativeInfinity));
        Assert.Equal(float.PositiveInfinity, One<Relu>(float.PositiveInfinity));
        Assert.Equal(0f, One<Relu>(float.NegativeInfinity));
        Assert.Equal(1f, One<HyperbolicTangent>(float.PositiveInfinity));
        Assert.Equal(-1f, One<HyperbolicTangent>(float.NegativeInfinity));
    }

    private static void AssertTwin<TFunction>(int length)
        where TFunction : struct, IElementFunction
    {
        var actual = KernelData.Normal(length, seed: length, spread: 4f).Span;
        var expected = actual.ToArray();
        ElementWise.Apply<TFunction>(actual);
        ElementWise.ApplyScalar<TFunction>(expected);
        KernelData.AssertClose(expected, actual, 1e-6f);
    }

    private static void AssertFormula<TFunction>(Func<double, double> formula)
        where TFunction : struct, IElementFunction
    {
        var points = Enumerable.Range(0, 400_001).Select(i => (i - 200_000) / 10_000f).ToArray();
        var values = points.ToArray();
        ElementWise.Apply<TFunction>(values);
        for (var i = 0; i < points.Length; i++)
        {
            var expected = formula(points[i]);
            Assert.True(Math.Abs(values[i] - expected) <= Bound, $"f({points[i]}) is {values[i]}, expected {expected} within {Bound}.");
        }
    }

    private static void AssertSpread<TFunction>(int position)
        where TFunction : struct, IElementFunction
    {
        var values = new float[37];
        values[position] = float.NaN;
        ElementWise.Apply<TFunction>(values);
        for (var i = 0; i < values.Length; i++)
        {
            Assert.Equal(i == position, float.IsNaN(values[i]));
        }
    }

    private static float One<TFunction>(float value)
        where TFunction : struct, IElementFunction
    {
        var wide = Enumerable.Repeat(value, 21).ToArray();
        ElementWise.Apply<TFunction>(wide);
        Assert.All(wide, other => Assert.Equal(wide[0], other));
        return wide[0];
    }
}
