import Testing
import TheriacTesting

@testable import TheriacTensors

@Suite struct ShimBorderTests {
    @Test func tellsItsVersion() throws {
        #expect(try Torch.version().first?.isNumber == true)
    }

    #if os(Linux)
    @Test func itsOwnLoopsUseLibtorchsThreads() throws {
        #expect(try Torch.loopThreads() == Torch.threads())
    }
    #endif

    @Test func namesTheOperationAndTheReasonOfARefusal() throws {
        let a = try Tensor([Float](repeating: 1, count: 6), shape: [2, 3])
        let error = #expect(throws: TensorError.self) { _ = try a.matmul(a) }
        #expect(
            error?.description
                == "matmul failed: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)")
    }

    @Test func refusesBytesThatDoNotFillTheShape() {
        let error = #expect(throws: TensorError.self) {
            _ = try Tensor([Float](repeating: 0, count: 5), shape: [2, 3])
        }
        #expect(error?.description == "from values failed: shape needs 24 bytes, got 20")
    }

    @Test func reportsMemoryThatCannotBeHad() {
        // 2^62 bytes: more than any machine has.
        let error = #expect(throws: TensorError.self) { _ = try Tensor.zeros([1 << 30, 1 << 30]) }
        #expect(
            error?.description.hasSuffix("Use a smaller batch, or a smaller model.") == true,
            "\(String(describing: error))")
        #expect(error == .outOfMemory("full"))
    }

    @Test func saysHowToGetAMissingEngine() {
        #expect(
            TensorError.engineMissing("libTheriacTorch.so is not beside the program").description
                == "libtorch could not be opened: libTheriacTorch.so is not beside the program. Run `make setup && make "
                + "build`, or set THERIAC_TORCH_SHIM to the path of libTheriacTorch.so.")
    }

    @Test(arguments: ["gpu", "cuda:-1", "cuda:x", "cuda:99", ""])
    func refusesDevicesThatAreNotThere(name: String) {
        let error = #expect(throws: TensorError.self) { _ = try Device(named: name) }
        #expect(
            error?.description
                == "There is no device '\(name)'. Known: cpu, cuda, cuda:0, cuda:1, … where libtorch has CUDA."
        )
    }

    @Test func freesEveryHandle() throws {
        try expectNoTensorLeaks {
            let a = try Tensor([Float](repeating: 1, count: 6), shape: [2, 3])
            _ = try a.top(2)
            _ = try? a.matmul(a)
            _ = try (a + a).sum().item()
            _ = try Tensor.concatenate([a, a], dimension: 0).floats()
            try a.setRequiresGradient()
            let loss = try (a * a).sum()
            try loss.backward()
            _ = try a.gradient()?.floats()
        }
    }

    @Test func countsHandlesOfAThread() throws {
        let before = try Torch.liveTensorsOfThread()
        var held: [Tensor] = []
        for _ in 0..<3 { held.append(try .zeros([2])) }
        #expect(try Torch.liveTensorsOfThread() == before + 3)
        #expect(try Torch.liveTensors() >= 3)
        held = []
        #expect(try Torch.liveTensorsOfThread() == before)
    }

    @Test func keepsTheNumberOfThreadsItIsGiven() throws {
        let before = try Torch.threads()
        #expect(before >= 1)
        #expect(throws: TensorError.self) { try Torch.setThreads(0) }
        #expect(try Torch.threads() == before)
    }

    @Test func switchesGradientsOffForAScopeOnly() throws {
        let a = try Tensor([Float(1), 2], shape: [2])
        try a.setRequiresGradient()
        let inside = try Torch.withoutGradients { try (a * 2).requiresGradient }
        #expect(!inside)
        #expect(try (a * 2).requiresGradient)
        struct Stop: Error {}
        #expect(throws: Stop.self) { try Torch.withoutGradients { throw Stop() } }
        #expect(try (a * 2).requiresGradient)
    }
}
