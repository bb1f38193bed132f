/// A source of random numbers that is a value: the same seeds give the same numbers, on any machine.
///
/// The state is derived from (run seed, prompt, continuation), so that a draw does not depend on what else is in the
/// batch. Source of the generator: Steele, Lea and Flood, *Fast Splittable Pseudorandom Number Generators*, OOPSLA 2014.
public struct RandomStream: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    /// A stream for one continuation of one prompt.
    public init(seed: UInt64, prompt: String, continuation: Int) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a
        for byte in prompt.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        var mixed = RandomStream(seed: seed)
        var other = RandomStream(seed: mixed.next() ^ hash)
        var last = RandomStream(seed: other.next() &+ UInt64(bitPattern: Int64(continuation)))
        state = last.next()
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Uniform in `0..<1`, 53 bits.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
}
