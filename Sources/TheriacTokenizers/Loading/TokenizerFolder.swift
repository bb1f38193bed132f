import Foundation

/// Finds and reads the files of a tokenizer in a checkpoint folder.
struct TokenizerFolder {
    let folder: URL

    init(_ folder: URL) { self.folder = folder }

    func read() throws(TokenizerError) -> TokenizerParts {
        var parts: TokenizerParts
        if let data = try data("tokenizer.json") {
            parts = try TokenizerFile(data: data, file: "tokenizer.json").read()
        } else if let vocabulary = try data("vocab.json"), let merges = try data("merges.txt") {
            parts = try VocabularyFiles(
                vocabulary: vocabulary, merges: merges, settings: try settings("tokenizer_config.json"),
                specialTokens: try settings("special_tokens_map.json")
            ).read()
        } else {
            throw .noTokenizer(folder: folder.lastPathComponent)
        }
        parts.endOfText = try endOfText(in: parts.vocabulary)
        return parts
    }

    /// The end of text named by the files around the tokenizer, in the order that transformers reads them.
    private func endOfText(in vocabulary: Vocabulary) throws(TokenizerError) -> Int32? {
        for file in ["tokenizer_config.json", "special_tokens_map.json"] {
            guard let content = try settings(file)?.field("eos_token").tokenContent() else { continue }
            if let id = vocabulary.id(of: Array(content.utf8)) { return id }
        }
        for file in ["generation_config.json", "config.json"] {
            guard let node = try settings(file)?.field("eos_token_id"), !node.isNull else { continue }
            guard case .list = node.value else {
                return try node.tokenID(below: vocabulary.count)
            }
            if let first = try node.elements().first { return try first.tokenID(below: vocabulary.count) }
        }
        return vocabulary.id(of: Array("<|endoftext|>".utf8))
    }

    /// A JSON file's content; nil when there is no such file.
    func settings(_ name: String) throws(TokenizerError) -> JSONNode? {
        guard let data = try data(name) else { return nil }
        return try JSONNode(data: data, file: name)
    }

    /// The content of a file; nil when there is no such file.
    func data(_ name: String) throws(TokenizerError) -> [UInt8]? {
        let url = folder.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        let data: Data
        do { data = try Data(contentsOf: url, options: .mappedIfSafe) } catch {
            throw .unreadable(file: name, reason: "the system reports an error (\((error as NSError).code))")
        }
        let bytes = [UInt8](data)
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw .unreadable(file: name, reason: "it is not UTF-8 text")
        }
        return bytes
    }
}

extension JSONNode {
    /// Reads a whole file as one value.
    init(data: [UInt8], file: String) throws(TokenizerError) {
        let value = try withBytes(of: data, file: file) { (reader) throws(TokenizerError) in
            let value = try reader.value()
            try reader.expectEnd()
            return value
        }
        self.init(value: value, file: file, path: "")
        guard case .object = value else { throw wrongType("an object") }
    }

    /// A special token as configuration files have it: its content, or an object with `content`.
    func tokenContent() throws(TokenizerError) -> String? {
        if case .object = value { return try field("content").string() }
        return try optionalString()
    }

    func tokenID(below count: Int) throws(TokenizerError) -> Int32 {
        let id = try integer()
        guard id >= 0, id < count else {
            throw .invalidField(file: file, field: path, reason: "is \(id), but ids are 0 to \(count - 1)")
        }
        return Int32(id)
    }
}

/// Calls `body` with a reader at the start of `data`.
func withBytes<Result>(
    of data: [UInt8], file: String, _ body: (inout JSONReader) throws(TokenizerError) -> Result
) throws(TokenizerError) -> Result {
    try data.withUnsafeBufferPointer { (bytes) throws(TokenizerError) in
        var reader = JSONReader(bytes, file: file)
        return try body(&reader)
    }
}
