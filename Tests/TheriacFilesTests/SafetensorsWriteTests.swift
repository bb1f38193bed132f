import Foundation
import Testing
import TheriacFiles
import TheriacTesting

@Suite struct SafetensorsWriteTests {
    private static let records = [
        SafetensorsRecord(name: "b", dtype: .uint8, shape: [3], bytes: Data([1, 2, 3])),
        SafetensorsRecord(name: "z", dtype: .float32, shape: [], bytes: Data([0, 0, 128, 63])),
        SafetensorsRecord(name: "a", dtype: .float32, shape: [2, 0], bytes: Data()),
        SafetensorsRecord(name: "q\"\n", dtype: .int64, shape: [1], bytes: Data(count: 8)),
    ]

    @Test func ordersPadsAndReadsBack() throws {
        let folder = try TemporaryFolder()
        let url = folder.url.appendingPathComponent("a.safetensors")
        try SafetensorsFile.write(Self.records, metadata: ["epoch": "3"], to: url)
        let bytes = try Data(contentsOf: url)
        let header = String(decoding: bytes[8..<(8 + Int(bytes[0]) + Int(bytes[1]) << 8)], as: UTF8.self)
        #expect(
            header.trimmingCharacters(in: .whitespaces) == """
                {"__metadata__":{"epoch":"3","format":"pt"},\
                "q\\"\\u000a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},\
                "a":{"dtype":"F32","shape":[2,0],"data_offsets":[8,8]},\
                "z":{"dtype":"F32","shape":[],"data_offsets":[8,12]},\
                "b":{"dtype":"U8","shape":[3],"data_offsets":[12,15]}}
                """)
        #expect(header.utf8.count % 8 == 0)
        let file = try SafetensorsFile(contentsOf: url)
        #expect(file.metadata == ["epoch": "3", "format": "pt"])
        for record in Self.records {
            #expect(file.tensors[record.name]?.shape == record.shape)
            #expect(try file.withBytes(of: record.name) { Data($0) } == record.bytes)
        }
    }

    @Test func givesTheSameBytesWhateverTheOrder() throws {
        let folder = try TemporaryFolder()
        let first = folder.url.appendingPathComponent("1")
        let second = folder.url.appendingPathComponent("2")
        try SafetensorsFile.write(Self.records, metadata: ["x": "1", "y": "2"], to: first)
        try SafetensorsFile.write(Self.records.reversed(), metadata: ["y": "2", "x": "1"], to: second)
        #expect(try Data(contentsOf: first) == Data(contentsOf: second))
    }

    @Test func writesAnEmptyFile() throws {
        let folder = try TemporaryFolder()
        let url = folder.url.appendingPathComponent("a.safetensors")
        try SafetensorsFile.write([], metadata: [:], to: url)
        #expect(try SafetensorsFile(contentsOf: url).tensors.isEmpty)
    }

    @Test func refusesWhatCannotBeReadBack() throws {
        let folder = try TemporaryFolder()
        let url = folder.url.appendingPathComponent("a.safetensors")
        let short = SafetensorsRecord(name: "a", dtype: .float32, shape: [2], bytes: Data(count: 7))
        let reserved = SafetensorsRecord(name: "__metadata__", dtype: .uint8, shape: [0], bytes: Data())
        for records in [[short], [reserved], [Self.records[0], Self.records[0]]] {
            #expect(throws: FileError.self) { try SafetensorsFile.write(records, metadata: [:], to: url) }
        }
        #expect(try folder.names() == [])
    }
}
