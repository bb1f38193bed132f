// Sixteen floats at a time: what the packed kernels compute with. Only where the processor has AVX-512 with bfloat16.
#pragma once

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__) && defined(__AVX512BF16__)
#define THERIAC_LANES 1

#include <immintrin.h>

#include <c10/util/BFloat16.h>

#include <cstring>

#include "theriac_torch.h"

namespace theriac {

using bf16 = c10::BFloat16;

/// The first `count` of 16 lanes; all for 16 and more.
inline __mmask16 first_lanes(int64_t count) { return count >= 16 ? 0xffff : count <= 0 ? 0 : static_cast<__mmask16>((1u << count) - 1); }

inline __m512 load(const float *p, __mmask16 mask = 0xffff) { return _mm512_maskz_loadu_ps(mask, p); }
inline __m512 load(const bf16 *p, __mmask16 mask = 0xffff) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, p)), 16));
}
inline void store(float *p, __m512 x, __mmask16 mask = 0xffff) { _mm512_mask_storeu_ps(p, mask, x); }
inline void store(bf16 *p, __m512 x, __mmask16 mask = 0xffff) {
    const __m256bh rounded = _mm512_cvtneps_pbh(x);
    __m256i bits;
    std::memcpy(&bits, &rounded, sizeof bits);
    _mm256_mask_storeu_epi16(p, mask, bits);
}

/// e^x within 2 units in the last place; 0 below −104.
inline __m512 exponential(__m512 x) {
    x = _mm512_max_ps(x, _mm512_set1_ps(-104.0f));
    const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    // ln 2 in two parts, so that the difference keeps its digits.
    __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375f), x);
    r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4f), r);
    __m512 p = _mm512_set1_ps(1.0f / 720);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f / 120));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f / 24));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f / 6));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.5f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f));
    return _mm512_scalef_ps(p, n);
}

