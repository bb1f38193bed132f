// Attention: whole sequences through libtorch's kernel, and one decoding step over a cache shared between rows.
#include "cached_attention.h"
#include "shim.h"

#include "parallel.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace theriac {

namespace {

/// Scores of `count` keys, `stride` elements apart, against one query.
template <typename T>
void score(const float *query, const T *keys, int64_t count, int64_t stride, int64_t width, float scale, float *scores) {
#pragma clang fp reassociate(on)  // lets the dot product use vector lanes
    for (int64_t j = 0; j < count; j++) {
        const T *key = keys + j * stride;
        float sum = 0;
        for (int64_t i = 0; i < width; i++) sum += query[i] * static_cast<float>(key[i]);
        scores[j] = sum * scale;
    }
}

template <typename T>
void accumulate(const float *weights, const T *values, int64_t count, int64_t stride, int64_t width, float *out) {
    for (int64_t j = 0; j < count; j++) {
        const T *value = values + j * stride;
        const float weight = weights[j];
        for (int64_t i = 0; i < width; i++) out[i] += weight * static_cast<float>(value[i]);
    }
}

/// The part of `length` tokens that a token sees whose window reaches `seen` tokens back from behind them.
struct Visible {
    int64_t first, count;

    Visible(int64_t length, int64_t seen) : first(seen < 0 ? 0 : std::max<int64_t>(0, length - std::max<int64_t>(seen, 0))), count(length - first) {}
};

/// One (token, head) at a time in float32: for types and processors without a kernel of their own.
template <typename T>
void cached(const Turn &s, const std::vector<int64_t> &sequence_of, const T *query, const T *keys, const T *values, T *out) {
    const int64_t per_kv = s.heads / s.kv_heads, stride = s.kv_heads * s.width;
    const int64_t total = static_cast<int64_t>(sequence_of.size());
    parallel_for(0, total * s.heads, 16, [&](int64_t begin, int64_t end) {
        std::vector<float> scores, q(s.width), sum(s.width);
        for (int64_t index = begin; index < end; index++) {
            const int64_t token = index / s.heads, head = index % s.heads, kv = head / per_kv;
            const int64_t sequence = sequence_of[token];
            const int64_t own_length = s.own_lengths[sequence] + token - s.borders[sequence] + 1;
            const int64_t window = s.window < 0 ? std::numeric_limits<int64_t>::max() : s.window;
            const Visible own(own_length, window), shared(s.shared_lengths[sequence], window - own_length);
            const int64_t shared_begin = (s.shared_starts[sequence] + shared.first) * stride + kv * s.width;
            const int64_t own_begin = (s.own_starts[sequence] + own.first) * stride + kv * s.width;
            const int64_t count = (window > own_length ? shared.count : 0) + own.count, before = count - own.count;
            if (static_cast<int64_t>(scores.size()) < count) scores.resize(count);
            for (int64_t i = 0; i < s.width; i++) q[i] = static_cast<float>(query[index * s.width + i]);
            score(q.data(), keys + shared_begin, before, stride, s.width, s.scale, scores.data());
            score(q.data(), keys + own_begin, own.count, stride, s.width, s.scale, scores.data() + before);
            if (s.cap > 0)
                for (int64_t j = 0; j < count; j++) scores[j] = s.cap * std::tanh(scores[j] / s.cap);
            float largest = -INFINITY, weight = 0;
            for (int64_t j = 0; j < count; j++) largest = std::max(largest, scores[j]);
            for (int64_t j = 0; j < count; j++) weight += scores[j] = std::exp(scores[j] - largest);
            std::fill(sum.begin(), sum.end(), 0.0f);
            accumulate(scores.data(), values + shared_begin, before, stride, s.width, sum.data());
            accumulate(scores.data() + before, values + own_begin, own.count, stride, s.width, sum.data());
            for (int64_t i = 0; i < s.width; i++) out[index * s.width + i] = static_cast<T>(sum[i] / weight);
        }
    });
}

/// The same from libtorch's operations, sequence by sequence, for devices other than the CPU.
at::Tensor cached_composed(const Turn &s, const at::Tensor &query, const at::Tensor &pool_keys, const at::Tensor &pool_values) {
    std::vector<at::Tensor> parts;
    const int64_t per_kv = s.heads / s.kv_heads;
    for (int64_t sequence = 0; sequence < s.sequences; sequence++) {
        const int64_t added = s.borders[sequence + 1] - s.borders[sequence], own = s.own_lengths[sequence] + added;
        const int64_t shared = s.shared_lengths[sequence], length = shared + own;
        auto past = [&](const at::Tensor &pool) {  // [heads, length, width]
            at::Tensor all = pool.narrow(0, s.own_starts[sequence], own);
            if (shared > 0) all = at::cat({pool.narrow(0, s.shared_starts[sequence], shared), all}, 0);
            return all.transpose(0, 1).repeat_interleave(per_kv, 0);
        };
        const at::Tensor q = query.narrow(0, s.borders[sequence], added).transpose(0, 1);  // [heads, added, width]
        at::Tensor scores = at::matmul(q, past(pool_keys).transpose(1, 2)).to(at::kFloat).mul(s.scale);
        if (s.cap > 0) scores = scores.div(s.cap).tanh().mul(s.cap);
        const auto options = query.options().dtype(at::kLong);
        const at::Tensor distance = at::arange(length - added, length, options).unsqueeze(1).sub(at::arange(length, options).unsqueeze(0));
        at::Tensor hidden = distance.lt(0);
        if (s.window >= 0) hidden = hidden.logical_or(distance.ge(s.window));
        const at::Tensor weights = scores.masked_fill(hidden, -INFINITY).softmax(2).to(query.scalar_type());
        parts.push_back(at::matmul(weights, past(pool_values)).transpose(0, 1).reshape({added, s.heads * s.width}));
    }
    return at::cat(parts, 0);
}

/// Whether each token's heads lie end to end, however far the next token is.
bool has_whole_tokens(const at::Tensor &x) { return x.stride(2) == 1 && (x.stride(1) == x.size(2) || x.size(1) == 1); }

/// Writes each token's keys or values, `[total, heads, width]`, where they belong in the pool.
void write(const at::Tensor &x, const std::vector<int64_t> &places, const at::Tensor &pool) {
    if (!x.is_cpu() || x.scalar_type() != pool.scalar_type() || !has_whole_tokens(x)) {
        pool.index_copy_(0, at::tensor(places, at::kLong).to(x.device()), x.to(pool.scalar_type()));
        return;
    }
    const int64_t bytes = x.size(1) * x.size(2) * x.element_size(), stride = x.stride(0) * x.element_size();
    const char *from = static_cast<const char *>(x.const_data_ptr());
    char *to = static_cast<char *>(pool.mutable_data_ptr());
    parallel_for(0, x.size(0), 32, [&](int64_t begin, int64_t end) {
        for (int64_t token = begin; token < end; token++) std::memcpy(to + places[token] * bytes, from + token * stride, bytes);
    });
}

at::Tensor cached_turn(Turn s, const at::Tensor &query, const at::Tensor &key, const at::Tensor &value, const at::Tensor &pool_keys,
                       const at::Tensor &pool_values) {
    at::NoGradGuard guard;
    TORCH_CHECK(query.dim() == 3 && key.dim() == 3 && pool_keys.dim() == 3, "query, key and pools need 3 dimensions");
    const int64_t total = query.size(0), capacity = pool_keys.size(0);
    s.heads = query.size(1), s.kv_heads = key.size(1), s.width = query.size(2);
    TORCH_CHECK(s.kv_heads > 0 && s.heads % s.kv_heads == 0, "heads are not a multiple of key-value heads");
    TORCH_CHECK(key.sizes() == at::IntArrayRef({total, s.kv_heads, s.width}) && value.sizes() == key.sizes(),
                "key and value must be [total, kv_heads, width], found ", key.sizes(), " and ", value.sizes());
    TORCH_CHECK(pool_keys.sizes() == at::IntArrayRef({capacity, s.kv_heads, s.width}) && pool_values.sizes() == pool_keys.sizes(),
                "pools must be [capacity, kv_heads, width], found ", pool_keys.sizes(), " and ", pool_values.sizes());
    TORCH_CHECK(pool_keys.is_contiguous() && pool_values.is_contiguous(), "pools must be contiguous");
    TORCH_CHECK(s.borders[0] == 0 && s.borders[s.sequences] == total, "borders must run from 0 to ", total);
    TORCH_CHECK(s.window != 0, "a window must see the token itself");
    std::vector<int64_t> sequence_of(total), place_of(total);
    for (int64_t sequence = 0; sequence < s.sequences; sequence++) {
        const int64_t added = s.borders[sequence + 1] - s.borders[sequence];
        TORCH_CHECK(added >= 0 && s.own_starts[sequence] >= 0 && s.own_lengths[sequence] >= 0 && s.shared_starts[sequence] >= 0 &&
                        s.shared_lengths[sequence] >= 0 && s.own_starts[sequence] + s.own_lengths[sequence] + added <= capacity &&
                        s.shared_starts[sequence] + s.shared_lengths[sequence] <= capacity,
                    "sequence ", sequence, " does not lie in a pool of ", capacity, " tokens");
        for (int64_t token = 0; token < added; token++) {
            sequence_of[s.borders[sequence] + token] = sequence;
            place_of[s.borders[sequence] + token] = s.own_starts[sequence] + s.own_lengths[sequence] + token;
        }
    }
    write(key, place_of, pool_keys);
    write(value, place_of, pool_values);
    if (!query.is_cpu()) return cached_composed(s, query, pool_keys.to(query.scalar_type()), pool_values.to(query.scalar_type()));
    at::Tensor q = query.to(pool_keys.scalar_type());
    if (!has_whole_tokens(q)) q = q.contiguous();
    at::Tensor out = at::empty({total, s.heads * s.width}, q.options());
    if (cached_in_lanes(s, q, pool_keys, pool_values, out)) return out;
    q = q.contiguous();
    AT_DISPATCH_FLOATING_TYPES_AND2(at::kBFloat16, at::kHalf, q.scalar_type(), "cached_attention", [&] {
        cached<scalar_t>(s, sequence_of, q.const_data_ptr<scalar_t>(), pool_keys.const_data_ptr<scalar_t>(),
                         pool_values.const_data_ptr<scalar_t>(), out.mutable_data_ptr<scalar_t>());
    });
    return out;
}

}  // namespace

void add_attention(tt_api &api) {
    api.attention = [](const tt_tensor *query, const tt_tensor *key, const tt_tensor *value, const tt_tensor *mask, bool causal,
                       double scale, tt_tensor **out) {
        return making(out, [&] {
            c10::optional<at::Tensor> bias = mask ? c10::optional<at::Tensor>(mask->value) : c10::nullopt;
            return at::scaled_dot_product_attention(query->value, key->value, value->value, bias, 0.0, causal, scale);
        });
    };
    api.cached_attention = [](const tt_tensor *query, const tt_tensor *key, const tt_tensor *value, const tt_tensor *pool_keys,
                              const tt_tensor *pool_values, const int64_t *borders, const int64_t *shared_starts,
                              const int64_t *shared_lengths, const int64_t *own_starts, const int64_t *own_lengths, int64_t sequences,
                              int64_t window, double cap, double scale, tt_tensor **out) {
        return making(out, [&] {
            const Turn turn{sequences, 0, 0, 0, window, static_cast<float>(cap), static_cast<float>(scale),
                            borders, shared_starts, shared_lengths, own_starts, own_lengths};
            return cached_turn(turn, query->value, key->value, value->value, pool_keys->value, pool_values->value);
        });
    };
}

}  // namespace theriac
