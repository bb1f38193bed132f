// Attention over sequences of different lengths laid end to end: every sequence for itself, nothing padded.
#include "attention_lanes.h"
#include "shim.h"

#include "parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace theriac {

namespace {

/// `rows` sequences; the queries of a sequence are its first tokens, or all.
struct Packed {
    int64_t rows, heads, width;  // width: of one head
    int64_t window;              // tokens seen to each side; negative for all
    double scale;
    const int64_t *query_borders, *key_borders;

    int64_t first_key(int64_t query) const { return window < 0 ? 0 : std::max<int64_t>(0, query - window); }
    int64_t past_key(int64_t query, int64_t keys) const { return window < 0 ? keys : std::min(keys, query + window + 1); }
};

/// From libtorch's operations, which record gradients.
at::Tensor composed(const Packed &s, const at::Tensor &query, const at::Tensor &key, const at::Tensor &value) {
    std::vector<at::Tensor> parts;
    for (int64_t row = 0; row < s.rows; row++) {
        const int64_t queries = s.query_borders[row + 1] - s.query_borders[row], keys = s.key_borders[row + 1] - s.key_borders[row];
        auto heads = [&](const at::Tensor &x, int64_t from, int64_t count) {
            return x.narrow(0, from, count).reshape({1, count, s.heads, s.width}).transpose(1, 2);
        };
        c10::optional<at::Tensor> mask;
        if (s.window >= 0 && keys > s.window + 1) {
            const auto options = query.options().dtype(at::kLong).requires_grad(false);
            const at::Tensor distance = at::arange(queries, options).unsqueeze(1).sub(at::arange(keys, options).unsqueeze(0)).abs();
            mask = at::zeros({queries, keys}, query.options().requires_grad(false))
                       .masked_fill(distance.gt(s.window), -std::numeric_limits<double>::infinity());
        }
        const at::Tensor mixed = at::scaled_dot_product_attention(
            heads(query, s.query_borders[row], queries), heads(key, s.key_borders[row], keys), heads(value, s.key_borders[row], keys), mask,
            0.0, false, s.scale);
        parts.push_back(mixed.transpose(1, 2).reshape({queries, s.heads * s.width}));
    }
    return at::cat(parts, 0);
}

#ifdef THERIAC_LANES

/// Memory of one thread, for the longest sequence.
template <typename T>
struct Workspace {
    std::vector<T> keys;      // a step of the depth after the other, each over all keys
    std::vector<T> values;    // a step of keys after the other, each over the width
    std::vector<float> scores;  // [tile_rows, keys]
    std::vector<T> weights;     // [tile_rows, keys]

    Workspace(int64_t longest, int64_t width)
        : keys(to_lanes(longest) * to_lanes(width) * 2), values(to_lanes(longest) * to_lanes(width)), scores(tile_rows * to_lanes(longest)),
          weights(tile_rows * to_lanes(longest)) {}
};

void lay_values(const float *values, int64_t stride, int64_t count, int64_t width, float *laid) {
    const int64_t lanes = to_lanes(width);
    for (int64_t j = 0; j < to_lanes(count); j++)
        for (int64_t c = 0; c < lanes; c += 16)
            store(laid + j * lanes + c, j < count ? load(values + j * stride + c, first_lanes(width - c)) : _mm512_setzero_ps());
}

/// Pairs of rows, interleaved.
void lay_values(const bf16 *values, int64_t stride, int64_t count, int64_t width, bf16 *laid) {
    const int64_t lanes = to_lanes(width);
    auto row = [&](int64_t j, int64_t c) {
        return j < count ? _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(first_lanes(width - c), values + j * stride + c)) : _mm512_setzero_si512();
    };
    for (int64_t j = 0; j < to_lanes(count); j += 2)
        for (int64_t c = 0; c < lanes; c += 16)
            _mm512_storeu_si512(laid + j * lanes + 2 * c, _mm512_or_si512(row(j, c), _mm512_slli_epi32(row(j + 1, c), 16)));
}

