internal import CTheriacTorch
internal import Foundation

/// The engine: libtorch, opened the first time a tensor is wanted.
public enum Torch {
    /// Opens libtorch now, for a message at a good moment instead of at the first tensor.
    ///
    /// - Throws: ``TensorError/engineMissing(_:)`` with what to do.
    public static func open() throws(TensorError) { _ = try api() }

    /// libtorch's version, for example `2.13.0`.
    public static func version() throws(TensorError) -> String {
        String(cString: try api().pointee.version())
    }

    /// Tensor handles alive in this process.
    public static func liveTensors() throws(TensorError) -> Int { Int(try api().pointee.live_tensors()) }

    /// Tensor handles this thread has made less those it has freed. What runs on other threads does not count, so a
    /// leak test may run beside others.
    public static func liveTensorsOfThread() throws(TensorError) -> Int {
        Int(try api().pointee.thread_tensors())
    }

    /// Threads one operation may use.
    public static func threads() throws(TensorError) -> Int { Int(try api().pointee.threads()) }

    public static func setThreads(_ count: Int) throws(TensorError) {
        let torch = try api()
        try check("set threads", torch.pointee.set_threads(Int32(clamping: count)), torch)
    }

    /// Threads that took part in a loop of the shim's own kernels, run for the purpose. Fewer than ``threads()`` where
    /// libtorch's runtime for threads is not the one that the kernels know.
    public static func loopThreads() throws(TensorError) -> Int { Int(try api().pointee.loop_threads()) }

    /// CUDA devices libtorch can use; 0 without CUDA.
    public static func cudaDevices() throws(TensorError) -> Int { Int(try api().pointee.cuda_devices()) }

    /// Waits until queued work on a GPU is done, for timing.
    public static func synchronize() throws(TensorError) { try api().pointee.synchronize() }

    /// The folder holding the shim library: beside the program, or where THERIAC_TORCH_SHIM says.
    // The table is a constant that lives as long as the process, so every thread may read the pointer.
    nonisolated(unsafe) static let opened: Result<UnsafePointer<tt_api>, TensorError> = {
        var problems: [String] = []
        for path in shimPaths() where FileManager.default.fileExists(atPath: path) {
            var message = [CChar](repeating: 0, count: 2048)
            if let table = tt_load(path, &message, message.count) { return .success(table) }
            let end = message.firstIndex(of: 0) ?? message.count
            problems.append(String(decoding: message[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        return .failure(.engineMissing(problems.first ?? "libTheriacTorch.so is not beside the program"))
    }()

    static func api() throws(TensorError) -> UnsafePointer<tt_api> { try opened.get() }

    static func check(_ op: StaticString, _ status: tt_status, _ torch: UnsafePointer<tt_api>)
        throws(TensorError)
    {
        guard status != TT_OK else { return }
        let message = String(cString: torch.pointee.last_error())
        let firstLine = message.split(separator: "\n").first.map(String.init) ?? message
        throw status == TT_OUT_OF_MEMORY
            ? .outOfMemory("\(op)") : .operationFailed(op: "\(op)", reason: firstLine)
    }

    private static func shimPaths() -> [String] {
        let name = "libTheriacTorch.so"
        var paths: [String] = []
        if let named = ProcessInfo.processInfo.environment["THERIAC_TORCH_SHIM"] { paths.append(named) }
        for program in [CommandLine.arguments.first, Bundle.main.executablePath, realExecutable()].compactMap(
            { $0 })
        {
            var folder = URL(fileURLWithPath: program).resolvingSymlinksInPath().deletingLastPathComponent()
            for _ in 0..<3 {
                paths.append(folder.appendingPathComponent(name).path)
                folder.deleteLastPathComponent()
            }
        }
        return paths
    }

    private static func realExecutable() -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }
}

extension Torch {
    /// Runs `body` without recording operations for gradients, on this thread.
    public static func withoutGradients<R>(_ body: () throws -> R) throws -> R {
        let torch = try api()
        let before = torch.pointee.set_grad_enabled(false)
        defer { _ = torch.pointee.set_grad_enabled(before) }
        return try body()
    }

    /// Runs `body` recording operations for gradients, on this thread.
    public static func withGradients<R>(_ body: () throws -> R) throws -> R {
        let torch = try api()
        let before = torch.pointee.set_grad_enabled(true)
        defer { _ = torch.pointee.set_grad_enabled(before) }
        return try body()
    }
}
