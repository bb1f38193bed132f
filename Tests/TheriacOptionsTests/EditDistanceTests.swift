import Testing

@testable import TheriacOptions

@Suite struct EditDistanceTests {
    static let cases: [(String, String, Int)] = [
        ("", "", 0), ("", "abc", 3), ("alpha", "alpha", 0), ("alhpa", "alpha", 1), ("kitten", "sitting", 3),
        ("ca", "abc", 3),
    ]

    @Test(arguments: cases)
    func countsChanges(first: String, second: String, distance: Int) {
        #expect(editDistance(first, second) == distance)
        #expect(editDistance(second, first) == distance)
    }

    @Test func proposesOnlyWhatIsNear() {
        #expect(nearestName(to: "alhpa", among: ["alpha", "beta"]) == "alpha")
        #expect(nearestName(to: "x", among: ["y"]) == nil)
        #expect(nearestName(to: "temprature", among: ["top-k", "temperature"]) == "temperature")
        #expect(nearestName(to: "gamma", among: ["alpha", "beta"]) == nil)
        #expect(nearestName(to: "a", among: []) == nil)
    }
}
