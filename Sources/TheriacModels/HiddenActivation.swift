internal import TheriacOptions
internal import TheriacTensors

/// What `config.json` calls the function between the feed-forward products.
enum HiddenActivation: String, OptionReadable, CaseIterable {
    case gelu, relu, silu, swish, tanh
    case geluNew = "gelu_new"
    case geluTanh = "gelu_pytorch_tanh"
    case geluFast = "gelu_fast"

    var function: Activation {
        switch self {
        case .gelu: .gelu
        case .geluNew, .geluTanh, .geluFast: .geluTanh
        case .relu: .relu
        case .silu, .swish: .silu
        case .tanh: .tanh
        }
    }
}