template <typename T>
void attend(const Packed &s, const T *query, int64_t query_stride, const T *key, int64_t key_stride, const T *value, int64_t value_stride,
            T *out) {
    constexpr int64_t depth = Step<T>::depth;
    int64_t longest = 0;
    for (int64_t row = 0; row < s.rows; row++) longest = std::max(longest, s.key_borders[row + 1] - s.key_borders[row]);
    const int64_t lanes = to_lanes(s.width);
    const __m512 scale = _mm512_set1_ps(static_cast<float>(s.scale));
    // Heads outermost: equal shares of the work whatever the lengths.
    parallel_for(0, s.heads * s.rows, 1, [&](int64_t begin, int64_t end) {
        Workspace<T> space(longest, s.width);
        for (int64_t item = begin; item < end; item++) {
            const int64_t head = item / s.rows, row = item % s.rows;
            const int64_t keys = s.key_borders[row + 1] - s.key_borders[row], queries = s.query_borders[row + 1] - s.query_borders[row];
            const int64_t padded = to_lanes(keys);
            turn_keys(key + s.key_borders[row] * key_stride + head * s.width, key_stride, keys, s.width, space.keys.data());
            lay_values(value + s.key_borders[row] * value_stride + head * s.width, value_stride, keys, s.width, space.values.data());
            for (int64_t i = 0; i < queries; i += tile_rows) {
                const int64_t count = std::min(tile_rows, queries - i);
                const int64_t first = s.first_key(i) / 16 * 16, past = to_lanes(s.past_key(i + count - 1, keys));
                const T *q = query + (s.query_borders[row] + i) * query_stride + head * s.width;
                for (int64_t j = first; j < past; j += tile_columns) {
                    const int64_t groups = std::min(tile_columns, past - j) / 16;
                    float *scores = space.scores.data() + j;
                    any_tile(count, groups, q, query_stride, space.keys.data() + j * depth, padded, s.width / depth,
                             [&](int m, int v, __m512 sum) __attribute__((always_inline)) {
                                 store(scores + m * padded + 16 * v, _mm512_mul_ps(sum, scale));
                             });
                }
                __m512 share[tile_rows];
                for (int64_t m = 0; m < count; m++)
                    share[m] = _mm512_set1_ps(1 / exponentiate(space.scores.data() + m * padded, first, past, s.first_key(i + m),
                                                               s.past_key(i + m, keys), space.weights.data() + m * padded));
                T *target = out + (s.query_borders[row] + i) * s.heads * s.width + head * s.width;
                for (int64_t c = 0; c < lanes; c += tile_columns)
                    any_tile(count, std::min(tile_columns, lanes - c) / 16, space.weights.data() + first, padded,
                             space.values.data() + first * lanes + c * depth, lanes, (past - first) / depth,
                             [&](int m, int v, __m512 sum) __attribute__((always_inline)) {
                                 const int64_t column = c + 16 * v;
                                 store(target + m * s.heads * s.width + column, _mm512_mul_ps(sum, share[m]), first_lanes(s.width - column));
                             });
            }
        }
    });
}

template <typename T>
at::Tensor attend(const Packed &s, const at::Tensor &query, const at::Tensor &key, const at::Tensor &value) {
    at::Tensor out = at::empty({query.size(0), s.heads * s.width}, query.options());
    attend<T>(s, query.const_data_ptr<T>(), query.stride(0), key.const_data_ptr<T>(), key.stride(0), value.const_data_ptr<T>(), value.stride(0),
              out.mutable_data_ptr<T>());
    return out;
}

#endif

void check_borders(const int64_t *borders, int64_t rows, int64_t total, const char *name) {
    TORCH_CHECK(borders[0] == 0 && borders[rows] == total, name, " borders must go from 0 to ", total);
    for (int64_t row = 0; row < rows; row++) TORCH_CHECK(borders[row] < borders[row + 1], name, " ", row, " is empty");
}

at::Tensor packed_attention(const Packed &s, const at::Tensor &query, const at::Tensor &key, const at::Tensor &value) {
    TORCH_CHECK(s.rows > 0, "there is no sequence");
    check_borders(s.query_borders, s.rows, query.size(0), "query");
    check_borders(s.key_borders, s.rows, key.size(0), "key");
    for (int64_t row = 0; row < s.rows; row++)
        TORCH_CHECK(s.query_borders[row + 1] - s.query_borders[row] <= s.key_borders[row + 1] - s.key_borders[row], "sequence ", row,
                    " has more queries than keys");
#ifdef THERIAC_LANES
    const at::ScalarType type = query.scalar_type();
    const bool recorded = at::GradMode::is_enabled() && (query.requires_grad() || key.requires_grad() || value.requires_grad());
    const bool fits = type == at::kFloat || (type == at::kBFloat16 && s.width % 2 == 0);
    if (!recorded && fits && query.is_cpu() && key.scalar_type() == type && value.scalar_type() == type) {
        auto plain = [](const at::Tensor &x) { return x.stride(1) == 1 ? x.detach() : x.detach().contiguous(); };
        at::NoGradGuard guard;
        return type == at::kFloat ? attend<float>(s, plain(query), plain(key), plain(value))
                                  : attend<bf16>(s, plain(query), plain(key), plain(value));
    }
#endif
    return composed(s, query, key, value);
}

}  // namespace

void add_packed_attention(tt_api &api) {
    api.packed_attention = [](const tt_tensor *query, const tt_tensor *key, const tt_tensor *value, const int64_t *query_borders,
                              const int64_t *key_borders, int64_t rows, int64_t heads, int64_t window, double scale, tt_tensor **out) {
        return making(out, [&] {
            const at::Tensor &q = query->value, &k = key->value, &v = value->value;
            TORCH_CHECK(q.dim() == 2 && k.dim() == 2 && v.sizes() == k.sizes() && q.size(1) == k.size(1), "query, key and value must be [total, width]");
            TORCH_CHECK(heads > 0 && q.size(1) % heads == 0, "heads must divide the width");
            return packed_attention({rows, heads, q.size(1) / heads, window, scale, query_borders, key_borders}, q, k, v);
        });
    };
}

}  // namespace theriac
