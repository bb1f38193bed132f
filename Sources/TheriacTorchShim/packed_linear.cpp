// Products of packed token rows with weights laid out beforehand. A row's result is the same to the last bit whatever
// the other rows are: a score must not depend on the batch it was computed in.
#include "lanes.h"
#include "shim.h"

#include "parallel.h"

#include <algorithm>

namespace theriac {

namespace {

/// What happens to a product before it is stored.
struct Finish {
    const float *bias;      // [outputs] or null
    int32_t activation;     // −1 for none
    const float *residual;  // [rows, outputs] or null; added last
};

at::Tensor composed_activation(int32_t activation, const at::Tensor &x) {
    switch (activation) {
        case TT_GELU_ERF: return at::gelu(x);
        case TT_GELU_TANH: return at::gelu(x, "tanh");
        case TT_TANH: return x.tanh();
        case TT_SIGMOID: return x.sigmoid();
        case TT_SILU: return at::silu(x);
        case TT_RELU: return x.relu();
        default: return x;
    }
}

/// libtorch's product in blocks of one size: its kernels choose the order of additions by the number of rows.
at::Tensor composed(const at::Tensor &input, const at::Tensor &weight, const tt_tensor *bias, int32_t activation,
                    const tt_tensor *residual, at::ScalarType type) {
    constexpr int64_t block = 64;
    const int64_t rows = input.size(0);
    const at::Tensor plain = weight.to(at::kFloat);
    at::Tensor out = at::empty({rows, weight.size(0)}, input.options().dtype(type));
    for (int64_t row = 0; row < rows; row += block) {
        const int64_t count = std::min(block, rows - row);
        at::Tensor part = input.narrow(0, row, count);
        if (count < block) part = at::constant_pad_nd(part, {0, 0, 0, block - count});
        at::Tensor product = at::linear(part.to(at::kFloat), plain).narrow(0, 0, count);
        if (bias) product = product.add(bias->value);
        product = composed_activation(activation, product);
        if (residual) product = product.add(residual->value.narrow(0, row, count));
        out.narrow(0, row, count).copy_(product);
    }
    return out;
}

#ifdef THERIAC_LANES

int64_t padded(int64_t outputs) { return (outputs + 15) / 16 * 16; }

/// Panels of 64 outputs (the last of fewer), each a step of the depth after the other.
template <typename T>
void pack(const T *weight, int64_t outputs, int64_t inputs, T *packed) {
    constexpr int64_t depth = Step<T>::depth;
    const int64_t steps = inputs / depth, panels = (outputs + tile_columns - 1) / tile_columns;
    parallel_for(0, panels, 1, [&](int64_t begin, int64_t end) {
        for (int64_t panel = begin; panel < end; panel++) {
            const int64_t first = panel * tile_columns, width = std::min(tile_columns, padded(outputs) - first);
            T *target = packed + first * inputs;
            for (int64_t step = 0; step < steps; step++)
                for (int64_t column = 0; column < width; column++)
                    for (int64_t d = 0; d < depth; d++)
                        *target++ = first + column < outputs ? weight[(first + column) * inputs + step * depth + d] : T(0);
        }
    });
}

template <typename T, typename Out>
void multiply(const T *input, int64_t rows, int64_t inputs, int64_t stride, const T *packed, int64_t outputs, const Finish &finish, Out *out) {
    const int64_t tiles = (rows + tile_rows - 1) / tile_rows;
    // As many rows as keep their inputs in the second-level cache beside a panel.
    const int64_t chunk = std::max<int64_t>(1, (384 << 10) / (inputs * static_cast<int64_t>(sizeof(T)) * tile_rows));
    auto part = [&](int64_t first_tile, int64_t past_tile, int64_t first_output, int64_t past_output) {
        for (int64_t from = first_tile; from < past_tile; from += chunk) {
            const int64_t to = std::min(past_tile, from + chunk);
            for (int64_t first = first_output; first < past_output; first += tile_columns) {
                const int64_t width = std::min(tile_columns, padded(outputs) - first);
                const T *panel = packed + first * inputs;
                __m512 bias[4];
                for (int v = 0; v < 4; v++)
                    bias[v] = finish.bias ? load(finish.bias + first + 16 * v, first_lanes(outputs - first - 16 * v)) : _mm512_setzero_ps();
                for (int64_t tile = from; tile < to; tile++) {
                    const int64_t row = tile * tile_rows, count = std::min(tile_rows, rows - row);
                    any_tile<T, true>(count, width / 16, input + row * stride, stride, panel, width, inputs / Step<T>::depth,
                             [&](int m, int v, __m512 sum) __attribute__((always_inline)) {
                                 const int64_t column = first + 16 * v, place = (row + m) * outputs + column;
                                 const __mmask16 mask = first_lanes(outputs - column);
                                 sum = activate(finish.activation, _mm512_add_ps(sum, bias[v]));
                                 if (finish.residual) sum = _mm512_add_ps(sum, load(finish.residual + place, mask));
                                 store(out + place, sum, mask);
                             });
                }
            }
        }
    };
    // Threads share the rows where these are many; otherwise the outputs, so that each reads its part of the weights alone.
    const int64_t panels = (outputs + tile_columns - 1) / tile_columns;
    if (rows >= 1024 || tiles >= 8 * panels)
        parallel_for(0, tiles, 4, [&](int64_t begin, int64_t end) { part(begin, end, 0, outputs); });
    else
        parallel_for(0, panels, 1, [&](int64_t begin, int64_t end) {
            part(0, tiles, begin * tile_columns, std::min(end * tile_columns, outputs));
        });
}

template <typename T>
at::Tensor product(const at::Tensor &input, const at::Tensor &packed, int64_t outputs, const Finish &finish, at::ScalarType type) {
    at::Tensor out = at::empty({input.size(0), outputs}, input.options().dtype(type));
    const T *x = input.const_data_ptr<T>(), *w = packed.const_data_ptr<T>();
    const int64_t rows = input.size(0), inputs = input.size(1), stride = input.stride(0);
    if (type == at::kFloat)
        multiply(x, rows, inputs, stride, w, outputs, finish, out.mutable_data_ptr<float>());
    else
        multiply(x, rows, inputs, stride, w, outputs, finish, out.mutable_data_ptr<bf16>());
    return out;
}

#endif

/// Whether the kernels here take the type; otherwise "packed" weights are plain ones.
bool has_kernel(at::ScalarType type) {
#ifdef THERIAC_LANES
    return type == at::kFloat || type == at::kBFloat16;
#else
    return false;
#endif
}

/// bfloat16 is multiplied in pairs: an odd depth gets a zero.
at::Tensor even(const at::Tensor &x) {
    return x.scalar_type() == at::kBFloat16 && x.size(1) % 2 ? at::constant_pad_nd(x, {0, 1}) : x;
}

at::Tensor pack_weight(const at::Tensor &weight, at::ScalarType type) {
    at::NoGradGuard guard;
    TORCH_CHECK(weight.dim() == 2 && weight.is_cpu(), "a weight to pack is a matrix on the CPU");
    const at::Tensor plain = even(weight.detach().to(type)).contiguous();
    if (!has_kernel(type)) return plain.is_same(weight) ? plain.clone() : plain;
#ifdef THERIAC_LANES
    const int64_t outputs = plain.size(0), inputs = plain.size(1);
    at::Tensor packed = at::empty({padded(outputs) * inputs}, plain.options());
    if (type == at::kFloat)
        pack(plain.const_data_ptr<float>(), outputs, inputs, packed.mutable_data_ptr<float>());
    else
        pack(plain.const_data_ptr<bf16>(), outputs, inputs, packed.mutable_data_ptr<bf16>());
    return packed;
#else
    return plain;
#endif
}

at::Tensor packed_linear(const at::Tensor &input, const at::Tensor &packed, int64_t outputs, const tt_tensor *bias, int32_t activation,
                         const tt_tensor *residual, at::ScalarType type) {
    at::NoGradGuard guard;
    TORCH_CHECK(input.dim() == 2 && input.is_cpu() && input.scalar_type() == packed.scalar_type(), "input must be a matrix of the weight's type");
    TORCH_CHECK(type == at::kFloat || type == input.scalar_type(), "the result is float32 or of the input's type");
    TORCH_CHECK(!bias || (bias->value.scalar_type() == at::kFloat && bias->value.is_contiguous() && bias->value.numel() == outputs),
                "bias must be float32 [outputs]");
    TORCH_CHECK(!residual || (residual->value.scalar_type() == at::kFloat && residual->value.is_contiguous() &&
                              residual->value.sizes() == at::IntArrayRef({input.size(0), outputs})),
                "the residual must be float32 [rows, outputs]");
    if (!has_kernel(input.scalar_type())) return composed(even(input), packed, bias, activation, residual, type);
#ifdef THERIAC_LANES
    const at::Tensor full = even(input), x = full.stride(1) == 1 ? full : full.contiguous();
    TORCH_CHECK(packed.numel() == padded(outputs) * x.size(1), "the weight was packed for other sizes");
    const Finish finish{bias ? bias->value.const_data_ptr<float>() : nullptr, activation,
                        residual ? residual->value.const_data_ptr<float>() : nullptr};
    return x.scalar_type() == at::kFloat ? product<float>(x, packed, outputs, finish, type) : product<bf16>(x, packed, outputs, finish, type);
#else
    return input;
#endif
}

#ifdef THERIAC_LANES
template <typename T>
void gate(const T *input, int64_t rows, int64_t width, int32_t activation, T *out) {
    parallel_for(0, rows, 64, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; row++)
            for (int64_t column = 0; column < width; column += 16) {
                const __mmask16 mask = first_lanes(width - column);
                const T *first = input + 2 * row * width + column;
                store(out + row * width + column, _mm512_mul_ps(activate(activation, load(first, mask)), load(first + width, mask)), mask);
            }
    });
}
#endif

