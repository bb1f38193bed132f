/// What can go wrong below the models.
public enum TensorError: Error, Equatable, CustomStringConvertible {
    /// libtorch or the library that wraps it could not be opened.
    case engineMissing(String)
    case outOfMemory(String)
    /// libtorch refused an operation; shapes that do not fit are the usual reason.
    case operationFailed(op: String, reason: String)
    case noSuchDevice(String)

    public var description: String {
        switch self {
        case .engineMissing(let why):
            "libtorch could not be opened: \(why). Run `make setup && make build`, or set THERIAC_TORCH_SHIM to "
                + "the path of libTheriacTorch.so."
        case .outOfMemory(let op):
            "Out of memory in \(op). Use a smaller batch, or a smaller model."
        case .operationFailed(let op, let reason):
            "\(op) failed: \(reason)"
        case .noSuchDevice(let name):
            "There is no device '\(name)'. Known: cpu, cuda, cuda:0, cuda:1, … where libtorch has CUDA."
        }
    }
}
