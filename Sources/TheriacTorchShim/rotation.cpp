// Rotary positions: pairs of elements of a head turned by angles that grow with the place of the token.
#include "shim.h"

#include "parallel.h"

#include <vector>

namespace theriac {

namespace {

/// [rows, length, heads, width] and its strides; the last dimension is dense.
struct Heads {
    int64_t rows, length, heads, width, pairs;
    int64_t row_stride, token_stride, head_stride;
};

template <typename T>
void turn_halves(const T *x, const float *cosine, const float *sine, int64_t pairs, T *out) {
    for (int64_t i = 0; i < pairs; i++) {
        const float a = static_cast<float>(x[i]), b = static_cast<float>(x[pairs + i]);
        out[i] = static_cast<T>(a * cosine[i] - b * sine[i]);
        out[pairs + i] = static_cast<T>(b * cosine[i] + a * sine[i]);
    }
}

template <typename T>
void turn_neighbours(const T *x, const float *cosine, const float *sine, int64_t pairs, T *out) {
    for (int64_t i = 0; i < pairs; i++) {
        const float a = static_cast<float>(x[2 * i]), b = static_cast<float>(x[2 * i + 1]);
        out[2 * i] = static_cast<T>(a * cosine[i] - b * sine[i]);
        out[2 * i + 1] = static_cast<T>(b * cosine[i] + a * sine[i]);
    }
}

/// `angle_rows`: elements between the tables of two rows; 0 where the rows share them.
template <typename T>
void turn(const Heads &s, const T *x, const float *cosine, const float *sine, int64_t angle_rows, bool interleaved, T *out) {
    parallel_for(0, s.rows * s.length, 16, [&](int64_t begin, int64_t end) {
        for (int64_t token = begin; token < end; token++) {
            const int64_t row = token / s.length, place = token % s.length;
            const float *c = cosine + row * angle_rows + place * s.pairs, *n = sine + row * angle_rows + place * s.pairs;
            for (int64_t head = 0; head < s.heads; head++) {
                const T *from = x + row * s.row_stride + place * s.token_stride + head * s.head_stride;
                T *to = out + (token * s.heads + head) * s.width;
                interleaved ? turn_neighbours(from, c, n, s.pairs, to) : turn_halves(from, c, n, s.pairs, to);
                for (int64_t i = 2 * s.pairs; i < s.width; i++) to[i] = from[i];
            }
        }
    });
}

/// From libtorch's operations, which record gradients and run on any device.
at::Tensor composed(const at::Tensor &x, const at::Tensor &cosine, const at::Tensor &sine, bool interleaved) {
    const int64_t pairs = cosine.size(2), width = x.size(3);
    const at::Tensor c = cosine.unsqueeze(2), n = sine.unsqueeze(2);
    const at::Tensor turned = x.narrow(3, 0, 2 * pairs).to(at::kFloat);
    const std::vector<int64_t> split = interleaved ? std::vector<int64_t>{pairs, 2} : std::vector<int64_t>{2, pairs};
    const at::Tensor both = turned.unflatten(3, split);
    const int64_t side = interleaved ? 4 : 3;
    const at::Tensor a = both.select(side, 0), b = both.select(side, 1);
    const at::Tensor all = at::stack({a.mul(c).sub(b.mul(n)), b.mul(c).add(a.mul(n))}, side).flatten(3, 4).to(x.scalar_type());
    return 2 * pairs == width ? all : at::cat({all, x.narrow(3, 2 * pairs, width - 2 * pairs)}, 3);
}

at::Tensor rotated(const at::Tensor &x, const at::Tensor &cosine, const at::Tensor &sine, bool interleaved) {
    TORCH_CHECK(x.dim() == 4 && cosine.dim() == 3 && sine.sizes() == cosine.sizes(), "x needs 4 dimensions, its tables 3");
    TORCH_CHECK(cosine.scalar_type() == at::kFloat && sine.scalar_type() == at::kFloat, "the tables must be float32");
    TORCH_CHECK((cosine.size(0) == x.size(0) || cosine.size(0) == 1) && cosine.size(1) == x.size(1) && 2 * cosine.size(2) <= x.size(3),
                "tables ", cosine.sizes(), " do not turn ", x.sizes());
    const bool recorded = at::GradMode::is_enabled() && x.requires_grad();
    const at::ScalarType type = x.scalar_type();
    if (recorded || !x.is_cpu() || (type != at::kFloat && type != at::kBFloat16)) return composed(x, cosine, sine, interleaved);
    at::NoGradGuard guard;
    const at::Tensor from = x.stride(3) == 1 ? x : x.contiguous(), c = cosine.contiguous(), n = sine.contiguous();
    at::Tensor out = at::empty(x.sizes(), x.options());
    const Heads s{x.size(0), x.size(1), x.size(2), x.size(3), c.size(2), from.stride(0), from.stride(1), from.stride(2)};
    const int64_t angle_rows = c.size(0) == 1 ? 0 : c.stride(0);
    AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, type, "rotate", [&] {
        turn<scalar_t>(s, from.const_data_ptr<scalar_t>(), c.const_data_ptr<float>(), n.const_data_ptr<float>(), angle_rows, interleaved,
                       out.mutable_data_ptr<scalar_t>());
    });
    return out;
}

}  // namespace

void add_rotation(tt_api &api) {
    api.rotate = [](const tt_tensor *x, const tt_tensor *cosine, const tt_tensor *sine, bool interleaved, tt_tensor **out) {
        return making(out, [&] { return rotated(x->value, cosine->value, sine->value, interleaved); });
    };
}

}  // namespace theriac
