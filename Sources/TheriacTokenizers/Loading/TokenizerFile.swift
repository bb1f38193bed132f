/// Reads `tokenizer.json`, the format of the Rust library `tokenizers`.
///
/// `truncation` and `padding` are passed over: they are leftovers of whoever saved the file.
struct TokenizerFile {
    let data: [UInt8]
    let file: String

    func read() throws(TokenizerError) -> TokenizerParts {
        try withBytes(of: data, file: file) { (reader) throws(TokenizerError) in
            var fields: [String: JSONValue] = [:]
            var model: Range<Int>?
            try reader.object { (reader, key) throws(TokenizerError) in
                if key.elementsEqual("model".utf8), reader.peek() == UInt8(ascii: "{") {
                    model = try reader.skip()
                } else {
                    fields[String(decoding: key, as: UTF8.self)] = try reader.value()
                }
            }
            try reader.expectEnd()
            guard let model else {
                throw .invalidField(file: file, field: "model", reason: "is missing or not an object")
            }
            let root = JSONNode(value: .object(fields), file: file, path: "")
            return try parts(root: root, model: reader.at(model.lowerBound))
        }
    }

    private func parts(root: JSONNode, model: JSONReader) throws(TokenizerError) -> TokenizerParts {
        var model = try ModelFields(model)
        let components = ComponentReader(root: root)
        let normalizers = try components.normalizers()
        var preTokenizers = try components.preTokenizers()
        // Bytes need no stand-ins when the byte alphabet comes last, once, and the model can read bytes.
        let byteLevel = preTokenizers.indices.filter { preTokenizers[$0] is ByteLevelPreTokenizer }
        model.piecesAreBytes = byteLevel == [preTokenizers.count - 1]
        let readModel = try components.model(model)
        if !(readModel.model is BytePairEncoding) {
            for index in byteLevel {
                guard var step = preTokenizers[index] as? ByteLevelPreTokenizer else { continue }
                step.writesStandIns = true
                preTokenizers[index] = step
            }
        }
        let decoder = try components.decoder()
        var parts = TokenizerParts(
            vocabulary: readModel.vocabulary,
            pipeline: Pipeline(
                normalizers: normalizers, preTokenizers: preTokenizers, model: readModel.model,
                postProcessors: [], decoder: decoder),
            addedTokens: [])
        try parts.add(try addedTokens(root), file: file)
        parts.finishAddedTokens()
        let asksForBeginning = preTokenizers.firstIndex {
            ($0 as? MetaspacePreTokenizer)?.prepending == .first
        }
        if let asksForBeginning { parts.pipeline.needsPlaces = !normalizers.isEmpty || asksForBeginning > 0 }
        parts.pipeline.postProcessors = try components.postProcessors(parts.vocabulary)
        return parts
    }

    private func addedTokens(_ root: JSONNode) throws(TokenizerError) -> [AddedToken] {
        var tokens: [AddedToken] = []
        for node in try root.field("added_tokens").elements() {
            let content = try node.field("content").string()
            // The Rust library passes over empty tokens too.
            if content.isEmpty { continue }
            tokens.append(try node.addedToken(id: try node.field("id").tokenID(below: Int(Int32.max))))
        }
        let ids = tokens.map(\.id)
        guard Set(ids).count == ids.count else {
            throw .invalidVocabulary(file: file, reason: "two added tokens have the same id")
        }
        return tokens.sorted { $0.id < $1.id }
    }
}

extension JSONNode {
    /// An object that describes an added token.
    func addedToken(id: Int32) throws(TokenizerError) -> AddedToken {
        var token = AddedToken(id: id, content: try field("content").string())
        token.isSpecial = try field("special").bool(default: false)
        token.isSingleWord = try field("single_word").bool(default: false)
        token.stripsLeft = try field("lstrip").bool(default: false)
        token.stripsRight = try field("rstrip").bool(default: false)
        token.isNormalized = try field("normalized").bool(default: !token.isSpecial)
        return token
    }
}

/// The fields of `model`: small ones as values, `vocab` and `merges` as places to read from.
struct ModelFields {
    let settings: JSONNode
    private(set) var vocabulary: JSONReader?
    private(set) var merges: JSONReader?
    let file: String
    /// Whether the pieces to tokenize stand for bytes by the byte alphabet.
    var piecesAreBytes = false

    init(_ reader: JSONReader) throws(TokenizerError) {
        var reader = reader
        file = reader.file
        var fields: [String: JSONValue] = [:]
        var (vocabulary, merges): (JSONReader?, JSONReader?)
        try reader.object { (reader, key) throws(TokenizerError) in
            if key.elementsEqual("vocab".utf8) {
                vocabulary = reader.at(try reader.skip().lowerBound)
            } else if key.elementsEqual("merges".utf8) {
                merges = reader.at(try reader.skip().lowerBound)
            } else {
                fields[String(decoding: key, as: UTF8.self)] = try reader.value()
            }
        }
        settings = JSONNode(value: .object(fields), file: file, path: "model")
        (self.vocabulary, self.merges) = (vocabulary, merges)
    }

    func required(_ reader: JSONReader?, _ name: String) throws(TokenizerError) -> JSONReader {
        guard let reader else {
            throw .invalidField(file: file, field: "model.\(name)", reason: "is missing")
        }
        return reader
    }
}
