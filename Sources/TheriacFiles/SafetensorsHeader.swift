/// The header of a safetensors file, parsed and checked against the file's size.
struct SafetensorsHeader {
    var metadata: [String: String] = [:]
    var tensors: [String: TensorEntry] = [:]
    /// First byte of the data buffer in the file.
    let bufferStart: Int

    /// Why a file was refused.
    struct Problem: Error {
        var reason: String
    }

    /// The reference library's limit.
    private static let maximumLength = 100_000_000

    init(fileBytes: UnsafeRawBufferPointer) throws(Problem) {
        guard fileBytes.count >= 8 else { throw Problem(reason: "it is shorter than 8 bytes") }
        let length = UInt64(littleEndian: fileBytes.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(Self.maximumLength) else {
            throw Problem(
                reason: "the header is too large (\(length) bytes; the limit is \(Self.maximumLength))")
        }
        bufferStart = 8 + Int(length)
        guard bufferStart <= fileBytes.count else {
            throw Problem(
                reason: "the header should have \(length) bytes, but the whole file has \(fileBytes.count)")
        }
        try read(UnsafeRawBufferPointer(rebasing: fileBytes[8..<bufferStart]))
        try checkCoverage(of: fileBytes.count - bufferStart)
    }

    private mutating func read(_ bytes: UnsafeRawBufferPointer) throws(Problem) {
        let header: JSONValue
        do {
            header = try JSONScanner.value(in: bytes)
        } catch {
            throw Problem(reason: "the header is \(error)")
        }
        guard case .object(let members) = header else { throw Problem(reason: "the header is not an object") }
        for (name, value) in members {
            if name == "__metadata__" {
                metadata = try Self.metadata(value)
            } else {
                tensors[name] = try Self.entry(value, name: name)
            }
        }
    }

    private static func metadata(_ value: JSONValue) throws(Problem) -> [String: String] {
        if value == .null { return [:] }
        guard case .object(let members) = value else {
            throw Problem(reason: "__metadata__ is not an object")
        }
        var metadata: [String: String] = [:]
        for (key, value) in members {
            guard let text = value.text else {
                throw Problem(reason: "__metadata__ holds a value that is not a string")
            }
            metadata[key] = text
        }
        return metadata
    }

    private static func entry(_ value: JSONValue, name: String) throws(Problem) -> TensorEntry {
        guard let dtypeName = value["dtype"]?.text, let dtype = SafetensorsDType(rawValue: dtypeName) else {
            throw Problem(reason: "tensor '\(name)' has no known dtype")
        }
        guard let shape = counts(value["shape"]) else {
            throw Problem(reason: "tensor '\(name)' has no shape of whole numbers")
        }
        guard let offsets = counts(value["data_offsets"]), offsets.count == 2, offsets[0] <= offsets[1] else {
            throw Problem(reason: "tensor '\(name)' has no data_offsets [begin, end]")
        }
        guard let size = dtype.byteCount(of: shape) else {
            throw Problem(reason: "tensor '\(name)' of shape \(shape) has no whole number of bytes")
        }
        guard size == offsets[1] - offsets[0] else {
            throw Problem(
                reason:
                    "tensor '\(name)' needs \(size) bytes, its data_offsets span \(offsets[1] - offsets[0])")
        }
        return TensorEntry(dtype: dtype, shape: shape, byteRange: offsets[0]..<offsets[1])
    }

    private static func counts(_ value: JSONValue?) -> [Int]? {
        guard let elements = value?.elements else { return nil }
        var counts: [Int] = []
        for element in elements {
            guard case .integer(let count) = element, count >= 0 else { return nil }
            counts.append(count)
        }
        return counts
    }

    /// The tensors must fill the buffer exactly: no gap, no overlap, nothing behind the last.
    private func checkCoverage(of bufferCount: Int) throws(Problem) {
        let ordered = tensors.sorted { left, right in
            let (first, second) = (left.value.byteRange, right.value.byteRange)
            return (first.lowerBound, first.upperBound) < (second.lowerBound, second.upperBound)
        }
        var end = 0
        for (name, entry) in ordered {
            guard entry.byteRange.lowerBound == end else {
                let what = entry.byteRange.lowerBound > end ? "leaves a gap before it" : "overlaps another"
                throw Problem(reason: "tensor '\(name)' \(what)")
            }
            end = entry.byteRange.upperBound
        }
        guard end == bufferCount else {
            throw Problem(reason: "its tensors fill \(end) bytes, but \(bufferCount) follow the header")
        }
    }
}
