import COpenSSL
public import Foundation

/// The SHA-256 of a stream of bytes, fed in parts.
public struct SHA256Hasher: ~Copyable {
    private let context: OpaquePointer

    public init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            preconditionFailure("out of memory for a SHA-256 state")
        }
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// Adds `bytes` to what is hashed.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    /// Adds the UTF-8 bytes of `text`.
    public mutating func update(_ text: String) {
        var text = text
        text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
    }

    /// Ends the stream and returns the digest as 64 lower-case hexadecimal digits.
    public consuming func finish() -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        EVP_DigestFinal_ex(context, &digest, nil)
        let digits = Array("0123456789abcdef".utf8)
        let hexadecimal = digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: hexadecimal, as: UTF8.self)
    }
}

/// SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
public func sha256(of bytes: UnsafeRawBufferPointer) -> String {
    var hasher = SHA256Hasher()
    hasher.update(bytes)
    return hasher.finish()
}

/// SHA-256 of `data` as 64 lower-case hexadecimal digits.
public func sha256(of data: some DataProtocol) -> String {
    var hasher = SHA256Hasher()
    for region in data.regions {
        region.withUnsafeBytes { hasher.update($0) }
    }
    return hasher.finish()
}

/// SHA-256 of a file's bytes, read in parts, so that the file may be larger than memory.
public func sha256(ofFileAt url: URL) throws -> String {
    var hasher = SHA256Hasher()
    let file = try InputFile(path: url.path)
    try withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 16) { buffer in
        while true {
            let count = try file.read(into: buffer)
            guard count > 0 else { return }
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
    return hasher.finish()
}
