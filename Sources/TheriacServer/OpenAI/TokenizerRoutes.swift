internal import HTTPTypes
internal import TheriacFiles
internal import TheriacTokenizers

extension Route {
    /// The token ids of a text or a conversation.
    static let tokenize = Route(
        name: "tokenize", method: .post, paths: ["/tokenize"], dialect: .openAI, body: .single
    ) { request, scope in
        try scope.admit(request)
        let host = try scope.generation()
        let facts = host.facts
        var fields = try BodyFields(request.body)
        if let name = try fields.text("model"), facts.card(name) == nil { throw OpenAIError.noModel(name) }
        let wantsNames = try fields.bool("return_token_strs") ?? false
        let tokens: [Int32]
        if let prompt = try fields.text("prompt") {
            let addsSpecial = try fields.bool("add_special_tokens") ?? true
            tokens = facts.tokenizer.encode(prompt, addingSpecialTokens: addsSpecial)
        } else if fields.value("messages") != nil {
            let conversation = try Conversation(&fields)
            let addsSpecial = try fields.bool("add_special_tokens") ?? (facts.chat == nil)
            switch try conversation.rendered(facts) {
            case .text(let text), .rendered(let text):
                tokens = facts.tokenizer.encode(text, addingSpecialTokens: addsSpecial)
            case .tokens(let found): tokens = found
            }
        } else {
            throw OpenAIError.missing("prompt")
        }
        fields.ignore(["add_generation_prompt", "continue_final_message", "chat_template_kwargs"])
        try fields.finish()
        let names = TokenNames(facts.tokenizer)
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("tokens", tokens)
            writer.member("count", tokens.count)
            writer.member("max_model_len", facts.context)
            if wantsNames {
                writer.member("token_strs", tokens.map(names.name))
            } else {
                writer.memberNull("token_strs")
            }
        }
        return ServerResponse(contentType: "application/json", body: writer.finish())
    }

    /// The text of token ids.
    static let detokenize = Route(
        name: "detokenize", method: .post, paths: ["/detokenize"], dialect: .openAI, body: .single
    ) { request, scope in
        try scope.admit(request)
        let facts = try scope.generation().facts
        var fields = try BodyFields(request.body)
        if let name = try fields.text("model"), facts.card(name) == nil { throw OpenAIError.noModel(name) }
        guard let tokens = try fields.tokens("tokens", vocabulary: facts.vocabulary) else {
            throw OpenAIError.missing("tokens")
        }
        try fields.finish()
        var writer = JSONWriter()
        writer.object {
            $0.member("prompt", facts.tokenizer.decode(tokens, skippingSpecialTokens: false))
        }
        return ServerResponse(contentType: "application/json", body: writer.finish())
    }

    /// The tokenizer's settings, token values as plain strings.
    static let tokenizerInfo = Route(
        name: "tokenizer_info", method: .get, paths: ["/tokenizer_info"], dialect: .openAI
    ) { request, scope in
        try scope.admit(request, counts: false)
        let facts = try scope.generation().facts
        var writer = JSONWriter()
        writer.value(.object(facts.tokenizerConfiguration))
        return ServerResponse(contentType: "application/json", body: writer.finish())
    }
}
