// Attention of new tokens over a pool of keys and values, sixteen lanes at a time.
//
// Every result is one chain of additions in the order of the sequence's tokens. So it is the same to the last bit
// whatever else the pass holds, in how many parts the sequence was read, and how much of it is shared with others.
#include "cached_attention.h"

#include "attention_lanes.h"

#include "parallel.h"

#include <limits>
#include <vector>

namespace theriac {

#ifdef THERIAC_LANES

namespace {

/// Adds weighted values to `M` rows by `16 · V` columns of sums.
template <typename T, int M, int V>
inline __attribute__((always_inline)) void mix(const float *weights, int64_t weight_stride, const T *values, int64_t value_stride, int64_t count,
                                               __mmask16 last, float *sums, int64_t sum_stride) {
    __m512 sum[M][V];
#pragma clang loop unroll(full)
    for (int m = 0; m < M; m++)
#pragma clang loop unroll(full)
        for (int v = 0; v < V; v++) sum[m][v] = load(sums + m * sum_stride + 16 * v);
    for (int64_t j = 0; j < count; j++) {
        __m512 value[V];
#pragma clang loop unroll(full)
        for (int v = 0; v < V; v++) value[v] = v + 1 < V ? load(values + j * value_stride + 16 * v) : load(values + j * value_stride + 16 * v, last);
#pragma clang loop unroll(full)
        for (int m = 0; m < M; m++) {
            const __m512 weight = _mm512_set1_ps(weights[m * weight_stride + j]);
#pragma clang loop unroll(full)
            for (int v = 0; v < V; v++) sum[m][v] = _mm512_fmadd_ps(weight, value[v], sum[m][v]);
        }
    }
#pragma clang loop unroll(full)
    for (int m = 0; m < M; m++)
#pragma clang loop unroll(full)
        for (int v = 0; v < V; v++) store(sums + m * sum_stride + 16 * v, sum[m][v]);
}

template <typename T, int V, typename... Rest>
void mix_rows(int64_t rows, Rest... rest) {
    switch (rows) {
        case 6: return mix<T, 6, V>(rest...);
        case 5: return mix<T, 5, V>(rest...);
        case 4: return mix<T, 4, V>(rest...);
        case 3: return mix<T, 3, V>(rest...);
        case 2: return mix<T, 2, V>(rest...);
        case 1: return mix<T, 1, V>(rest...);
    }
}

/// `rows` (at most 6) by `width` columns of sums, which have room for whole lanes.
template <typename T>
void mix_any(int64_t rows, int64_t width, const float *weights, int64_t weight_stride, const T *values, int64_t value_stride, int64_t count,
             float *sums, int64_t sum_stride) {
    for (int64_t c = 0; c < width; c += tile_columns) {
        const int64_t groups = to_lanes(std::min(tile_columns, width - c)) / 16;
        const __mmask16 last = first_lanes(width - c - 16 * (groups - 1));
        switch (groups) {
            case 4: mix_rows<T, 4>(rows, weights, weight_stride, values + c, value_stride, count, last, sums + c, sum_stride); break;
            case 3: mix_rows<T, 3>(rows, weights, weight_stride, values + c, value_stride, count, last, sums + c, sum_stride); break;
            case 2: mix_rows<T, 2>(rows, weights, weight_stride, values + c, value_stride, count, last, sums + c, sum_stride); break;
            case 1: mix_rows<T, 1>(rows, weights, weight_stride, values + c, value_stride, count, last, sums + c, sum_stride); break;
        }
    }
}

/// Sequences one after the other that share a segment: its keys are turned once for all of them.
struct Family {
    int64_t first, past;
};

std::vector<Family> families(const Turn &s) {
    std::vector<Family> found;
    for (int64_t sequence = 0; sequence < s.sequences; sequence++) {
        const bool joins = !found.empty() && s.shared_lengths[sequence] > 0 && s.shared_lengths[sequence] == s.shared_lengths[found.back().first] &&
                           s.shared_starts[sequence] == s.shared_starts[found.back().first];
        if (joins)
            found.back().past++;
        else
            found.push_back({sequence, sequence + 1});
    }
    return found;
}

/// A query, and the tokens of its sequence that it sees.
struct Row {
    int64_t sequence, token, head, begin, end;
};

template <typename T>
class Attention {
public:
    /// - Parameter query_stride: elements from one token's queries to the next one's.
    Attention(const Turn &turn, const T *query, int64_t query_stride, const T *keys, const T *values, T *out)
        : s(turn), query(query), keys(keys), values(values), out(out), query_stride(query_stride), per_kv(turn.heads / turn.kv_heads),
          stride(turn.kv_heads * turn.width), lanes(to_lanes(turn.width)) {
        int64_t shared = 0, own = 0;
        for (int64_t sequence = 0; sequence < s.sequences; sequence++) {
            shared = std::max(shared, s.shared_lengths[sequence]);
            own = std::max(own, own_total(sequence));
        }
        shared_keys.resize(to_lanes(shared) * lanes * 2);
        own_keys.resize(to_lanes(own) * lanes * 2);
        queries.resize(tile_rows * s.width);
        row_stride = to_lanes(shared) + to_lanes(own) + 32;
        scores.resize(tile_rows * row_stride);
        sums.resize(tile_rows * lanes);
    }

