// Life, content and form of tensors, and the table's entry point.
#include "parallel.h"
#include "shim.h"
#include "theriac_torch_shim.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <torch/version.h>

#include <dlfcn.h>

#include <atomic>
#include <cstdio>
#include <cstring>

namespace {
std::atomic<int64_t> live{0};
thread_local int64_t here = 0;
thread_local char message[1024] = "";
}  // namespace

tt_tensor::tt_tensor(at::Tensor tensor) : value(std::move(tensor)) {
    live += 1;
    here += 1;
}
tt_tensor::~tt_tensor() {
    live -= 1;
    here -= 1;
}

namespace theriac {

tt_status fail(tt_status status, const char *text) noexcept {
    std::snprintf(message, sizeof message, "%s", text);
    return status;
}

at::ScalarType scalar_type(int32_t dtype) {
    switch (dtype) {
        case TT_F32: return at::kFloat;
        case TT_BF16: return at::kBFloat16;
        case TT_F16: return at::kHalf;
        case TT_F64: return at::kDouble;
        case TT_I64: return at::kLong;
        case TT_I32: return at::kInt;
        case TT_U8: return at::kByte;
        case TT_BOOL: return at::kBool;
        case TT_I8: return at::kChar;
        case TT_I16: return at::kShort;
    }
    TORCH_CHECK(false, "unknown dtype code ", dtype);
}

static int32_t dtype_code(at::ScalarType type) {
    for (int32_t code = TT_F32; code <= TT_I16; code++) {
        if (scalar_type(code) == type) return code;
    }
    return -1;
}

/// CUDA kernels live in a library of their own; opening it registers them with the dispatcher.
static void open_cuda() {
    static const bool opened = [] { return dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) != nullptr; }();
    (void)opened;
}

at::Device device_of(tt_device device) {
    if (device == 0) return at::Device(at::kCPU);
    open_cuda();
    return at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(device - 1));
}

std::vector<at::Tensor> tensors(const tt_tensor *const *handles, int32_t count) {
    std::vector<at::Tensor> result;
    result.reserve(count);
    for (int32_t i = 0; i < count; i++) result.push_back(handles[i]->value);
    return result;
}

static at::IntArrayRef dims(const int64_t *shape, int32_t rank) { return at::IntArrayRef(shape, rank); }

