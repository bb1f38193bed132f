// Shared by the shim's files: the handle, the one way out for errors, and small conversions.
#pragma once

#if !__has_include(<ATen/ATen.h>)
#error "libtorch's headers were not found. Run `make setup`, or set THERIAC_LIBTORCH to a folder with include/ and lib/."
#endif

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "theriac_torch.h"

#include <cstring>

struct tt_tensor {
    at::Tensor value;
    explicit tt_tensor(at::Tensor tensor);
    ~tt_tensor();
};

namespace theriac {

tt_status fail(tt_status status, const char *message) noexcept;

/// The only try/catch in the shim.
template <typename Body>
tt_status guarded(Body &&body) noexcept {
    try {
        body();
        return TT_OK;
    } catch (const c10::OutOfMemoryError &error) {
        return fail(TT_OUT_OF_MEMORY, error.what_without_backtrace());
    } catch (const c10::Error &error) {
        // The CPU's allocator reports a plain error.
        const char *text = error.what_without_backtrace();
        return fail(std::strstr(text, "DefaultCPUAllocator") ? TT_OUT_OF_MEMORY : TT_ENGINE, text);
    } catch (const std::bad_alloc &error) {
        return fail(TT_OUT_OF_MEMORY, "out of memory");
    } catch (const std::exception &error) {
        return fail(TT_OTHER, error.what());
    } catch (...) {
        return fail(TT_OTHER, "not a C++ exception object");
    }
}

/// Runs `body`, which returns a tensor, and hands it out as an owned handle.
template <typename Body>
tt_status making(tt_tensor **out, Body &&body) noexcept {
    return guarded([&] { *out = new tt_tensor(body()); });
}

at::ScalarType scalar_type(int32_t dtype);
at::Device device_of(tt_device device);
std::vector<at::Tensor> tensors(const tt_tensor *const *handles, int32_t count);

// Each file of the shim fills its part of the table.
void add_tensors(tt_api &api);
void add_operations(tt_api &api);
void add_gradients(tt_api &api);
void add_norms(tt_api &api);
void add_rotation(tt_api &api);
void add_attention(tt_api &api);
void add_packed_linear(tt_api &api);
void add_packed_attention(tt_api &api);

}  // namespace theriac
