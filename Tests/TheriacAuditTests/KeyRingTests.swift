import Foundation
import GRDB
import Testing
import TheriacTesting

@testable import TheriacAudit

@Suite struct KeyRingTests {
    private let folder: TemporaryFolder
    private let store: AuditStore

    init() throws {
        folder = try TemporaryFolder()
        store = try AuditStore(at: folder.file("store.sqlite"))
    }

    @Test func knowsItsKeysAndNoOthers() throws {
        #expect(try store.keyRing().isEmpty)
        let first = try store.createKey(label: "first", perMinute: 150)
        let second = try store.createKey(label: "second")
        let ring = try store.keyRing()
        #expect(ring.key(for: first.secret) == first.key && ring.key(for: second.secret) == second.key)
        for wrong in [
            "", "first", String(first.secret.dropLast()), first.secret + " ", first.secret.uppercased(),
        ] {
            #expect(ring.key(for: wrong) == nil)
        }
        #expect(try store.keys() == [first.key, second.key])
    }

    @Test func secretsAreLongAndDifferent() {
        let secrets = (0..<100).map { _ in ServiceKey.makeSecret() }
        #expect(Set(secrets).count == 100)
        #expect(secrets.allSatisfy { $0.wholeMatch(of: /theriac_[A-Za-z0-9_-]{43}/) != nil })
    }

    @Test func theStoreHasNoSecret() throws {
        let made = try store.createKey(label: "one")
        try store.close()
        for name in try folder.names() {
            let bytes = try Data(contentsOf: folder.file(name))
            #expect(bytes.range(of: Data(made.secret.utf8)) == nil)
        }
    }

    @Test func aDisabledKeyIsUnknown() throws {
        let made = try store.createKey(label: "one")
        #expect(try store.keyRing().key(for: made.secret) != nil)
        try store.setKey(made.key.id, disabled: true)
        #expect(try store.keyRing().key(for: made.secret) == nil)
        // Nobody is let in unasked because the last key was disabled.
        #expect(try !store.keyRing().isEmpty && store.keyRing().count == 0)
        // A label is free again once its key is disabled.
        _ = try store.createKey(label: "one")
        #expect(throws: AuditError.unknownRows(what: "key", ids: [9])) { try store.setKey(9, disabled: true) }
    }

    @Test func anotherProgramsChangeIsSeen() throws {
        let made = try store.createKey(label: "one")
        #expect(try store.keyRing().key(for: made.secret) != nil)
        let other = try AuditStore(at: store.url)
        try other.setKey(made.key.id, disabled: true)
        #expect(try store.keyRing(maximumAge: .seconds(60)).key(for: made.secret) != nil)
        #expect(try store.keyRing(maximumAge: .zero).key(for: made.secret) == nil)
    }

    @Test func refusesKeysThatMakeNoSense() throws {
        _ = try store.createKey(label: "one")
        for (label, quota) in [("", nil), ("one", nil), ("two", 0), ("two", -1)] {
            #expect(throws: AuditError.self) { try store.createKey(label: label, perMinute: quota) }
        }
    }

    @Test func comparesToTheEnd() {
        #expect(isEqualInConstantTime([1, 2, 3], [1, 2, 3]) && isEqualInConstantTime([], []))
        for place in 0..<3 {
            var other: [UInt8] = [1, 2, 3]
            other[place] ^= 0x80
            #expect(!isEqualInConstantTime([1, 2, 3], other))
        }
        #expect(!isEqualInConstantTime([1, 2, 3], [1, 2]))
    }
}
