// swift-tools-version: 6.2

import Foundation
import PackageDescription

// libtorch comes from `make setup` (the Python wheel holds headers and libraries) or from THERIAC_LIBTORCH.
let libtorch = locateLibtorch()

let upcoming: [SwiftSetting] = [
    "ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility", "InferIsolatedConformances",
].map { .enableUpcomingFeature($0) }

let package = Package(
    name: "theriac",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "theriac", targets: ["TheriacCLI"]),
        .library(name: "Theriac", targets: ["Theriac"]),
        .library(name: "TheriacTesting", targets: ["TheriacTesting"]),
        .library(name: "TheriacTorch", type: .dynamic, targets: ["TheriacTorchShim"]),
    ],
    dependencies: [
        // Command line: flags, help and errors people already know.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Recipes are YAML.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // Feedback, keys and decisions lie in SQLite: transactions that survive a kill, migrations, readers beside a writer.
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        // Remote models: HTTP and HTTPS with bounded answers, deadlines and connection reuse that hold up on Linux.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        // The server: routes, TLS, graceful shutdown and request tests in process, over SwiftNIO.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        // What the server and the client stand on, where they say it themselves: connections, certificates, logs, signals.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.0.0"),
    ],
    targets: [
        // The product.
        // Lists every floor whose values it hands on: what is not listed is not rebuilt when that floor changes.
        .floor(
            "TheriacCLI",
            [
                "TheriacServer",
                "Theriac", "TheriacAudit", "TheriacEvaluation", "TheriacDetox", "TheriacDetection",
                "TheriacCorpora", "TheriacTraining", "TheriacRemote", "TheriacTensors", "TheriacOptions",
                "TheriacFiles",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ], executable: true),
        .floor(
            "TheriacServer",
            [
                "Theriac", "TheriacAudit", "TheriacEvaluation", "TheriacDetox", "TheriacDetection",
                "TheriacCorpora",
                "TheriacGeneration", "TheriacModels", "TheriacTokenizers", "TheriacTensors", "TheriacOptions",
                "TheriacFiles", "TheriacRemote", "CTheriacLanguage", "COpenSSL",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        .floor(
            "Theriac",
            [
                "TheriacAudit", "TheriacEvaluation", "TheriacDetox", "TheriacDetection", "TheriacCorpora",
                "TheriacTraining", "TheriacRemote", "TheriacGeneration", "TheriacModels", "TheriacTokenizers",
                "TheriacTensors",
                "TheriacOptions", "TheriacFiles",
            ]),
        // Knows values only: it builds and tests without libtorch.
        .floor(
            "TheriacAudit",
            ["TheriacCorpora", "TheriacFiles", .product(name: "GRDB", package: "GRDB.swift")]),
        .floor(
            "TheriacEvaluation", ["TheriacDetection", "TheriacCorpora", "TheriacOptions", "TheriacFiles"]),
        .floor(
            "TheriacDetox",
            [
                "TheriacDetection", "TheriacCorpora", "TheriacTraining", "TheriacGeneration", "TheriacModels",
                "TheriacTokenizers", "TheriacTensors", "TheriacOptions", "TheriacFiles",
            ]),
        .floor(
            "TheriacDetection",
            [
                "TheriacCorpora", "TheriacTraining", "TheriacGeneration", "TheriacModels",
                "TheriacTokenizers",
                "TheriacTensors", "TheriacOptions", "TheriacFiles",
            ]),
        .floor("TheriacCorpora", ["TheriacOptions", "TheriacFiles"]),
        // Models behind somebody else's server.
        .floor(
            "TheriacRemote",
            [
                "TheriacGeneration", "TheriacOptions", "TheriacFiles",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        // The engine.
        .floor(
            "TheriacGeneration",
            ["TheriacModels", "TheriacTokenizers", "TheriacTensors", "TheriacOptions", "TheriacFiles"],
            isNative: true),
        .floor("TheriacTraining", ["TheriacModels", "TheriacTensors", "TheriacOptions", "TheriacFiles"]),
        .floor("TheriacModels", ["TheriacTensors", "TheriacTokenizers", "TheriacOptions", "TheriacFiles"]),
        .floor("TheriacTokenizers", ["TheriacOptions", "TheriacFiles"]),
        .floor("TheriacTensors", ["CTheriacTorch", "TheriacFiles"]),
        .floor("TheriacOptions", [.product(name: "Yams", package: "Yams")]),
        .floor("TheriacFiles", ["CZlib", "COpenSSL"]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        // The language identifier (Debian's libcld2-dev) behind one C function.
        .target(name: "CTheriacLanguage", linkerSettings: [.linkedLibrary("cld2")]),
        .target(name: "CTheriacTorch"),
        .target(
            name: "TheriacTorchShim",
            cxxSettings: [
                .headerSearchPath("../CTheriacTorch/include"),
                .unsafeFlags([
                    "-std=c++20", "-O3", "-march=native", "-fvisibility=hidden",
                    "-Wno-deprecated-declarations",
                    "-isystem", libtorch + "/include", "-isystem",
                    libtorch + "/include/torch/csrc/api/include",
                ]),
            ],
            linkerSettings: [
                .unsafeFlags([
                    "-L" + libtorch + "/lib", "-ltorch", "-ltorch_cpu", "-lc10",
                    "-Xlinker", "-rpath", "-Xlinker", libtorch + "/lib",
                ])
            ]),
        .floor(
            "TheriacTesting",
            ["TheriacTensors", "TheriacModels", "TheriacTokenizers", "TheriacFiles", "TheriacOptions"]),
        .tests("TheriacFiles", []),
        .tests("TheriacOptions", []),
        .tests("TheriacTokenizers", ["TheriacFiles", "TheriacOptions"]),
        .tests("TheriacTensors", ["TheriacFiles"]),
        .tests("TheriacModels", ["TheriacTensors", "TheriacTokenizers", "TheriacFiles", "TheriacOptions"]),
        .tests(
            "TheriacGeneration",
            ["TheriacModels", "TheriacTensors", "TheriacTokenizers", "TheriacOptions", "TheriacFiles"]),
        .tests(
            "TheriacRemote",
            [
                "TheriacGeneration", "TheriacOptions", "TheriacFiles",
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),
        .tests("TheriacTraining", ["TheriacModels", "TheriacTensors", "TheriacFiles", "TheriacOptions"]),
        .tests("TheriacCorpora", ["TheriacFiles", "TheriacOptions"]),
        .tests(
            "TheriacDetection",
            [
                "TheriacCorpora", "TheriacTraining", "TheriacGeneration", "TheriacModels",
                "TheriacTokenizers",
                "TheriacTensors", "TheriacFiles", "TheriacOptions",
            ]),
        .tests(
            "TheriacDetox",
            [
                "TheriacTraining", "TheriacModels", "TheriacTensors", "TheriacTokenizers",
                "TheriacGeneration", "TheriacCorpora",
                "TheriacDetection", "TheriacFiles", "TheriacOptions",
            ]),
        .tests(
            "TheriacAudit", ["TheriacCorpora", "TheriacFiles", .product(name: "GRDB", package: "GRDB.swift")]),
        .tests(
            "TheriacEvaluation", ["TheriacDetection", "TheriacCorpora", "TheriacOptions", "TheriacFiles"]),
        .tests(
            "Theriac",
            [
                "TheriacAudit", "TheriacEvaluation", "TheriacDetection", "TheriacCorpora", "TheriacModels",
                "TheriacTensors",
                "TheriacTokenizers", "TheriacGeneration", "TheriacDetox", "TheriacFiles", "TheriacOptions",
            ]),
        .tests(
            "TheriacServer",
            [
                "Theriac", "TheriacAudit", "TheriacEvaluation", "TheriacDetox", "TheriacDetection",
                "TheriacGeneration",
                "TheriacModels", "TheriacTokenizers", "TheriacCorpora", "TheriacTensors",
                "TheriacOptions", "TheriacFiles", "TheriacRemote",
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .tests("TheriacCLI", ["TheriacAudit", "TheriacModels", "TheriacTensors", "TheriacOptions"]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx20
)

extension Target {
    /// A floor of the package: it may import what it lists, and nothing else.
    ///
    /// - Parameter isNative: compiled for the very processor it is built on, as the shim is, since it computes with SIMD
    ///   types. None of them may stand in its public interface: other floors would pass them in other registers.
    static func floor(
        _ name: String, _ dependencies: [Target.Dependency], executable: Bool = false, isNative: Bool = false
    ) -> Target {
        let settings = upcoming + (isNative ? [.unsafeFlags(["-Xcc", "-march=native"])] : [])
        return executable
            ? .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
            : .target(name: name, dependencies: dependencies, swiftSettings: settings)
    }

    static func tests(_ name: String, _ more: [Target.Dependency]) -> Target {
        .testTarget(
            name: name + "Tests", dependencies: [.init(stringLiteral: name), "TheriacTesting"] + more,
            swiftSettings: upcoming)
    }
}

func locateLibtorch() -> String {
    if let named = Context.environment["THERIAC_LIBTORCH"], !named.isEmpty { return named }
    let environment = Context.packageDirectory + "/.venv/lib"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: environment)) ?? []
    for version in versions.sorted() where version.hasPrefix("python3") {
        let folder = "\(environment)/\(version)/site-packages/torch"
        if FileManager.default.fileExists(atPath: folder + "/include/ATen/ATen.h") { return folder }
    }
    return environment + "/libtorch-not-found"
}