at::Tensor packed_activation(const at::Tensor &input, int32_t activation) {
    at::NoGradGuard guard;
#ifdef THERIAC_LANES
    if (has_kernel(input.scalar_type()) && input.is_cpu()) {
        const at::Tensor x = input.contiguous();
        at::Tensor out = at::empty_like(x);
        auto apply = [&](auto *from, auto *to) {
            parallel_for(0, (x.numel() + 15) / 16, 1024, [&](int64_t begin, int64_t end) {
                for (int64_t i = 16 * begin; i < 16 * end; i += 16) {
                    const __mmask16 mask = first_lanes(x.numel() - i);
                    store(to + i, activate(activation, load(from + i, mask)), mask);
                }
            });
        };
        if (x.scalar_type() == at::kFloat)
            apply(x.const_data_ptr<float>(), out.mutable_data_ptr<float>());
        else
            apply(x.const_data_ptr<bf16>(), out.mutable_data_ptr<bf16>());
        return out;
    }
#endif
    return composed_activation(activation, input);
}

at::Tensor gated(const at::Tensor &input, int32_t activation) {
    TORCH_CHECK(input.dim() == 2 && input.size(1) % 2 == 0, "there must be as many gates as values");
    const int64_t width = input.size(1) / 2;
#ifdef THERIAC_LANES
    if (has_kernel(input.scalar_type()) && input.is_cpu() && !(at::GradMode::is_enabled() && input.requires_grad())) {
        const at::Tensor x = input.detach().contiguous();
        const int64_t rows = x.size(0);
        at::Tensor out = at::empty({rows, width}, x.options());
        if (x.scalar_type() == at::kFloat)
            gate(x.const_data_ptr<float>(), rows, width, activation, out.mutable_data_ptr<float>());
        else
            gate(x.const_data_ptr<bf16>(), rows, width, activation, out.mutable_data_ptr<bf16>());
        return out;
    }
#endif
    return composed_activation(activation, input.narrow(1, 0, width)).mul(input.narrow(1, width, width));
}

}  // namespace

void add_packed_linear(tt_api &api) {
    api.pack_weight = [](const tt_tensor *weight, int32_t dtype, tt_tensor **out) {
        return making(out, [&] { return pack_weight(weight->value, scalar_type(dtype)); });
    };
    api.packed_activation = [](const tt_tensor *input, int32_t activation, tt_tensor **out) {
        return making(out, [&] { return packed_activation(input->value, activation); });
    };
    api.gated = [](const tt_tensor *input, int32_t activation, tt_tensor **out) {
        return making(out, [&] { return gated(input->value, activation); });
    };
    api.packed_linear = [](const tt_tensor *input, const tt_tensor *packed, int64_t outputs, const tt_tensor *bias, int32_t activation,
                           const tt_tensor *residual, int32_t dtype, tt_tensor **out) {
        return making(out, [&] {
            return packed_linear(input->value, packed->value, outputs, bias, activation, residual, scalar_type(dtype));
        });
    };
}

}  // namespace theriac
