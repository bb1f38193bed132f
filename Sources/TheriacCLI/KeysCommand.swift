internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacAudit

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make, list and disable the keys that clients of the server present.",
        discussion: """
            A key's secret is printed once, when it is made; the store keeps only its SHA-256, so that nobody who reads the
            store can use it. A client sends the secret as ?key=…, as X-Goog-Api-Key, or as a bearer token. `theriac
            serve --store` asks for keys as soon as the store has one, and notices within two seconds when one is made or
            disabled. A key made with --operator also opens the operator's page.

              theriac keys create "comments of the town paper" --quota 1500
              theriac keys create "night desk" --operator
              theriac keys list
              theriac keys disable 3
            """,
        subcommands: [
            CreateKeyCommand.self, ListKeysCommand.self, DisableKeyCommand.self, EnableKeyCommand.self,
        ])
}

struct CreateKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a key; its secret is printed now and never again.")

    @Argument(help: "Whose key it is. Policies name keys by this label.")
    var label: String

    @Option(
        help: ArgumentHelp("Requests a minute; default: what the server's settings say.", valueName: "number")
    )
    var quota: Int?

    @Flag(help: "The key also opens the operator's page, with what people reported.")
    var `operator` = false

    @OptionGroup var store: StoreOptions

    private struct Made: Encodable {
        var key: ServiceKey
        var secret: String
    }

    func run() throws {
        let opened = try store.open(create: true)
        let made = try opened.createKey(
            label: label, perMinute: quota, role: self.operator ? .operator : .client)
        if store.json {
            try Terminal.out(jsonLine(Made(key: made.key, secret: made.secret)))
        } else {
            try Terminal.out(made.secret + "\n")
            Terminal.note("Key \(made.key.id) for '\(label)'. Keep the line above: it cannot be shown again.")
        }
        try opened.close()
    }
}

struct ListKeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "All keys, without their secrets.")

    @OptionGroup var store: StoreOptions

    func run() throws {
        let keys = try store.open().keys()
        if store.json { return try Terminal.out(keys.map { try jsonLine($0) }.joined()) }
        var table = FigureTable(
            ["Label", "Made", "State", "Opens", "Number", "Requests/min"], wordColumns: 4)
        table.rows = keys.map { key in
            [
                key.label, key.created.formatted(.iso8601), key.isDisabled ? "disabled" : "in force",
                key.role == .operator ? "routes and page" : "routes", "\(key.id)",
                key.perMinute.map { "\($0)" } ?? "as settings",
            ]
        }
        try Terminal.out(table.text)
    }
}

struct DisableKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "End what a key allows; `enable` renews it.")

    @Argument(help: "The key's number, as `theriac keys list` shows it.")
    var id: Int64

    @OptionGroup var store: StoreOptions

    func run() throws { try setKey(id, disabled: true, store) }
}

struct EnableKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Renew a key that was disabled.")

    @Argument(help: "The key's number, as `theriac keys list` shows it.")
    var id: Int64

    @OptionGroup var store: StoreOptions

    func run() throws { try setKey(id, disabled: false, store) }
}

private func setKey(_ id: Int64, disabled: Bool, _ store: StoreOptions) throws {
    let opened = try store.open()
    try opened.setKey(id, disabled: disabled)
    let key = try opened.keys().first { $0.id == id }
    if store.json, let key { try Terminal.out(jsonLine(key)) }
    Terminal.note("Key \(id) is \(disabled ? "disabled" : "in force").")
    try opened.close()
}
