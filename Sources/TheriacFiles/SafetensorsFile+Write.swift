public import Foundation

/// One tensor to be written: its name, type, shape and bytes (row-major, little-endian).
public struct SafetensorsRecord: Sendable {
    public var name: String
    public var dtype: SafetensorsDType
    public var shape: [Int]
    public var bytes: Data

    public init(name: String, dtype: SafetensorsDType, shape: [Int], bytes: Data) {
        self.name = name
        self.dtype = dtype
        self.shape = shape
        self.bytes = bytes
    }
}

extension SafetensorsFile {
    /// Writes `tensors` to `url`, whole or not at all.
    ///
    /// Tensors are ordered by element size, largest first, then by name, and the header is padded with
    /// blanks to a multiple of 8, so every tensor is aligned. The same tensors and metadata always give the
    /// same bytes.
    ///
    /// In `metadata`, `format` is set to `pt` unless given, because transformers demands it.
    /// - Throws: ``FileError`` when two tensors share a name, the bytes do not fit the shape, or writing
    ///   fails.
    public static func write(
        _ tensors: [SafetensorsRecord], metadata: [String: String], to url: URL
    ) throws {
        let ordered = tensors.sorted { ($1.dtype.bits, $0.name) < ($0.dtype.bits, $1.name) }
        let header = try header(of: ordered, metadata: metadata, file: url.path)
        try AtomicFile.write(to: url) { file in
            try withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { try file.write($0) }
            try file.write(header)
            for tensor in ordered { try tensor.bytes.withUnsafeBytes { try file.write($0) } }
        }
    }

    private static func header(
        of tensors: [SafetensorsRecord], metadata: [String: String], file: String
    ) throws -> String {
        var texts = metadata
        texts["format"] = texts["format"] ?? "pt"
        let pairs = texts.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
        var members = ["\"__metadata__\":{\(pairs.joined(separator: ","))}"]
        var names: Set<String> = ["__metadata__"]
        var offset = 0
        for tensor in tensors {
            guard names.insert(tensor.name).inserted else {
                throw FileError.invalidSafetensors(
                    file: file, reason: "the tensor name '\(tensor.name)' is taken")
            }
            guard tensor.dtype.byteCount(of: tensor.shape) == tensor.bytes.count else {
                let found = "\(tensor.bytes.count) bytes do not make \(tensor.dtype.rawValue) \(tensor.shape)"
                throw FileError.invalidSafetensors(file: file, reason: "tensor '\(tensor.name)': \(found)")
            }
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            let end = offset + tensor.bytes.count
            let entry =
                "{\"dtype\":\"\(tensor.dtype.rawValue)\",\"shape\":[\(shape)],"
                + "\"data_offsets\":[\(offset),\(end)]}"
            members.append("\(quoted(tensor.name)):\(entry)")
            offset = end
        }
        let text = "{\(members.joined(separator: ","))}"
        return text + String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
    }

    /// A JSON string literal.
    private static func quoted(_ text: String) -> String {
        var literal = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": literal += "\\\""
            case "\\": literal += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                literal += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: literal.unicodeScalars.append(scalar)
            }
        }
        return literal + "\""
    }
}
