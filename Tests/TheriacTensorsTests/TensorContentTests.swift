import Testing
import TheriacFiles
import TheriacTesting

@testable import TheriacTensors

@Suite struct TensorContentTests {
    @Test func givesBackWhatItWasGiven() throws {
        let values: [Float] = [1.5, -2, 0, .infinity, .leastNonzeroMagnitude, 7]
        let tensor = try Tensor(values, shape: [2, 3])
        #expect(tensor.shape == [2, 3])
        #expect(tensor.count == 6)
        #expect(tensor.rank == 2)
        #expect(tensor.size(-1) == 3)
        #expect(tensor.dtype == .float32)
        #expect(tensor.device == .cpu)
        #expect(try tensor.floats() == values)
        #expect(try Tensor([Int64.min, 5], shape: [2]).integers() == [.min, 5])
        #expect(try Tensor([Int32(-3)], shape: []).integers() == [-3])
        #expect(try Tensor([UInt8(200)], shape: [1]).integers() == [200])
        #expect(try Tensor([2.5], shape: [1]).item() == 2.5)
    }

    @Test func holdsNoElementsToo() throws {
        let empty = try Tensor([Float](), shape: [0, 3])
        #expect(try empty.floats().isEmpty)
        #expect(try empty.bytes().isEmpty)
        #expect(try empty.isFinite())
        #expect(try empty.withFloats { $0.count } == 0)
    }

    @Test func readsBytesAtAnyAlignment() throws {
        var bytes: [UInt8] = [0xEE]
        for value: Float in [1, -2, 3.25] { withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) } }
        let tensor = try bytes.withUnsafeBytes {
            try Tensor(bytes: UnsafeRawBufferPointer(rebasing: $0[1...]), shape: [3], dtype: .float32)
        }
        #expect(try tensor.floats() == [1, -2, 3.25])
        #expect(try tensor.bytes() == Array(bytes[1...]))
    }

    @Test func copiesOutInRowOrderWhateverTheStrides() throws {
        let tensor = try Tensor((0..<6).map(Float.init), shape: [2, 3]).transposed()
        #expect(try tensor.floats() == [0, 3, 1, 4, 2, 5])
        #expect(try tensor.withFloats { Array($0) } == [0, 3, 1, 4, 2, 5])
        #expect(try tensor.to(.bfloat16).withFloats { Array($0) } == [0, 3, 1, 4, 2, 5])
    }

    /// bfloat16 keeps 8 bits of the mantissa, rounded to the even neighbour.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func roundsToBfloat16AsTheStandardSays(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let values = random.floats(64, in: -1000...1000)
        let expected = values.map { value -> Float in
            let bits = value.bitPattern
            return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
        }
        #expect(try Tensor(values, shape: [64]).to(.bfloat16).floats() == expected)
    }

    @Test(arguments: DType.allCases)
    func keepsTheSizeOfEveryType(dtype: DType) throws {
        let tensor = try Tensor.full([3], 1, dtype: dtype)
        #expect(tensor.dtype == dtype)
        #expect(try tensor.bytes().count == 3 * dtype.size)
        #expect(DType(dtype.stored) == dtype)
        #expect(dtype.stored.bits == 8 * dtype.size)
    }

    @Test func knowsPrecisionsByTheirUsualNames() {
        #expect(DType(precision: "bf16") == .bfloat16)
        #expect(DType(precision: "float32") == .float32)
        #expect(DType(precision: "half") == .float16)
        #expect(DType(precision: "int8") == nil)
        #expect(DType(SafetensorsDType.uint64) == nil)
    }

    @Test func sharesStorageUntilItIsCloned() throws {
        let tensor = try Tensor.zeros([2, 2])
        let view = try tensor.slice(0, 1..<2)
        let copy = try tensor.clone()
        try view.assign(Tensor([Float(1), 2], shape: [1, 2]))
        #expect(try tensor.floats() == [0, 0, 1, 2])
        #expect(try copy.floats() == [0, 0, 0, 0])
        try tensor.scale(by: 3)
        #expect(try view.floats() == [3, 6])
        try tensor.put(-1, rows: [0, 1], columns: [1, 0])
        #expect(try tensor.floats() == [0, -1, -1, 6])
        try tensor.put(9, rows: [], columns: [])
        #expect(try tensor.floats() == [0, -1, -1, 6])
        #expect(throws: TensorError.self) { try tensor.put(9, rows: [5], columns: [0]) }
    }

    @Test func drawsTheSameNumbersForTheSameSeed() throws {
        let first = try Tensor.random([1000], seed: 4).floats()
        #expect(try Tensor.random([1000], seed: 4).floats() == first)
        #expect(try Tensor.random([1000], seed: 5).floats() != first)
        let mean = first.reduce(0, +) / 1000
        let square = first.reduce(0) { $0 + $1 * $1 } / 1000
        expectClose(mean, 0, absolute: 0.13)  // four standard errors
        expectClose(square, 1, absolute: 0.18)
        let uniform = try Tensor.random([1000], normal: false, seed: 4).floats()
        #expect(uniform.allSatisfy { 0..<1 ~= $0 })
        expectClose(uniform.reduce(0, +) / 1000, 0.5, absolute: 0.04)
    }
}
