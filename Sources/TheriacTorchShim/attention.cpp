// Attention: whole sequences through libtorch's kernel, and one decoding step over a cache shared between rows.
#include "shim.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

namespace theriac {

namespace {

struct Step {
    int64_t rows, heads, kv_heads, width, group, prompt_length, capacity, step;
    float scale;
};

/// Scores of `count` keys against one query, written to `scores`; returns the largest.
template <typename T>
float score(const float *query, const T *keys, int64_t count, int64_t width, float scale, float *scores, float largest) {
#pragma clang fp reassociate(on)  // lets the dot product use vector lanes
    for (int64_t j = 0; j < count; j++) {
        const T *key = keys + j * width;
        float sum = 0;
        for (int64_t i = 0; i < width; i++) sum += query[i] * static_cast<float>(key[i]);
        scores[j] = sum * scale;
        largest = std::max(largest, scores[j]);
    }
    return largest;
}

template <typename T>
void accumulate(const float *weights, const T *values, int64_t count, int64_t width, float *out) {
    for (int64_t j = 0; j < count; j++) {
        const T *value = values + j * width;
        const float weight = weights[j];
        for (int64_t i = 0; i < width; i++) out[i] += weight * static_cast<float>(value[i]);
    }
}

/// One (row, head) at a time in float32; small enough that the products never leave the first-level cache.
template <typename T>
void decode(const Step &s, const T *query, const T *prompt_keys, const T *prompt_values, const int64_t *lengths,
            const T *row_keys, const T *row_values, T *out) {
    const int64_t per_kv = s.heads / s.kv_heads;
    at::parallel_for(0, s.rows * s.heads, 16, [&](int64_t begin, int64_t end) {
        std::vector<float> scores(s.prompt_length + s.step + 1), q(s.width), sum(s.width);
        for (int64_t index = begin; index < end; index++) {
            const int64_t row = index / s.heads, head = index % s.heads;
            const int64_t prompt = row / s.group, kv = head / per_kv;
            const int64_t shared = (prompt * s.kv_heads + kv) * s.prompt_length * s.width;
            const int64_t own = (row * s.kv_heads + kv) * s.capacity * s.width;
            const int64_t length = lengths[prompt], steps = s.step + 1;
            for (int64_t i = 0; i < s.width; i++) q[i] = static_cast<float>(query[index * s.width + i]);
            float largest = -INFINITY;
            largest = score(q.data(), prompt_keys + shared, length, s.width, s.scale, scores.data(), largest);
            largest = score(q.data(), row_keys + own, steps, s.width, s.scale, scores.data() + length, largest);
            float total = 0;
            for (int64_t j = 0; j < length + steps; j++) total += scores[j] = std::exp(scores[j] - largest);
            std::fill(sum.begin(), sum.end(), 0.0f);
            accumulate(scores.data(), prompt_values + shared, length, s.width, sum.data());
            accumulate(scores.data() + length, row_values + own, steps, s.width, sum.data());
            for (int64_t i = 0; i < s.width; i++) out[index * s.width + i] = static_cast<T>(sum[i] / total);
        }
    });
}

/// The same from libtorch's operations, for devices other than the CPU.
at::Tensor decode_composed(const Step &s, const at::Tensor &query, const at::Tensor &prompt_keys, const at::Tensor &prompt_values,
                           const at::Tensor &lengths, const at::Tensor &row_keys, const at::Tensor &row_values) {
    const int64_t prompts = s.rows / s.group, per_kv = s.heads / s.kv_heads, steps = s.step + 1;
    const at::Tensor q = query.reshape({prompts, s.group, s.kv_heads, per_kv, s.width});
    // [prompts, kv_heads, group · per_kv, width]
    const at::Tensor shared_q = q.permute({0, 2, 1, 3, 4}).reshape({prompts, s.kv_heads, s.group * per_kv, s.width});
    at::Tensor shared = at::matmul(shared_q, prompt_keys.transpose(2, 3)).to(at::kFloat).mul(s.scale);
    const at::Tensor positions = at::arange(s.prompt_length, lengths.options()).view({1, 1, 1, -1});
    const at::Tensor hidden = positions.ge(lengths.view({-1, 1, 1, 1})).to(shared.device());
    shared = shared.masked_fill(hidden, -INFINITY)
                 .view({prompts, s.kv_heads, s.group, per_kv, s.prompt_length})
                 .permute({0, 2, 1, 3, 4})
                 .reshape({s.rows, s.kv_heads, per_kv, s.prompt_length});
    const at::Tensor own_q = query.reshape({s.rows, s.kv_heads, per_kv, s.width});
    const at::Tensor own = at::matmul(own_q, row_keys.narrow(2, 0, steps).transpose(2, 3)).to(at::kFloat).mul(s.scale);
    const at::Tensor weights = at::cat({shared, own}, 3).softmax(3).to(query.scalar_type());
    const at::Tensor shared_weights = weights.narrow(3, 0, s.prompt_length)
                                          .reshape({prompts, s.group, s.kv_heads, per_kv, s.prompt_length})
                                          .permute({0, 2, 1, 3, 4})
                                          .reshape({prompts, s.kv_heads, s.group * per_kv, s.prompt_length});
    const at::Tensor from_prompt = at::matmul(shared_weights, prompt_values)
                                       .view({prompts, s.kv_heads, s.group, per_kv, s.width})
                                       .permute({0, 2, 1, 3, 4})
                                       .reshape({s.rows, s.heads, s.width});
    const at::Tensor from_rows = at::matmul(weights.narrow(3, s.prompt_length, steps), row_values.narrow(2, 0, steps))
                                     .reshape({s.rows, s.heads, s.width});
    return from_prompt.add(from_rows).reshape({s.rows, s.heads * s.width});
}

at::Tensor decode_step(const at::Tensor &query, const at::Tensor &key, const at::Tensor &value, const at::Tensor &prompt_keys,
                       const at::Tensor &prompt_values, const at::Tensor &lengths, const at::Tensor &row_keys,
                       const at::Tensor &row_values, int64_t group, int64_t step, double scale) {
    at::NoGradGuard guard;
    TORCH_CHECK(query.dim() == 3 && key.dim() == 3 && prompt_keys.dim() == 4 && row_keys.dim() == 4,
                "query and key need 3 dimensions, caches 4");
    const Step s{query.size(0), query.size(1), key.size(1), query.size(2), group, prompt_keys.size(2), row_keys.size(2), step,
                 static_cast<float>(scale)};
    TORCH_CHECK(step >= 0 && step < s.capacity, "the cache holds ", s.capacity, " steps; step ", step, " was asked for");
    TORCH_CHECK(group > 0 && s.rows % group == 0 && prompt_keys.size(0) * group == s.rows && lengths.numel() * group == s.rows,
                "rows, groups and prompts do not match");
    TORCH_CHECK(s.heads % s.kv_heads == 0, "heads are not a multiple of key-value heads");
    TORCH_CHECK(lengths.scalar_type() == at::kLong && lengths.is_cpu() && lengths.is_contiguous(), "lengths must be int64 on the CPU");
    const int64_t prompts = s.rows / group;
    TORCH_CHECK(key.sizes() == at::IntArrayRef({s.rows, s.kv_heads, s.width}) && value.sizes() == key.sizes(),
                "key and value must be [rows, kv_heads, width], found ", key.sizes(), " and ", value.sizes());
    TORCH_CHECK(prompt_keys.sizes() == at::IntArrayRef({prompts, s.kv_heads, s.prompt_length, s.width}) &&
                    prompt_values.sizes() == prompt_keys.sizes(),
                "prompt caches must be [prompts, kv_heads, prompt_length, width], found ", prompt_keys.sizes());
    TORCH_CHECK(row_keys.sizes() == at::IntArrayRef({s.rows, s.kv_heads, s.capacity, s.width}) &&
                    row_values.sizes() == row_keys.sizes(),
                "row caches must be [rows, kv_heads, steps, width], found ", row_keys.sizes());
    for (int64_t prompt = 0; prompt < prompts; prompt++) {
        const int64_t length = lengths.const_data_ptr<int64_t>()[prompt];
        TORCH_CHECK(length >= 0 && length <= s.prompt_length, "prompt ", prompt, " has length ", length, " of ", s.prompt_length);
    }
    row_keys.select(2, step).copy_(key);
    row_values.select(2, step).copy_(value);
    if (!query.is_cpu()) return decode_composed(s, query, prompt_keys, prompt_values, lengths, row_keys, row_values);
    const at::Tensor q = query.contiguous();
    TORCH_CHECK(prompt_keys.is_contiguous() && prompt_values.is_contiguous() && row_keys.is_contiguous() && row_values.is_contiguous(),
                "caches must be contiguous");
    at::Tensor out = at::empty({s.rows, s.heads * s.width}, q.options());
    AT_DISPATCH_FLOATING_TYPES_AND2(at::kBFloat16, at::kHalf, q.scalar_type(), "decode_attention", [&] {
        decode<scalar_t>(s, q.const_data_ptr<scalar_t>(), prompt_keys.const_data_ptr<scalar_t>(), prompt_values.const_data_ptr<scalar_t>(),
                         lengths.const_data_ptr<int64_t>(), row_keys.const_data_ptr<scalar_t>(), row_values.const_data_ptr<scalar_t>(),
                         out.mutable_data_ptr<scalar_t>());
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
    api.decode_attention = [](const tt_tensor *query, const tt_tensor *key, const tt_tensor *value, const tt_tensor *prompt_keys,
                              const tt_tensor *prompt_values, const tt_tensor *prompt_lengths, const tt_tensor *row_keys,
                              const tt_tensor *row_values, int64_t group, int64_t step, double scale, tt_tensor **out) {
        return making(out, [&] {
            return decode_step(query->value, key->value, value->value, prompt_keys->value, prompt_values->value,
                               prompt_lengths->value, row_keys->value, row_values->value, group, step, scale);
        });
    };
}

}  // namespace theriac
