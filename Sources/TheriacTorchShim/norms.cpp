// Normalisation over the last dimension: by mean and deviation, and by the root of the mean square.
#include "shim.h"

#include "parallel.h"

#include <cmath>

namespace theriac {

namespace {

template <typename Out>
void standardize(const float *x, const float *weight, const float *bias, int64_t rows, int64_t width, float epsilon, Out *out) {
#pragma clang fp reassociate(on)  // lets the sums use vector lanes
    parallel_for(0, rows, 16, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; row++) {
            const float *from = x + row * width;
            Out *to = out + row * width;
            float sum = 0, squares = 0;
            for (int64_t i = 0; i < width; i++) sum += from[i];
            const float mean = sum / static_cast<float>(width);
            for (int64_t i = 0; i < width; i++) squares += (from[i] - mean) * (from[i] - mean);
            const float scale = 1 / std::sqrt(squares / static_cast<float>(width) + epsilon);
            for (int64_t i = 0; i < width; i++)
                to[i] = static_cast<Out>((from[i] - mean) * scale * weight[i] + (bias ? bias[i] : 0.0f));
        }
    });
}

/// Between two layers states are float32 and products want bfloat16: both at once spares a round through memory.
at::Tensor layer_norm(const at::Tensor &x, const at::Tensor &weight, const c10::optional<at::Tensor> &bias, double epsilon, at::ScalarType type) {
    const bool recorded = at::GradMode::is_enabled() && (x.requires_grad() || weight.requires_grad() || (bias && bias->requires_grad()));
    if (recorded || !x.is_cpu() || x.scalar_type() != at::kFloat || type != at::kBFloat16)
        return at::layer_norm(x, weight.sizes(), weight, bias, epsilon).to(type);
    TORCH_CHECK(weight.dim() == 1 && x.dim() > 0 && x.size(-1) == weight.size(0) && (!bias || bias->sizes() == weight.sizes()),
                "weight ", weight.sizes(), " does not fit ", x.sizes());
    at::NoGradGuard guard;
    const at::Tensor from = x.contiguous(), factors = weight.to(at::kFloat).contiguous();
    const at::Tensor added = bias ? bias->to(at::kFloat).contiguous() : at::Tensor();
    at::Tensor out = at::empty(from.sizes(), from.options().dtype(type));
    const int64_t width = from.size(-1), rows = width == 0 ? 0 : from.numel() / width;
    standardize(from.const_data_ptr<float>(), factors.const_data_ptr<float>(), bias ? added.const_data_ptr<float>() : nullptr, rows, width,
                static_cast<float>(epsilon), out.mutable_data_ptr<at::BFloat16>());
    return out;
}

template <typename T>
void normalize(const T *x, const float *weight, int64_t rows, int64_t width, float epsilon, float offset, T *out) {
#pragma clang fp reassociate(on)  // lets the sum use vector lanes
    parallel_for(0, rows, 16, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; row++) {
            const T *from = x + row * width;
            T *to = out + row * width;
            float squares = 0;
            for (int64_t i = 0; i < width; i++) squares += static_cast<float>(from[i]) * static_cast<float>(from[i]);
            const float scale = 1 / std::sqrt(squares / static_cast<float>(width) + epsilon);
            for (int64_t i = 0; i < width; i++) to[i] = static_cast<T>(static_cast<float>(from[i]) * scale * (weight[i] + offset));
        }
    });
}

at::Tensor rms_norm(const at::Tensor &x, const at::Tensor &weight, double epsilon, double offset) {
    TORCH_CHECK(weight.dim() == 1 && x.dim() > 0 && x.size(-1) == weight.size(0), "weight ", weight.sizes(), " does not fit ", x.sizes());
    const bool recorded = at::GradMode::is_enabled() && (x.requires_grad() || weight.requires_grad());
    const at::ScalarType type = x.scalar_type();
    if (recorded || !x.is_cpu() || (type != at::kFloat && type != at::kBFloat16)) {
        const at::Tensor plain = x.to(at::kFloat);
        const at::Tensor normed = plain.mul(plain.square().mean(-1, true).add(epsilon).rsqrt());
        const at::Tensor factors = weight.to(at::kFloat);
        return normed.mul(offset == 0 ? factors : factors.add(offset)).to(type);
    }
    at::NoGradGuard guard;
    const at::Tensor from = x.contiguous(), factors = weight.to(at::kFloat).contiguous();
    at::Tensor out = at::empty(from.sizes(), from.options());
    const int64_t width = from.size(-1), rows = width == 0 ? 0 : from.numel() / width;
    AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, type, "rms_norm", [&] {
        normalize<scalar_t>(from.const_data_ptr<scalar_t>(), factors.const_data_ptr<float>(), rows, width, static_cast<float>(epsilon),
                            static_cast<float>(offset), out.mutable_data_ptr<scalar_t>());
    });
    return out;
}

}  // namespace

void add_norms(tt_api &api) {
    api.layer_norm = [](const tt_tensor *x, const tt_tensor *weight, const tt_tensor *bias, double epsilon, int32_t dtype, tt_tensor **out) {
        return making(out, [&] {
            return layer_norm(x->value, weight->value, bias ? c10::optional<at::Tensor>(bias->value) : c10::nullopt, epsilon, scalar_type(dtype));
        });
    };
    api.rms_norm = [](const tt_tensor *x, const tt_tensor *weight, double epsilon, double offset, tt_tensor **out) {
        return making(out, [&] { return rms_norm(x->value, weight->value, epsilon, offset); });
    };
}

}  // namespace theriac
