internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacCorpora
internal import TheriacFiles

/// Which part of which texts.
struct TextOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder with the data sets; default: THERIAC_DATA, or ../shared/data.", valueName: "dir"))
    var data: String?

    @Option(
        help: """
            Part of a data set: held-out (test, valid where there is no test, all of a set that is for tests only), \
            train, valid, test or all.
            """)
    var part = "held-out"

    @Option(help: "The field or column of a file that holds the text; default: text.")
    var column: String?

    var folder: URL {
        URL(fileURLWithPath: data ?? ProcessInfo.processInfo.environment["THERIAC_DATA"] ?? "../shared/data")
    }

    func setPart() throws -> SetPart {
        guard let part = SetPart(rawValue: part) else {
            throw ValidationError(
                "--part \(part): it must be one of \(SetPart.allCases.map(\.rawValue).joined(separator: ", "))."
            )
        }
        return part
    }

    func selection(_ source: String) throws -> TextSelection {
        try TextSelection(source, dataFolder: folder, part: setPart(), column: column)
    }

    /// Attributes by name; `all` is all of them.
    static func attributes(_ names: [String]) throws -> [Attribute] {
        if names.contains("all") { return Attribute.allCases }
        let chosen = try names.map(attribute)
        return Attribute.allCases.filter { chosen.contains($0) }
    }

    static func attribute(_ name: String) throws -> Attribute {
        guard let attribute = Attribute(rawValue: name) else {
            throw ValidationError(
                "--attribute \(name): it must be one of "
                    + Attribute.allCases.map(\.rawValue).joined(separator: ", ") + ".")
        }
        return attribute
    }
}

/// A share in 0...1 given by a flag.
func checkedShare(_ value: Double, _ flag: String) throws -> Double {
    guard (0...1).contains(value) else { throw ValidationError("\(flag) \(value): it must be in 0...1.") }
    return value
}

/// Writes reports of a command into a folder, which is made.
func writeReports(_ files: [(name: String, data: Data)], to folder: String) throws {
    let url = URL(fileURLWithPath: folder)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    for file in files {
        let place = url.appendingPathComponent(file.name)
        try AtomicFile.write(file.data, to: place)
        Terminal.note("Written: \(place.path)")
    }
}
