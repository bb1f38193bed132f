// Loops over libtorch's own threads.
//
// `at::parallel_for` is a template that is parallel only where the compiler has OpenMP, and Swift's has not. The runtime
// that libtorch brings along offers the few functions that a compiler would call; a second runtime beside it would
// double the threads. Without that runtime (libtorch for macOS has another one) a loop runs on the calling thread.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <mutex>

extern "C" {
__attribute__((weak)) void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
__attribute__((weak)) int omp_get_thread_num(void);
__attribute__((weak)) int omp_get_num_threads(void);
__attribute__((weak)) int omp_in_parallel(void);
}

namespace theriac {

/// Whether ``parallel_for`` can use more than one thread.
inline bool has_threads() { return GOMP_parallel && omp_get_thread_num && omp_get_num_threads && omp_in_parallel; }

/// Calls `body(from, to)` for parts of `begin..<end` of at least `grain` each, on as many threads as libtorch uses.
template <typename Body>
void parallel_for(int64_t begin, int64_t end, int64_t grain, const Body &body) {
    if (begin >= end) return;
    if (end - begin <= grain || !has_threads() || at::get_num_threads() == 1 || omp_in_parallel()) return body(begin, end);
    struct Shared {
        int64_t begin, end, grain;
        const Body &body;
        std::mutex lock;
        std::exception_ptr error;
    } shared{begin, end, grain, body, {}, nullptr};
    auto part = [](void *data) {
        Shared &shared = *static_cast<Shared *>(data);
        const int64_t count = shared.end - shared.begin;
        const int64_t threads = std::min<int64_t>(omp_get_num_threads(), (count + shared.grain - 1) / shared.grain);
        const int64_t thread = omp_get_thread_num(), share = (count + threads - 1) / threads;
        const int64_t from = shared.begin + thread * share;
        if (thread >= threads || from >= shared.end) return;
        try {
            shared.body(from, std::min(shared.end, from + share));
        } catch (...) {
            std::lock_guard guard(shared.lock);
            shared.error = std::current_exception();
        }
    };
    // 0: as many threads as libtorch was told, so that its pool is neither grown nor shrunk.
    GOMP_parallel(part, &shared, 0, 0);
    if (shared.error) std::rethrow_exception(shared.error);
}

}  // namespace theriac
