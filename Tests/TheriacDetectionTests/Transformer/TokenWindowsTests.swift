import Testing

@testable import TheriacDetection

@Suite struct TokenWindowsTests {
    @Test(arguments: 0..<60 as Range<Int>)
    func coverEveryTokenAndOverlap(seed: Int) {
        var random = TestRandom(seed: UInt64(seed))
        let room = Int.random(in: 2...40, using: &random)
        let overlap = Int.random(in: 0..<room, using: &random)
        let count = Int.random(in: 0...200, using: &random)
        let ranges = WindowCutter.ranges(count: count, room: room, overlap: overlap)
        #expect(Set(ranges.joined()) == Set(0..<count))
        #expect(ranges.allSatisfy { $0.count == min(room, count) })
        #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound - $1.lowerBound >= overlap })
        #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.lowerBound < $1.lowerBound })
    }

    @Test func lastWindowEndsWithTheText() {
        #expect(WindowCutter.ranges(count: 10, room: 4, overlap: 1) == [0..<4, 3..<7, 6..<10])
        #expect(WindowCutter.ranges(count: 11, room: 4, overlap: 1) == [0..<4, 3..<7, 6..<10, 7..<11])
        #expect(WindowCutter.ranges(count: 4, room: 4, overlap: 1) == [0..<4])
        #expect(WindowCutter.ranges(count: 0, room: 4, overlap: 1) == [])
    }

    @Test func thinningKeepsFirstAndLast() {
        var windows = TokenWindows(sequences: (0..<9).map { [$0] }, ranges: (0..<9).map { $0..<$0 + 1 })
        windows.thin(to: 3)
        #expect(windows.sequences == [[0], [4], [8]])
        windows.thin(to: 1)
        #expect(windows.sequences == [[0]])
    }

    @Test(arguments: 0..<20 as Range<Int>)
    func batchesHoldEverySequenceOnceWithinTheBudget(seed: Int) {
        var random = TestRandom(seed: UInt64(seed))
        let lengths = (0..<50).map { _ in Int.random(in: 1...30, using: &random) }
        let batches = lengthBatches(lengths, budget: 64)
        #expect(batches.joined().sorted() == Array(lengths.indices))
        #expect(batches.allSatisfy { $0.reduce(0) { $0 + lengths[$1] } <= 64 })
        let order = batches.joined().map { lengths[$0] }
        #expect(order == order.sorted())
        #expect(lengthBatches([100], budget: 64) == [[0]])
    }
}
