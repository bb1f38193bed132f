// The border to libtorch, in plain C.
//
// libtorch is loaded when the first tensor is wanted, not when the program starts: scoring with a linear detector,
// `--help` and `doctor` need none of it, and a missing engine can be reported in a sentence. So the shim is a shared
// library of its own that hands out one table of functions, `tt_api`.
//
// Rules. Handles are opaque. A function that writes `*out` gives the caller one owned handle; on failure `*out` is
// untouched. Every function that can fail returns a status and leaves its message in `last_error`. Nothing throws
// across this border. Shapes are int64 arrays, row-major. "In place" is said where it holds.
#ifndef THERIAC_TORCH_H
#define THERIAC_TORCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__clang__)
#pragma clang assume_nonnull begin
#define TT_NULLABLE _Nullable
#else
#define TT_NULLABLE
#define _Nonnull
#endif

typedef struct tt_tensor tt_tensor;

/// 0 is success; anything else failed and `last_error` says how.
typedef int32_t tt_status;
enum { TT_OK = 0, TT_OUT_OF_MEMORY = 1, TT_ENGINE = 2, TT_OTHER = 3 };

/// Element types, in the order of the Swift enum `DType`.
enum { TT_F32 = 0, TT_BF16 = 1, TT_F16 = 2, TT_F64 = 3, TT_I64 = 4, TT_I32 = 5, TT_U8 = 6, TT_BOOL = 7, TT_I8 = 8, TT_I16 = 9 };

/// Devices: 0 is the CPU, 1 + n is CUDA device n.
typedef int32_t tt_device;

/// Two-operand arithmetic and comparison.
enum { TT_ADD, TT_SUB, TT_MUL, TT_DIV, TT_MAXIMUM, TT_MINIMUM, TT_LT, TT_LE, TT_GT, TT_GE, TT_EQ };

/// One-operand functions.
enum { TT_EXP, TT_LOG, TT_TANH, TT_SIGMOID, TT_GELU_TANH, TT_GELU_ERF, TT_RELU, TT_SILU, TT_SQRT, TT_NEG, TT_ABS, TT_ISFINITE, TT_COS, TT_SIN };

/// Reductions over one dimension, or over all when the dimension is INT64_MIN.
enum { TT_SUM, TT_MEAN, TT_MAX, TT_MIN, TT_ALL, TT_ANY };

typedef tt_tensor *_Nonnull tt_handle;
typedef const tt_tensor *_Nonnull tt_in;
typedef tt_tensor *TT_NULLABLE *_Nonnull tt_out;