/// The error function within 1.5e-7: Abramowitz and Stegun, *Handbook of Mathematical Functions*, 7.1.26.
inline __m512 error_function(__m512 x) {
    const __m512 one = _mm512_set1_ps(1.0f);
    const __m512 a = _mm512_abs_ps(x);
    const __m512 t = _mm512_div_ps(one, _mm512_fmadd_ps(a, _mm512_set1_ps(0.3275911f), one));
    __m512 p = _mm512_set1_ps(1.061405429f);
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(-1.453152027f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(1.421413741f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(-0.284496736f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.254829592f));
    const __m512 tail = _mm512_mul_ps(_mm512_mul_ps(p, t), exponential(_mm512_mul_ps(_mm512_sub_ps(_mm512_setzero_ps(), a), a)));
    const __m512 positive = _mm512_sub_ps(one, tail);
    const __m512 sign = _mm512_and_ps(x, _mm512_set1_ps(-0.0f));
    return _mm512_or_ps(positive, sign);
}

inline __m512 sigmoid(__m512 x) {
    const __m512 one = _mm512_set1_ps(1.0f);
    return _mm512_div_ps(one, _mm512_add_ps(one, exponential(_mm512_sub_ps(_mm512_setzero_ps(), x))));
}

/// `activation` is a code of one-operand functions, or −1 for none.
inline __m512 activate(int32_t activation, __m512 x) {
    const __m512 one = _mm512_set1_ps(1.0f), half = _mm512_set1_ps(0.5f), two = _mm512_set1_ps(2.0f);
    switch (activation) {
        case TT_GELU_ERF:
            return _mm512_mul_ps(_mm512_mul_ps(half, x),
                                 _mm512_add_ps(one, error_function(_mm512_mul_ps(x, _mm512_set1_ps(0.70710678f)))));
        case TT_GELU_TANH: {
            // x · (1 + tanh u) / 2 = x · sigmoid(2 u)
            const __m512 cube = _mm512_mul_ps(_mm512_mul_ps(x, x), x);
            const __m512 u = _mm512_mul_ps(_mm512_set1_ps(0.79788456f), _mm512_fmadd_ps(cube, _mm512_set1_ps(0.044715f), x));
            return _mm512_mul_ps(x, sigmoid(_mm512_mul_ps(two, u)));
        }
        case TT_TANH: return _mm512_fmsub_ps(two, sigmoid(_mm512_mul_ps(two, x)), one);
        case TT_SIGMOID: return sigmoid(x);
        case TT_SILU: return _mm512_mul_ps(x, sigmoid(x));
        case TT_RELU: return _mm512_max_ps(x, _mm512_setzero_ps());
        default: return x;
    }
}

/// One step of a sum of products: one pair of float32, or two pairs of bfloat16 summed in float32.
template <typename T>
struct Step;

template <>
struct Step<float> {
    static constexpr int64_t depth = 1;
    static __m512 multiply_add(__m512 sum, const float *a, __m512i b) {
        return _mm512_fmadd_ps(_mm512_set1_ps(*a), _mm512_castsi512_ps(b), sum);
    }
};

template <>
struct Step<bf16> {
    static constexpr int64_t depth = 2;
    static __m512 multiply_add(__m512 sum, const bf16 *a, __m512i b) {
        int32_t pair;
        std::memcpy(&pair, a, sizeof pair);
        const __m512i both = _mm512_set1_epi32(pair);
        return _mm512_dpbf16_ps(sum, (__m512bh)both, (__m512bh)b);
    }
};

/// `M` rows by `16 · V` columns of a product, kept in registers over the whole depth. Every element is one chain of
/// additions in the order of the depth, so that it does not depend on what else is computed, nor on by how many threads.
///
/// `a`: rows with `stride` elements between them. `b`: per step, `all_columns` of `depth` elements each, or those of the tile when
/// `Packed`. `sink(row, column lane, value)` takes the results.
template <typename T, int M, int V, bool Packed, typename Sink>
inline __attribute__((always_inline)) void tile(const T *a, int64_t stride, const T *b, int64_t all_columns, int64_t steps, Sink &&sink) {
    constexpr int64_t depth = Step<T>::depth;
    const int64_t width = Packed ? 16 * V : all_columns;
    __m512 sum[M][V];
#pragma clang loop unroll(full)
    for (int m = 0; m < M; m++)
#pragma clang loop unroll(full)
        for (int v = 0; v < V; v++) sum[m][v] = _mm512_setzero_ps();
    for (int64_t k = 0; k < steps; k++) {
        // Packed columns lie in the second-level cache: unless asked for early, they are waited for.
        if constexpr (Packed)
#pragma clang loop unroll(full)
            for (int v = 0; v < V; v++) _mm_prefetch(reinterpret_cast<const char *>(b + ((k + 16) * width + 16 * v) * depth), _MM_HINT_T0);
        __m512i column[V];
#pragma clang loop unroll(full)
        for (int v = 0; v < V; v++) column[v] = _mm512_loadu_si512(b + (k * width + 16 * v) * depth);
#pragma clang loop unroll(full)
        for (int m = 0; m < M; m++)
#pragma clang loop unroll(full)
            for (int v = 0; v < V; v++) sum[m][v] = Step<T>::multiply_add(sum[m][v], a + m * stride + k * depth, column[v]);
    }
#pragma clang loop unroll(full)
    for (int m = 0; m < M; m++)
#pragma clang loop unroll(full)
        for (int v = 0; v < V; v++) sink(m, v, sum[m][v]);
}

/// Rows a full tile has: 6 · 4 sums, 4 columns and one factor fit 32 registers.
constexpr int64_t tile_rows = 6;
constexpr int64_t tile_columns = 64;

template <typename T, int V, bool Packed, typename Sink>
inline __attribute__((always_inline)) void tile_of_rows(int64_t rows, const T *a, int64_t stride, const T *b, int64_t width, int64_t steps, Sink &&sink) {
    switch (rows) {
        case 6: return tile<T, 6, V, Packed>(a, stride, b, width, steps, sink);
        case 5: return tile<T, 5, V, Packed>(a, stride, b, width, steps, sink);
        case 4: return tile<T, 4, V, Packed>(a, stride, b, width, steps, sink);
        case 3: return tile<T, 3, V, Packed>(a, stride, b, width, steps, sink);
        case 2: return tile<T, 2, V, Packed>(a, stride, b, width, steps, sink);
        case 1: return tile<T, 1, V, Packed>(a, stride, b, width, steps, sink);
    }
}

/// A tile of 1 to 6 rows and 1 to 4 groups of 16 columns.
template <typename T, bool Packed = false, typename Sink>
inline void any_tile(int64_t rows, int64_t groups, const T *a, int64_t stride, const T *b, int64_t width, int64_t steps, Sink &&sink) {
    switch (groups) {
        case 4: return tile_of_rows<T, 4, Packed>(rows, a, stride, b, width, steps, sink);
        case 3: return tile_of_rows<T, 3, Packed>(rows, a, stride, b, width, steps, sink);
        case 2: return tile_of_rows<T, 2, Packed>(rows, a, stride, b, width, steps, sink);
        case 1: return tile_of_rows<T, 1, Packed>(rows, a, stride, b, width, steps, sink);
    }
}

/// Sixteen rows of sixteen 32-bit elements, turned round.
inline void transpose(__m512i r[16]) {
    __m512i t[16];
    for (int i = 0; i < 8; i++) {
        t[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
        t[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
    }
    for (int i = 0; i < 4; i++) {
        r[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
        r[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
        r[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
        r[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        t[i] = _mm512_shuffle_i32x4(r[i], r[4 + i], 0x88);
        t[4 + i] = _mm512_shuffle_i32x4(r[i], r[4 + i], 0xdd);
        t[8 + i] = _mm512_shuffle_i32x4(r[8 + i], r[12 + i], 0x88);
        t[12 + i] = _mm512_shuffle_i32x4(r[8 + i], r[12 + i], 0xdd);
    }
    for (int i = 0; i < 8; i++) {
        r[i] = _mm512_shuffle_i32x4(t[i], t[8 + i], 0x88);
        r[8 + i] = _mm512_shuffle_i32x4(t[i], t[8 + i], 0xdd);
    }
}

}  // namespace theriac

#endif