    /// All queries of a family that read the keys and values of head `kv`.
    void run(const Family &family, int64_t kv) {
        const int64_t shared_start = s.shared_starts[family.first];
        shared = s.shared_lengths[family.first];
        shared_values = values + shared_start * stride + kv * s.width;
        turn_keys(keys + shared_start * stride + kv * s.width, stride, shared, s.width, shared_keys.data());
        turned = -1;
        int64_t sequence = family.first;
        const int64_t first = s.borders[family.first], total = (s.borders[family.past] - first) * per_kv;
        for (int64_t from = 0; from < total; from += tile_rows) {
            const int64_t count = std::min(tile_rows, total - from);
            for (int64_t m = 0; m < count; m++) {
                const int64_t token = first + (from + m) / per_kv, head = kv * per_kv + (from + m) % per_kv;
                while (token >= s.borders[sequence + 1]) sequence++;
                const int64_t end = shared + s.own_lengths[sequence] + token - s.borders[sequence] + 1;
                rows[m] = {sequence, token, head, s.window < 0 ? 0 : std::max<int64_t>(0, end - s.window), end};
                std::copy_n(query + token * query_stride + head * s.width, s.width, queries.data() + m * s.width);
            }
            attend(count, kv);
        }
    }

private:
    const Turn &s;
    const T *query, *keys, *values;
    T *out;
    const int64_t query_stride, per_kv, stride, lanes;
    int64_t row_stride, shared = 0, turned = -1;
    const T *shared_values = nullptr;
    std::vector<T> shared_keys, own_keys;  // a step of the depth after the other, each over all keys
    std::vector<T> queries;                // [tile_rows, width]
    std::vector<float> scores;             // [tile_rows, row_stride], then weights; by place in the sequence
    std::vector<float> sums;               // [tile_rows, lanes]
    Row rows[tile_rows];

    int64_t own_total(int64_t sequence) const { return s.own_lengths[sequence] + s.borders[sequence + 1] - s.borders[sequence]; }

    /// Asks for the first of a sequence's own tokens before they are needed: memory is what short sequences wait for.
    void fetch(const T *pool, int64_t sequence, int64_t kv) const {
        const T *own = pool + s.own_starts[sequence] * stride + kv * s.width;
        const int64_t count = std::min<int64_t>(own_total(sequence), 64), bytes = s.width * static_cast<int64_t>(sizeof(T));
        for (int64_t j = 0; j < count; j++)
            for (int64_t b = 0; b < bytes; b += 64) _mm_prefetch(reinterpret_cast<const char *>(own + j * stride) + b, _MM_HINT_T0);
    }

    /// Scores of `count` queries from row `m` on against the turned keys from `begin` (whole lanes) to `end`, stored from `place` on.
    void score(int64_t m, int64_t count, const T *turned_keys, int64_t all, int64_t begin, int64_t end, int64_t place) {
        constexpr int64_t depth = Step<T>::depth;
        const __m512 scale = _mm512_set1_ps(s.scale);
        for (int64_t j = begin; j < end; j += tile_columns) {
            float *target = scores.data() + m * row_stride + place + j;
            any_tile(count, std::min(tile_columns, to_lanes(end) - j) / 16, queries.data() + m * s.width, s.width, turned_keys + j * depth,
                     to_lanes(all), s.width / depth,
                     [&](int row, int v, __m512 sum) __attribute__((always_inline)) { store(target + row * row_stride + 16 * v, _mm512_mul_ps(sum, scale)); });
        }
    }

