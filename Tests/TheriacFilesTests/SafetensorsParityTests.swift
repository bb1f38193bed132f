import Foundation
import Testing
import TheriacFiles
import TheriacTesting

@Suite(.tags(.parity), .enabled(if: PythonReference.isPresent, PythonReference.reason))
struct SafetensorsParityTests {
    /// Python writes, we read and write anew, Python reads.
    @Test func exchangesFilesBothWays() throws {
        let folder = try TemporaryFolder()
        let theirs = folder.url.appendingPathComponent("theirs.safetensors")
        let ours = folder.url.appendingPathComponent("ours.safetensors")
        _ = try PythonReference.run("safetensors_parity.py", ["write", theirs.path])

        let file = try SafetensorsFile(contentsOf: theirs)
        #expect(file.tensors["f32"]?.shape == [2, 3])
        #expect(try file.withBytes(of: "u8") { Array($0) } == [1, 2, 255])
        #expect(try file.withBytes(of: "scalar") { $0.loadUnaligned(as: Float.self) } == 2.5)
        let records = try file.tensors.map { name, entry in
            SafetensorsRecord(
                name: name, dtype: entry.dtype, shape: entry.shape,
                bytes: try file.withBytes(of: name) { Data($0) })
        }
        try SafetensorsFile.write(records, metadata: file.metadata, to: ours)
        _ = try PythonReference.run("safetensors_parity.py", ["check", ours.path])
    }
}
