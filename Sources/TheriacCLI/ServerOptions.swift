internal import ArgumentParser
internal import Foundation
internal import TheriacOptions
internal import TheriacRemote

/// Where a remote model is and how to speak to its server.
struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "An OpenAI-compatible server (vLLM, llama.cpp, …), as http://host:port/v1; instead of --model.",
            valueName: "url"))
    var server: String?

    @Option(
        help: ArgumentHelp("The model's name on the server; needed when it has several.", valueName: "name"))
    var serverModel: String?

    @Option(
        help: ArgumentHelp(
            "The environment variable that holds the server's key; default: THERIAC_SERVER_KEY.",
            valueName: "variable"))
    var serverKeyVariable: String?

    @Option(
        name: .customLong("server-set"), parsing: .singleValue,
        help: ArgumentHelp(
            "A setting of the connection: endpoint=chat, instruction=TEXT (with chat), concurrency=8, timeout=300, attempts=6, longest-wait=120, samples-per-request=32, check-model=false, certificate-authority=FILE, extra={min_p: 0.1} (members a server adds).",
            valueName: "name=value"))
    var settings: [String] = []

    /// The model as recipes name it: a folder, a shipped name, or an address with the model's name.
    func model(_ named: String?) throws -> String {
        switch (named, server) {
        case (let named?, nil):
            guard let serverModel, RemoteAddress.isAddress(named) else { return named }
            return try address(named, model: serverModel)
        case (nil, let server?): return try address(server, model: serverModel)
        case (_?, _?): throw ValidationError("Give --model or --server, not both.")
        case (nil, nil):
            throw ValidationError("Name a model: --model DIR, or --server URL for one behind a server.")
        }
    }

    private func address(_ server: String, model: String?) throws -> String {
        let address = try RemoteAddress(server, model: model)
        return address.model.isEmpty ? address.server : "\(address.server)#\(address.model)"
    }

    /// The same checks, with the same sentences, as a recipe's.
    func resolved() throws -> RemoteSettings {
        var values: [String: OptionValue] = [:]
        for setting in settings {
            let sides = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map(String.init)
            guard sides.count == 2, !sides[0].isEmpty else {
                throw ValidationError("--server-set \(setting): write name=value.")
            }
            values[sides[0]] =
                sides[0] == "instruction"
                ? .string(sides[1]) : try OptionValue(flag: sides[1], path: sides[0])
        }
        if let serverKeyVariable { values["key-variable"] = .string(serverKeyVariable) }
        return try RemoteSettings(.object(values), path: "server", source: "the command line")
    }
}
