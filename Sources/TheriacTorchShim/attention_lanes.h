// What attention kernels share: keys turned round, so that lanes are keys, and the softmax of a row of scores.
#pragma once

#include "lanes.h"

#ifdef THERIAC_LANES

#include <algorithm>
#include <cmath>

namespace theriac {

inline int64_t to_lanes(int64_t count) { return (count + 15) / 16 * 16; }

/// Turns keys round, in units of 32 bits: one float32, or two bfloat16 of the same key.
template <typename T>
void turn_keys(const T *keys, int64_t stride, int64_t count, int64_t width, T *turned) {
    const int64_t units = width * static_cast<int64_t>(sizeof(T)) / 4, padded = to_lanes(count);
    for (int64_t j = 0; j < padded; j += 16)
        for (int64_t u = 0; u < units; u += 16) {
            const __mmask16 mask = first_lanes(units - u);
            __m512i r[16];
            for (int64_t i = 0; i < 16; i++)
                r[i] = j + i < count ? _mm512_maskz_loadu_epi32(mask, reinterpret_cast<const int32_t *>(keys + (j + i) * stride) + u)
                                     : _mm512_setzero_si512();
            transpose(r);
            for (int64_t i = 0; i < std::min<int64_t>(16, units - u); i++)
                _mm512_storeu_si512(reinterpret_cast<int32_t *>(turned) + (u + i) * padded + j, r[i]);
        }
}

/// e^(score − largest) of the keys from `begin` to `end`, 0 for the others from `first` to `past` (whole lanes); returns the sum.
template <typename T>
float exponentiate(const float *scores, int64_t first, int64_t past, int64_t begin, int64_t end, T *weights) {
    const __m512 lowest = _mm512_set1_ps(-INFINITY);
    auto inside = [&](int64_t j) { return static_cast<__mmask16>(first_lanes(end - j) & ~first_lanes(begin - j)); };
    __m512 largest = lowest;
    for (int64_t j = first; j < past; j += 16) largest = _mm512_mask_max_ps(largest, inside(j), largest, load(scores + j));
    const __m512 top = _mm512_set1_ps(_mm512_reduce_max_ps(largest));
    __m512 sum = _mm512_setzero_ps();
    for (int64_t j = first; j < past; j += 16) {
        const __m512 weight = _mm512_maskz_mov_ps(inside(j), exponential(_mm512_sub_ps(load(scores + j), top)));
        sum = _mm512_add_ps(sum, weight);
        store(weights + j, weight);
    }
    return _mm512_reduce_add_ps(sum);
}

}  // namespace theriac

#endif