    void cap(float *row, int64_t begin, int64_t end) {
        const __m512 most = _mm512_set1_ps(s.cap);
        for (int64_t j = begin; j < end; j += 16) store(row + j, _mm512_mul_ps(most, activate(TT_TANH, _mm512_div_ps(load(row + j), most))));
    }

    /// One tile: scores over what is shared, by all rows; over their own, by those of the same sequence; then the values likewise.
    void attend(int64_t count, int64_t kv) {
        int64_t lowest = std::numeric_limits<int64_t>::max();
        for (int64_t m = 0; m < count; m++) lowest = std::min(lowest, rows[m].begin);
        score(0, count, shared_keys.data(), shared, lowest / 16 * 16, shared, 0);
        std::fill(sums.begin(), sums.end(), 0.0f);
        const int64_t own_begin = std::max<int64_t>(0, lowest - shared);
        float shares[tile_rows];
        for (int64_t m = 0, past; m < count; m = past) {
            past = m + 1;
            while (past < count && rows[past].sequence == rows[m].sequence) past++;
            const int64_t sequence = rows[m].sequence, total = own_total(sequence), end = rows[past - 1].end;
            if (turned != sequence) {
                fetch(values, sequence, kv);
                if (sequence + 1 < s.sequences) fetch(keys, sequence + 1, kv);
                turn_keys(keys + s.own_starts[sequence] * stride + kv * s.width, stride, total, s.width, own_keys.data());
                turned = sequence;
            }
            score(m, past - m, own_keys.data(), total, own_begin / 16 * 16, end - shared, shared);
            for (int64_t i = m; i < past; i++) {
                float *row = scores.data() + i * row_stride;
                if (s.cap > 0) cap(row, lowest / 16 * 16, end);
                shares[i] = 1 / exponentiate(row, lowest / 16 * 16, to_lanes(end), rows[i].begin, rows[i].end, row);
            }
        }
        if (lowest < shared)
            mix_any(count, s.width, scores.data() + lowest, row_stride, shared_values + lowest * stride, stride, shared - lowest, sums.data(), lanes);
        for (int64_t m = 0, past; m < count; m = past) {
            past = m + 1;
            while (past < count && rows[past].sequence == rows[m].sequence) past++;
            const T *own_values = values + (s.own_starts[rows[m].sequence] + own_begin) * stride + kv * s.width;
            mix_any(past - m, s.width, scores.data() + m * row_stride + shared + own_begin, row_stride, own_values, stride,
                    rows[past - 1].end - shared - own_begin, sums.data() + m * lanes, lanes);
        }
        for (int64_t m = 0; m < count; m++)
            for (int64_t c = 0; c < s.width; c += 16)
                store(out + (rows[m].token * s.heads + rows[m].head) * s.width + c,
                      _mm512_mul_ps(load(sums.data() + m * lanes + c), _mm512_set1_ps(shares[m])), first_lanes(s.width - c));
    }
};

template <typename T>
void attend(const Turn &s, const at::Tensor &query, const at::Tensor &keys, const at::Tensor &values, at::Tensor &out) {
    const std::vector<Family> all = families(s);
    const T *q = query.const_data_ptr<T>(), *k = keys.const_data_ptr<T>(), *v = values.const_data_ptr<T>();
    T *target = out.mutable_data_ptr<T>();
    parallel_for(0, static_cast<int64_t>(all.size()) * s.kv_heads, 1, [&](int64_t begin, int64_t end) {
        Attention<T> attention(s, q, query.stride(0), k, v, target);
        for (int64_t item = begin; item < end; item++) attention.run(all[item / s.kv_heads], item % s.kv_heads);
    });
}

}  // namespace

bool cached_in_lanes(const Turn &turn, const at::Tensor &query, const at::Tensor &keys, const at::Tensor &values, at::Tensor &out) {
    const at::ScalarType type = query.scalar_type();
    if (type == at::kFloat)
        attend<float>(turn, query, keys, values, out);
    else if (type == at::kBFloat16 && turn.width % 2 == 0)
        attend<bf16>(turn, query, keys, values, out);
    else
        return false;
    return true;
}

#else

bool cached_in_lanes(const Turn &, const at::Tensor &, const at::Tensor &, const at::Tensor &, at::Tensor &) { return false; }

#endif

}  // namespace theriac