typedef struct tt_api {
    size_t bytes;                                  ///< of this table: a library of another build has another one.
    // The engine.
    const char *_Nonnull (*_Nonnull version)(void);                 ///< libtorch's version; static.
    const char *_Nonnull (*_Nonnull last_error)(void);              ///< this thread's last message; valid until its next call.
    int64_t (*live_tensors)(void);                 ///< handles alive in the process.
    int64_t (*thread_tensors)(void);               ///< handles this thread made less those it freed, for leak tests.
    int32_t (*threads)(void);
    tt_status (*set_threads)(int32_t count);
    int32_t (*loop_threads)(void);                 ///< threads that took part in a loop of the shim's own, just run.
    int32_t (*cuda_devices)(void);                 ///< 0 without CUDA.
    void (*synchronize)(void);                     ///< waits for queued CUDA work; nothing on the CPU.

    // Life and content.
    void (*free)(tt_tensor *TT_NULLABLE tensor);
    tt_status (*from_bytes)(const void *TT_NULLABLE bytes, size_t count, const int64_t *shape, int32_t rank, int32_t dtype, tt_device device, tt_out out);  ///< copies; alignment is free.
    tt_status (*full)(const int64_t *shape, int32_t rank, double value, int32_t dtype, tt_device device, tt_out out);
    tt_status (*arange)(int64_t begin, int64_t end, tt_device device, tt_out out);  ///< int64.
    tt_status (*random)(const int64_t *shape, int32_t rank, bool normal, uint64_t seed, tt_device device, tt_out out);  ///< float32: N(0, 1) or U[0, 1); drawn on the CPU.
    int32_t (*rank)(tt_in tensor);
    int64_t (*size)(tt_in tensor, int32_t dimension);
    int32_t (*dtype)(tt_in tensor);
    tt_device (*device)(tt_in tensor);
    tt_status (*copy_out)(tt_in tensor, void *bytes, size_t count);  ///< row-major, in the tensor's own dtype.
    tt_status (*data)(tt_in tensor, const void *TT_NULLABLE *_Nonnull out);  ///< contiguous CPU tensors only; lives as long as the handle.
    tt_status (*item)(tt_in tensor, double *out);

    // Form.
    tt_status (*convert)(tt_in tensor, int32_t dtype, tt_device device, tt_out out);  ///< shares storage when nothing changes.
    tt_status (*contiguous)(tt_in tensor, tt_out out);
    tt_status (*clone)(tt_in tensor, tt_out out);
    tt_status (*reshape)(tt_in tensor, const int64_t *shape, int32_t rank, tt_out out);
    tt_status (*permute)(tt_in tensor, const int64_t *order, int32_t rank, tt_out out);
    tt_status (*narrow)(tt_in tensor, int64_t dimension, int64_t start, int64_t length, tt_out out);
    tt_status (*expand)(tt_in tensor, const int64_t *shape, int32_t rank, tt_out out);
    tt_status (*cat)(const tt_tensor *_Nonnull const *_Nonnull tensors, int32_t count, int64_t dimension, tt_out out);
    tt_status (*index_select)(tt_in tensor, int64_t dimension, tt_in indices, tt_out out);
    tt_status (*gather)(tt_in tensor, int64_t dimension, tt_in indices, tt_out out);

    // Arithmetic.
    tt_status (*binary)(int32_t op, tt_in a, tt_in b, tt_out out);
    tt_status (*binary_scalar)(int32_t op, tt_in a, double b, tt_out out);
    tt_status (*unary)(int32_t op, tt_in a, tt_out out);
    tt_status (*reduce)(int32_t op, tt_in a, int64_t dimension, bool keep, tt_out out);
    tt_status (*where)(tt_in condition, tt_in a, tt_in b, tt_out out);
    tt_status (*masked_fill)(tt_in a, tt_in mask, double value, tt_out out);
    tt_status (*argmax)(tt_in a, int64_t dimension, tt_out out);
    tt_status (*top)(tt_in a, int64_t count, int64_t dimension, tt_out values, tt_out indices);  ///< descending.
    tt_status (*cumsum)(tt_in a, int64_t dimension, tt_out out);
    tt_status (*softmax)(tt_in a, int64_t dimension, bool logarithm, tt_out out);
    tt_status (*matmul)(tt_in a, tt_in b, tt_out out);
    tt_status (*linear)(tt_in input, tt_in weight, const tt_tensor *TT_NULLABLE bias, tt_out out);  ///< weight [out, in].
    tt_status (*embedding)(tt_in weight, tt_in indices, tt_out out);
    tt_status (*layer_norm)(tt_in input, tt_in weight, const tt_tensor *TT_NULLABLE bias, double epsilon, int32_t dtype, tt_out out);  ///< over the last dimension.
    tt_status (*rms_norm)(tt_in input, tt_in weight, double epsilon, double offset, tt_out out);  ///< x / √(mean(x²) + epsilon) · (weight + offset) over the last dimension, in float32.
    /// Turns the first 2 · pairs elements of each head of x [rows, length, heads, width]: pair i are the elements i and
    /// pairs + i, or 2i and 2i + 1 when `interleaved`. cosine, sine: float32 [rows or 1, length, pairs]. Out: as x.
    tt_status (*rotate)(tt_in x, tt_in cosine, tt_in sine, bool interleaved, tt_out out);
    tt_status (*attention)(tt_in query, tt_in key, tt_in value, const tt_tensor *TT_NULLABLE mask, bool causal, double scale, tt_out out);  ///< [rows, heads, length, width] each.
    tt_status (*cross_entropy)(tt_in logits, tt_in targets, bool mean, tt_out out);  ///< [n, classes] and [n]; target −100 is ignored; per-row losses when not mean.
    tt_status (*dropout)(tt_in a, double probability, uint64_t seed, tt_out out);

    /// Attention of new tokens over a pool that holds what their sequences had before; writes key and value into the pool,
    /// in place, each sequence's behind its own_length tokens from own_start on. Shapes: query [total, heads, width]; key,
    /// value [total, kv_heads, width]; pools [capacity, kv_heads, width]; borders [sequences + 1] from 0 to total; the other
    /// arrays [sequences], shared tokens come first. window: the most tokens seen, itself among them; negative for all. cap:
    /// scores s become cap * tanh(s / cap); 0 for none. Out: [total, heads · width].
    tt_status (*cached_attention)(tt_in query, tt_in key, tt_in value, tt_in pool_keys, tt_in pool_values, const int64_t *borders,
                                  const int64_t *shared_starts, const int64_t *shared_lengths, const int64_t *own_starts,
                                  const int64_t *own_lengths, int64_t sequences, int64_t window, double cap, double scale, tt_out out);

    // Packed sequences: token rows of all sequences end to end, nothing padded. A row's result does not depend on the
    // other rows, to the last bit.

    /// A weight [outputs, inputs] as `packed_linear` wants it, in `dtype`; the layout is private to the shim. CPU only.
    tt_status (*pack_weight)(tt_in weight, int32_t dtype, tt_out out);
    /// activation(input · weightᵀ + bias) + residual, sums in float32, without gradients. input [rows, inputs] of the packed
    /// weight's type; bias float32 [outputs]; activation is a one-operand function or −1; residual float32 [rows, outputs].
    /// Out: [rows, outputs] in `dtype`, which is float32 or the input's.
    tt_status (*packed_linear)(tt_in input, tt_in packed, int64_t outputs, const tt_tensor *TT_NULLABLE bias, int32_t activation,
                               const tt_tensor *TT_NULLABLE residual, int32_t dtype, tt_out out);
    /// A one-operand function as `packed_linear` computes it, without gradients; float32 or bfloat16 on the CPU.
    tt_status (*packed_activation)(tt_in input, int32_t activation, tt_out out);
    /// activation(a) · b of the two halves of each row: [rows, 2 · n] → [rows, n].
    tt_status (*gated)(tt_in input, int32_t activation, tt_out out);
    /// softmax(q·kᵀ·scale)·v within each of `rows` sequences. query, key, value [total, heads · width]; borders int64
    /// [rows + 1] from 0 on; a sequence's queries are its first tokens, or all. window: tokens seen to each side, negative
    /// for all. Out: as query.
    tt_status (*packed_attention)(tt_in query, tt_in key, tt_in value, const int64_t *query_borders, const int64_t *key_borders,
                                  int64_t rows, int64_t heads, int64_t window, double scale, tt_out out);

    // Gradients. Grad mode belongs to the calling thread.
    bool (*grad_enabled)(void);
    int64_t (*change_count)(tt_in tensor);         ///< counts changes in place.
    bool (*set_grad_enabled)(bool enabled);        ///< returns what it was.
    tt_status (*detach)(tt_in tensor, tt_out out);
    tt_status (*set_requires_grad)(tt_handle tensor, bool wanted);
    bool (*requires_grad)(tt_in tensor);
    tt_status (*backward)(tt_in tensor, const tt_tensor *TT_NULLABLE gradient);
    tt_status (*gradient)(tt_in tensor, tt_out out);  ///< `*out` becomes NULL when there is none.
    tt_status (*clear_gradient)(tt_handle tensor);
    /// L2 norm over the gradients of all; scales them in place to at most `limit` when `limit` > 0.
    tt_status (*clip_gradients)(const tt_tensor *_Nonnull const *_Nonnull parameters, int32_t count, double limit, double *norm);
    /// One AdamW step (decoupled decay), in place. `step` counts from 1. Parameters without a gradient are left alone.
    tt_status (*adamw)(const tt_tensor *_Nonnull const *_Nonnull parameters, const tt_tensor *_Nonnull const *_Nonnull first, const tt_tensor *_Nonnull const *_Nonnull second,
                       int32_t count, int64_t step, double rate, double beta1, double beta2, double epsilon, double decay);

    // In place.
    tt_status (*copy_)(tt_in target, tt_in source);
    tt_status (*scale_)(tt_in target, double factor);
    /// Sets logits[rows[i], columns[i]] = value for i < count.
    tt_status (*put_)(tt_in target, const int64_t *rows, const int64_t *columns, int64_t count, double value);
} tt_api;

/// Opens the shim at `path` and with it libtorch. Returns NULL and writes a sentence into `message` on failure.
const tt_api *TT_NULLABLE tt_load(const char *path, char *message, size_t capacity);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#ifdef __cplusplus
}
#endif
#endif
