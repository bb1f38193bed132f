internal import TheriacTensors

/// What a model is for, as `task_type` in `adapter_config.json` says it.
public enum AdapterTask: String, Sendable {
    case causalLanguageModel = "CAUSAL_LM"
    case sequenceClassification = "SEQ_CLS"
}

/// A model that adapters can be attached to.
public protocol AdapterHost: AnyObject {
    /// Linear layers that adapters may change, by their path in the Hugging Face class.
    var linears: [(path: String, layer: Linear)] { get }
    /// Linear layers an adapter changes when it is not told which, by the ends of their paths.
    var adapterTargets: [String] { get }
    /// The checkpoint stores its linear layers as `[in, out]`.
    var storesLinearsTransposed: Bool { get }
    var adapterTask: AdapterTask { get }
    /// Modules that are trained whole and saved with an adapter, by the ends of their paths, when it is not told which.
    var savedModules: [String] { get }
    /// Weights that ``savedModules`` may name: those of a head.
    var savableParameters: [Parameter] { get }
}

extension AdapterHost {
    public var savedModules: [String] { [] }
    public var savableParameters: [Parameter] { [] }
}

extension Architecture {
    public var adapterTargets: [String] { Self.adapterTargets }
    public var storesLinearsTransposed: Bool { Self.storesLinearsTransposed }
    public var adapterTask: AdapterTask { .causalLanguageModel }
}

/// PEFT's rules for `modules_to_save`.
///
/// Source: `_set_trainable` and `check_target_module_exists` of peft 0.21.
struct SavedModules {
    let names: [String]

    /// Those of `parameters` that belong to a module whose path ends in one of the names.
    func parameters(of host: any AdapterHost) -> [Parameter] {
        host.savableParameters.filter { parameter in
            modules(of: parameter.name).contains { module in names.contains { module.hasSuffix($0) } }
        }
    }

    /// Whether a layer belongs to such a module, and so gets no addition.
    func contain(_ path: String) -> Bool {
        let segments = path.split(separator: ".")
        return names.contains { name in
            let wanted = name.split(separator: ".")
            guard !wanted.isEmpty, wanted.count <= segments.count else { return false }
            return (0...segments.count - wanted.count).contains {
                segments[$0..<$0 + wanted.count].elementsEqual(wanted)
            }
        }
    }

    /// `a.b.weight` → `a`, `a.b`.
    private func modules(of name: String) -> [String] {
        let segments = name.split(separator: ".").map(String.init)
        return (1..<max(segments.count, 1)).map { segments[..<$0].joined(separator: ".") }
    }
}
