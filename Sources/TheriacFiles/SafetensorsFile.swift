public import Foundation

/// Where one tensor lies in a safetensors file.
public struct TensorEntry: Sendable, Equatable {
    /// Element type.
    public var dtype: SafetensorsDType
    /// Dimensions, row-major; empty for a scalar.
    public var shape: [Int]
    /// Place in the data buffer, in bytes from its start.
    public var byteRange: Range<Int>

    public init(dtype: SafetensorsDType, shape: [Int], byteRange: Range<Int>) {
        self.dtype = dtype
        self.shape = shape
        self.byteRange = byteRange
    }
}

/// A safetensors file, memory-mapped and checked whole before any tensor is touched.
///
/// The checks are those of the reference library 0.8, plus one: a key given twice is refused, as the format's
/// text demands. Tensors may lie at any byte; nothing here assumes that they are aligned.
public struct SafetensorsFile: Sendable {
    /// Text values of `__metadata__`; empty when the file has none.
    public let metadata: [String: String]
    /// Every tensor by name.
    public let tensors: [String: TensorEntry]
    private let file: MappedFile
    private let path: String
    private let bufferStart: Int

    /// Maps and checks the file at `url`.
    /// - Throws: ``FileError`` when it cannot be read or does not follow the format.
    public init(contentsOf url: URL) throws {
        let file = try MappedFile(contentsOf: url)
        let header: SafetensorsHeader
        do {
            header = try file.withUnsafeBytes { bytes throws(SafetensorsHeader.Problem) in
                try SafetensorsHeader(fileBytes: bytes)
            }
        } catch let problem as SafetensorsHeader.Problem {
            throw FileError.invalidSafetensors(file: url.path, reason: problem.reason)
        }
        self.file = file
        path = url.path
        metadata = header.metadata
        tensors = header.tensors
        bufferStart = header.bufferStart
    }

    /// Calls `body` with the bytes of a tensor, row-major and little-endian, valid only during the call.
    /// They may begin at any address, so values wider than a byte must be copied or loaded unaligned.
    public func withBytes<Result>(
        of name: String, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        guard let entry = tensors[name] else { throw FileError.missingTensor(name, file: path) }
        let range = entry.byteRange
        return try file.withUnsafeBytes { bytes in
            let start = bufferStart + range.lowerBound
            return try body(UnsafeRawBufferPointer(rebasing: bytes[start..<(start + range.count)]))
        }
    }
}
