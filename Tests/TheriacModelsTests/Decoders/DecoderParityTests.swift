import Foundation
import Testing
import TheriacFiles
import TheriacOptions
import TheriacTensors
import TheriacTesting

@testable import TheriacModels

/// What transformers computes on checkpoints of a family, as `Tests/Parity/decoder_parity.py` writes it.
private struct DecoderReference {
    struct Model: Decodable {
        struct Case: Decodable {
            var name: String
            var inputIDs: [Int32]
            var greedy: [Int32]
            /// Between the two largest logits of each greedy step.
            var gaps: [Double]
            enum CodingKeys: String, CodingKey {
                case name, greedy, gaps
                case inputIDs = "input_ids"
            }
        }
        var name: String
        var cases: [Case]
        var hasAdapter: Bool
        enum CodingKeys: String, CodingKey {
            case name, cases
            case hasAdapter = "has_adapter"
        }
    }

    let folder: TemporaryFolder
    let models: [Model]

    init(_ families: [String]) throws {
        struct Report: Decodable { var models: [Model] }
        folder = try TemporaryFolder()
        let output = try PythonReference.run(
            "decoder_parity.py", ["--output", folder.url.path, "--family"] + families)
        models = try JSONDecoder().decode(Report.self, from: output).models
    }

    func open(_ model: Model, precision: DType = .float32) throws -> any Architecture {
        var files = try CheckpointFolder(folder.file(model.name))
        let architecture = try Architectures.named(files.modelType())
        let store = try files.store(prefix: architecture.headPrefix, precision: precision, device: .cpu)
        return try architecture.init(&files.fields, store)
    }

    func logits(_ model: Model) throws -> SafetensorsFile {
        try SafetensorsFile(contentsOf: folder.file("\(model.name).safetensors"))
    }
}

/// How far logits are from others.
private struct Spread: CustomStringConvertible {
    private var squares = 0.0
    private var count = 0
    private(set) var largest = 0.0

    mutating func add(_ found: [Float], _ expected: [Float]) {
        largest = max(largest, largestDifference(found, expected))
        squares += zip(found, expected).reduce(0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
        count += found.count
    }

    /// Root of the mean square.
    var mean: Double { (squares / Double(max(count, 1))).squareRoot() }
    var description: String { "\(mean), at most \(largest)" }
}

@Suite(.tags(.parity), .enabled(if: PythonReference.isPresent, PythonReference.reason))
struct DecoderParityTests {
    static let families = ["llama", "mistral", "qwen2", "qwen3", "gemma2", "gemma3_text", "gemma3", "phi3"]

    @Test func agreesWithTransformers() throws {
        let reference = try DecoderReference(Self.families)
        #expect(reference.models.count > 2 * Self.families.count)
        for model in reference.models {
            let stored = try reference.logits(model)
            let exact = try reference.open(model)
            let rounded = try reference.open(model, precision: .bfloat16)
            var largest = 0.0
            var (ours, theirs) = (Spread(), Spread())
            for example in model.cases {
                let expected = try stored.floats("\(example.name).logits")
                let found = try plainLogits(exact, example.inputIDs)
                largest = max(largest, largestDifference(found, expected))
                expectClose(
                    found, expected, absolute: 1e-4, relative: 0, "\(model.name), \(example.name)")
                theirs.add(try stored.floats("\(example.name).bf16"), expected)
                ours.add(try plainLogits(rounded, example.inputIDs), expected)
            }
            showMeasured(
                "\(model.name): largest logit difference \(largest) in fp32; bf16 to fp32 \(ours), in transformers "
                    + "\(theirs)")
            // Both round to 8 bits, here less often: norms, rotations and scores are kept in float32.
            #expect(ours.mean <= 1.25 * theirs.mean, "\(model.name)")
            #expect(ours.largest <= 0.25, "\(model.name)")
            let count = model.cases[0].greedy.count
            let greedy = try CachedReading.greedy(exact, after: model.cases.map(\.inputIDs), count: count)
            for (example, found) in zip(model.cases, greedy) {
                // Where the two largest logits are nearer than twice the tolerance, either is right.
                let sure = example.gaps.prefix { $0 > 2e-4 }.count
                #expect(
                    found.prefix(sure) == example.greedy.prefix(sure), "\(model.name), \(example.name)")
            }
            if model.hasAdapter { try compareAdapter(reference, model, exact, stored) }
        }
    }

    /// An adapter of peft over peft's default layers of the family.
    private func compareAdapter(
        _ reference: DecoderReference, _ model: DecoderReference.Model, _ base: any Architecture,
        _ stored: SafetensorsFile
    ) throws {
        let adapter = try LoRAAdapter(on: base, folder: reference.folder.file("\(model.name).adapter"))
        let fresh = try LoRAAdapter(on: reference.open(model), settings: LoRASettings(), seed: 1)
        #expect(adapter.layers.map(\.path) == fresh.layers.map(\.path), "\(model.name)")
        let ids = try #require(model.cases.first { $0.name == "some" }).inputIDs
        let expected = try stored.floats("adapter.logits")
        #expect(largestDifference(try stored.floats("some.logits"), expected) > 0.1)
        try expectClose(
            plainLogits(base, ids), expected, absolute: 1e-4, relative: 0, "\(model.name), adapter")
        try adapter.merge()
        try expectClose(
            plainLogits(base, ids), expected, absolute: 1e-4, relative: 0, "\(model.name), merged")
    }

    private func plainLogits(_ model: any Architecture, _ ids: [Int32]) throws -> [Float] {
        try Torch.withoutGradients { try model.logits(of: [ids]).floats() }
    }
}
