public import Testing
internal import TheriacTensors

/// Expects that `body` frees every tensor it makes.
///
/// Counts the tensors of the calling thread, so other tests may run meanwhile. The first call of `body` is not counted:
/// it may fill what is made once.
public func expectNoTensorLeaks(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) throws {
    try body()
    let before = try Torch.liveTensorsOfThread()
    try body()
    let left = try Torch.liveTensorsOfThread() - before
    if left != 0 { Issue.record("\(left) tensors stay alive", sourceLocation: sourceLocation) }
}