/// Has freed memory kept for the next tensors. A step of a generation takes and frees hundreds of megabytes, and memory
/// that comes fresh from the system is cleared page by page: a fifth of the time.
static void keep_freed_memory() {
#ifdef __GLIBC__
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

void add_tensors(tt_api &api) {
    keep_freed_memory();
    api.version = [] { return TORCH_VERSION; };
    api.last_error = [] { return static_cast<const char *>(message); };
    api.live_tensors = [] { return live.load(); };
    api.thread_tensors = [] { return here; };
    api.threads = [] { return static_cast<int32_t>(at::get_num_threads()); };
    api.set_threads = [](int32_t count) { return guarded([&] { at::set_num_threads(count); }); };
    api.loop_threads = [] {
        std::atomic<int32_t> parts{0};
        parallel_for(0, 1024, 1, [&](int64_t, int64_t) { parts++; });
        return parts.load();
    };
    api.cuda_devices = []() -> int32_t {
        int32_t count = 0;
        guarded([&] {
            open_cuda();
            if (at::hasCUDA()) count = static_cast<int32_t>(at::getNumGPUs());
        });
        return count;
    };
    api.synchronize = [] {
        guarded([&] {
            if (at::hasCUDA()) at::zeros({1}, at::TensorOptions(at::kCUDA)).item<float>();
        });
    };

    api.free = [](tt_tensor *tensor) { delete tensor; };
    api.from_bytes = [](const void *bytes, size_t count, const int64_t *shape, int32_t rank, int32_t dtype,
                        tt_device device, tt_tensor **out) {
        return making(out, [&] {
            at::Tensor result = at::empty(dims(shape, rank), at::TensorOptions(scalar_type(dtype)));
            TORCH_CHECK(result.nbytes() == count, "shape needs ", result.nbytes(), " bytes, got ", count);
            if (count > 0) std::memcpy(result.data_ptr(), bytes, count);
            return device == 0 ? result : result.to(device_of(device));
        });
    };
    api.full = [](const int64_t *shape, int32_t rank, double value, int32_t dtype, tt_device device, tt_tensor **out) {
        return making(out, [&] {
            return at::full(dims(shape, rank), value, at::TensorOptions(scalar_type(dtype)).device(device_of(device)));
        });
    };
    api.arange = [](int64_t begin, int64_t end, tt_device device, tt_tensor **out) {
        return making(out, [&] { return at::arange(begin, end, at::TensorOptions(at::kLong).device(device_of(device))); });
    };
    api.random = [](const int64_t *shape, int32_t rank, bool normal, uint64_t seed, tt_device device, tt_tensor **out) {
        return making(out, [&] {
            at::Generator generator = at::detail::createCPUGenerator(seed);
            at::Tensor result = at::empty(dims(shape, rank), at::TensorOptions(at::kFloat));
            if (normal) result.normal_(0, 1, generator); else result.uniform_(0, 1, generator);
            return result.to(device_of(device));
        });
    };
    api.rank = [](const tt_tensor *tensor) { return static_cast<int32_t>(tensor->value.dim()); };
    api.size = [](const tt_tensor *tensor, int32_t dimension) { return tensor->value.sizes()[dimension]; };
    api.dtype = [](const tt_tensor *tensor) { return dtype_code(tensor->value.scalar_type()); };
    api.device = [](const tt_tensor *tensor) -> tt_device {
        const at::Device device = tensor->value.device();
        return device.is_cpu() ? 0 : 1 + device.index();
    };
    api.copy_out = [](const tt_tensor *tensor, void *bytes, size_t count) {
        return guarded([&] {
            const at::Tensor source = tensor->value.detach().to(at::kCPU).contiguous();
            TORCH_CHECK(source.nbytes() == count, "tensor holds ", source.nbytes(), " bytes, buffer ", count);
            if (count > 0) std::memcpy(bytes, source.data_ptr(), count);
        });
    };
    api.data = [](const tt_tensor *tensor, const void **out) {
        return guarded([&] {
            TORCH_CHECK(tensor->value.is_contiguous() && tensor->value.is_cpu(), "data() needs a contiguous CPU tensor");
            *out = tensor->value.data_ptr();
        });
    };
    api.item = [](const tt_tensor *tensor, double *out) {
        return guarded([&] { *out = tensor->value.item().toDouble(); });
    };

    api.convert = [](const tt_tensor *tensor, int32_t dtype, tt_device device, tt_tensor **out) {
        return making(out, [&] { return tensor->value.to(device_of(device), scalar_type(dtype)); });
    };
    api.contiguous = [](const tt_tensor *tensor, tt_tensor **out) {
        return making(out, [&] { return tensor->value.contiguous(); });
    };
    api.clone = [](const tt_tensor *tensor, tt_tensor **out) { return making(out, [&] { return tensor->value.clone(); }); };
    api.reshape = [](const tt_tensor *tensor, const int64_t *shape, int32_t rank, tt_tensor **out) {
        return making(out, [&] { return tensor->value.reshape(dims(shape, rank)); });
    };
    api.permute = [](const tt_tensor *tensor, const int64_t *order, int32_t rank, tt_tensor **out) {
        return making(out, [&] { return tensor->value.permute(dims(order, rank)); });
    };
    api.narrow = [](const tt_tensor *tensor, int64_t dimension, int64_t start, int64_t length, tt_tensor **out) {
        return making(out, [&] { return tensor->value.narrow(dimension, start, length); });
    };
    api.expand = [](const tt_tensor *tensor, const int64_t *shape, int32_t rank, tt_tensor **out) {
        return making(out, [&] { return tensor->value.expand(dims(shape, rank)); });
    };
    api.cat = [](const tt_tensor *const *handles, int32_t count, int64_t dimension, tt_tensor **out) {
        return making(out, [&] { return at::cat(tensors(handles, count), dimension); });
    };
    api.index_select = [](const tt_tensor *tensor, int64_t dimension, const tt_tensor *indices, tt_tensor **out) {
        return making(out, [&] { return tensor->value.index_select(dimension, indices->value); });
    };
    api.gather = [](const tt_tensor *tensor, int64_t dimension, const tt_tensor *indices, tt_tensor **out) {
        return making(out, [&] { return tensor->value.gather(dimension, indices->value); });
    };

    api.copy_ = [](const tt_tensor *target, const tt_tensor *source) {
        return guarded([&] {
            at::NoGradGuard guard;
            target->value.copy_(source->value);
        });
    };
    api.scale_ = [](const tt_tensor *target, double factor) {
        return guarded([&] {
            at::NoGradGuard guard;
            target->value.mul_(factor);
        });
    };
    api.put_ = [](const tt_tensor *target, const int64_t *rows, const int64_t *columns, int64_t count, double value) {
        return guarded([&] {
            at::NoGradGuard guard;
            auto options = at::TensorOptions(at::kLong);
            const at::Tensor row = at::tensor(at::ArrayRef<int64_t>(rows, count), options).to(target->value.device());
            const at::Tensor column = at::tensor(at::ArrayRef<int64_t>(columns, count), options).to(target->value.device());
            target->value.index_put_({row, column}, at::full({}, value, target->value.options()));
        });
    };
}

}  // namespace theriac

const tt_api *theriac_torch_api(void) {
    static const tt_api api = [] {
        tt_api table{};
        table.bytes = sizeof table;
        theriac::add_tensors(table);
        theriac::add_operations(table);
        theriac::add_gradients(table);
        theriac::add_attention(table);
        theriac::add_norms(table);
        theriac::add_rotation(table);
        theriac::add_packed_linear(table);
        theriac::add_packed_attention(table);
        return table;
    }();
    return &api;
}
