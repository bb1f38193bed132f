// Arithmetic.
#include "shim.h"

#include <ATen/CPUGeneratorImpl.h>

#include <limits>

namespace theriac {

static at::Tensor reduced(int32_t op, const at::Tensor &a, int64_t dimension, bool keep) {
    const bool whole = dimension == std::numeric_limits<int64_t>::min();
    switch (op) {
        case TT_SUM: return whole ? a.sum() : a.sum(dimension, keep);
        case TT_MEAN: return whole ? a.mean() : a.mean(dimension, keep);
        case TT_MAX: return whole ? a.max() : a.amax(dimension, keep);
        case TT_MIN: return whole ? a.min() : a.amin(dimension, keep);
        case TT_ALL: return whole ? a.all() : a.all(dimension, keep);
        case TT_ANY: return whole ? a.any() : a.any(dimension, keep);
    }
    TORCH_CHECK(false, "unknown reduction ", op);
}

static at::Tensor mapped(int32_t op, const at::Tensor &a) {
    switch (op) {
        case TT_EXP: return a.exp();
        case TT_LOG: return a.log();
        case TT_TANH: return a.tanh();
        case TT_SIGMOID: return a.sigmoid();
        case TT_GELU_TANH: return at::gelu(a, "tanh");
        case TT_GELU_ERF: return at::gelu(a);
        case TT_RELU: return a.relu();
        case TT_SILU: return at::silu(a);
        case TT_SQRT: return a.sqrt();
        case TT_NEG: return a.neg();
        case TT_ABS: return a.abs();
        case TT_ISFINITE: return a.isfinite();
        case TT_COS: return a.cos();
        case TT_SIN: return a.sin();
    }
    TORCH_CHECK(false, "unknown function ", op);
}

template <typename Right>
static at::Tensor combined(int32_t op, const at::Tensor &a, const Right &b) {
    switch (op) {
        case TT_ADD: return a.add(b);
        case TT_SUB: return a.sub(b);
        case TT_MUL: return a.mul(b);
        case TT_DIV: return a.div(b);
        case TT_LT: return a.lt(b);
        case TT_LE: return a.le(b);
        case TT_GT: return a.gt(b);
        case TT_GE: return a.ge(b);
        case TT_EQ: return a.eq(b);
    }
    TORCH_CHECK(false, "unknown operation ", op);
}

static c10::optional<at::Tensor> optional(const tt_tensor *tensor) {
    return tensor ? c10::optional<at::Tensor>(tensor->value) : c10::nullopt;
}

void add_operations(tt_api &api) {
    api.binary = [](int32_t op, const tt_tensor *a, const tt_tensor *b, tt_tensor **out) {
        return making(out, [&] {
            if (op == TT_MAXIMUM) return at::maximum(a->value, b->value);
            if (op == TT_MINIMUM) return at::minimum(a->value, b->value);
            return combined(op, a->value, b->value);
        });
    };
    api.binary_scalar = [](int32_t op, const tt_tensor *a, double b, tt_tensor **out) {
        return making(out, [&] { return combined(op, a->value, at::Scalar(b)); });
    };
    api.unary = [](int32_t op, const tt_tensor *a, tt_tensor **out) {
        return making(out, [&] { return mapped(op, a->value); });
    };
    api.reduce = [](int32_t op, const tt_tensor *a, int64_t dimension, bool keep, tt_tensor **out) {
        return making(out, [&] { return reduced(op, a->value, dimension, keep); });
    };
    api.where = [](const tt_tensor *condition, const tt_tensor *a, const tt_tensor *b, tt_tensor **out) {
        return making(out, [&] { return at::where(condition->value, a->value, b->value); });
    };
    api.masked_fill = [](const tt_tensor *a, const tt_tensor *mask, double value, tt_tensor **out) {
        return making(out, [&] { return a->value.masked_fill(mask->value, value); });
    };
    api.argmax = [](const tt_tensor *a, int64_t dimension, tt_tensor **out) {
        return making(out, [&] { return a->value.argmax(dimension); });
    };
    api.top = [](const tt_tensor *a, int64_t count, int64_t dimension, tt_tensor **values, tt_tensor **indices) {
        return guarded([&] {
            auto [top, where] = a->value.topk(count, dimension);
            auto first = std::make_unique<tt_tensor>(top);
            *indices = new tt_tensor(where);
            *values = first.release();
        });
    };
    api.cumsum = [](const tt_tensor *a, int64_t dimension, tt_tensor **out) {
        return making(out, [&] { return a->value.cumsum(dimension); });
    };
    api.softmax = [](const tt_tensor *a, int64_t dimension, bool logarithm, tt_tensor **out) {
        return making(out, [&] { return logarithm ? a->value.log_softmax(dimension) : a->value.softmax(dimension); });
    };
    api.matmul = [](const tt_tensor *a, const tt_tensor *b, tt_tensor **out) {
        return making(out, [&] { return at::matmul(a->value, b->value); });
    };
    api.linear = [](const tt_tensor *input, const tt_tensor *weight, const tt_tensor *bias, tt_tensor **out) {
        return making(out, [&] { return at::linear(input->value, weight->value, optional(bias)); });
    };
    api.embedding = [](const tt_tensor *weight, const tt_tensor *indices, tt_tensor **out) {
        return making(out, [&] { return at::embedding(weight->value, indices->value); });
    };
    api.cross_entropy = [](const tt_tensor *logits, const tt_tensor *targets, bool mean, tt_tensor **out) {
        return making(out, [&] {
            return at::cross_entropy_loss(logits->value, targets->value, {}, mean ? at::Reduction::Mean : at::Reduction::None);
        });
    };
    api.dropout = [](const tt_tensor *a, double probability, uint64_t seed, tt_tensor **out) {
        return making(out, [&] {
            at::Generator generator = at::detail::createCPUGenerator(seed);
            at::Tensor keep = at::empty(a->value.sizes(), at::TensorOptions(at::kFloat)).bernoulli_(1 - probability, generator);
            return a->value.mul(keep.div_(1 - probability).to(a->value.options()));
        });
    };
}

}  // namespace theriac
