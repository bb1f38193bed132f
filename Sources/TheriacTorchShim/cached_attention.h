// Attention of new tokens over a pool of keys and values.
#pragma once

#include <ATen/ATen.h>

namespace theriac {

/// New tokens of several sequences, and where what they had before stands in the pool.
struct Turn {
    int64_t sequences, heads, kv_heads, width, window;
    float cap, scale;
    const int64_t *borders, *shared_starts, *shared_lengths, *own_starts, *own_lengths;
};

/// Fills `out` [total, heads · width] for queries [total, heads, width] of the pools' type; false where there is no kernel.
/// Their tokens may lie apart.
bool cached_in_lanes(const Turn &turn, const at::Tensor &query, const at::Tensor &keys, const at::Tensor &values, at::Tensor &out);

}  // namespace theriac
