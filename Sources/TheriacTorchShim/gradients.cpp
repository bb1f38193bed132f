// Automatic differentiation and the optimiser step.
#include "shim.h"

#include <cmath>

namespace theriac {

void add_gradients(tt_api &api) {
    api.set_grad_enabled = [](bool enabled) {
        const bool before = at::GradMode::is_enabled();
        at::GradMode::set_enabled(enabled);
        return before;
    };
    api.grad_enabled = [] { return at::GradMode::is_enabled(); };
    api.change_count = [](const tt_tensor *tensor) -> int64_t {
        return tensor->value.is_inference() ? 0 : static_cast<int64_t>(tensor->value.unsafeGetTensorImpl()->version_counter().current_version());
    };
    api.detach = [](const tt_tensor *tensor, tt_tensor **out) { return making(out, [&] { return tensor->value.detach(); }); };
    api.set_requires_grad = [](tt_tensor *tensor, bool wanted) {
        return guarded([&] { tensor->value.set_requires_grad(wanted); });
    };
    api.requires_grad = [](const tt_tensor *tensor) { return tensor->value.requires_grad(); };
    api.backward = [](const tt_tensor *tensor, const tt_tensor *gradient) {
        return guarded([&] { tensor->value.backward(gradient ? gradient->value : at::Tensor()); });
    };
    api.gradient = [](const tt_tensor *tensor, tt_tensor **out) {
        return guarded([&] {
            const at::Tensor &gradient = tensor->value.grad();
            *out = gradient.defined() ? new tt_tensor(gradient) : nullptr;
        });
    };
    api.clear_gradient = [](tt_tensor *tensor) {
        return guarded([&] { tensor->value.mutable_grad() = at::Tensor(); });
    };
    api.clip_gradients = [](const tt_tensor *const *parameters, int32_t count, double limit, double *norm) {
        return guarded([&] {
            at::NoGradGuard guard;
            std::vector<at::Tensor> gradients;
            for (int32_t i = 0; i < count; i++) {
                const at::Tensor &gradient = parameters[i]->value.grad();
                if (gradient.defined()) gradients.push_back(gradient);
            }
            *norm = 0;
            if (gradients.empty()) return;
            const at::Tensor norms = at::stack(at::_foreach_norm(gradients, 2)).to(at::kDouble);
            *norm = norms.norm().item<double>();
            if (limit > 0 && std::isfinite(*norm) && *norm > limit) at::_foreach_mul_(gradients, limit / (*norm + 1e-6));
        });
    };
    api.adamw = [](const tt_tensor *const *parameters, const tt_tensor *const *first, const tt_tensor *const *second,
                   int32_t count, int64_t step, double rate, double beta1, double beta2, double epsilon, double decay) {
        return guarded([&] {
            at::NoGradGuard guard;
            std::vector<at::Tensor> values, gradients, averages, squares, steps;
            for (int32_t i = 0; i < count; i++) {
                const at::Tensor &value = parameters[i]->value;
                if (!value.grad().defined()) continue;
                values.push_back(value);
                gradients.push_back(value.grad());
                averages.push_back(first[i]->value);
                squares.push_back(second[i]->value);
                // The kernel reads the step as it will be after this update.
                steps.push_back(at::full({}, static_cast<double>(step), value.options().dtype(at::kFloat).requires_grad(false)));
            }
            if (values.empty()) return;
            at::_fused_adamw_(values, gradients, averages, squares, {}, steps, rate, beta1, beta2, decay, epsilon,
                              /*amsgrad=*/false, /*maximize=*/false);
            // The kernel does not count its changes; what was made of a weight must be made again.
            for (const at::Tensor &value : values) value.unsafeGetTensorImpl()->bump_version();
        });
    };
}

}  // namespace theriac
