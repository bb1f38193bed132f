public import Foundation
import Synchronization

/// Files and folders that appear whole or not at all: written under a temporary name beside their place,
/// flushed to the disk, and renamed. A process killed at any moment leaves the old content, or the new.
public enum AtomicFile {
    /// Writes `data` to `url`, replacing what is there.
    public static func write(_ data: Data, to url: URL) throws {
        try write(to: url) { file in
            try data.withUnsafeBytes { try file.write($0) }
        }
    }

    /// Writes what `body` hands to the open file to `url`, replacing what is there, without holding it all in
    /// memory. When `body` throws, `url` is untouched.
    public static func write(to url: URL, _ body: (OutputFile) throws -> Void) throws {
        let temporary = temporaryName(beside: url)
        do {
            let file = try OutputFile(creating: temporary, named: url.path)
            try body(file)
            try file.flush()
            guard rename(temporary, url.path) == 0 else { throw FileError.writing(url.path, code: errno) }
        } catch {
            unlink(temporary)
            throw error
        }
        flushFolder(url.deletingLastPathComponent().path)
    }

    /// Makes the folder `url` anew: `body` fills a temporary folder beside it, which then takes its place. A
    /// folder that was there before is exchanged in one step and then removed. When `body` throws, `url` is
    /// untouched.
    public static func replaceFolder(at url: URL, _ body: (URL) throws -> Void) throws {
        let temporary = URL(fileURLWithPath: temporaryName(beside: url), isDirectory: true)
        do {
            guard mkdir(temporary.path, 0o777) == 0 else { throw FileError.writing(url.path, code: errno) }
            try body(temporary)
            flushTree(temporary)
            try exchange(temporary, with: url)
        } catch {
            try? FileManager.default.removeItem(at: temporary)
            throw error
        }
        flushFolder(url.deletingLastPathComponent().path)
    }

    /// Puts `temporary` in the place of `url` and removes what was there: in one step where the system
    /// offers to exchange two names, else in two, with the old folder set aside between them.
    private static func exchange(_ temporary: URL, with url: URL) throws {
        if rename(temporary.path, url.path) == 0 { return }  // nothing there, or an empty folder
        guard errno == ENOTEMPTY || errno == EEXIST else { throw FileError.writing(url.path, code: errno) }
        if exchangeNames(temporary.path, url.path) {
            try? FileManager.default.removeItem(at: temporary)
            return
        }
        let aside = temporaryName(beside: url)
        guard rename(url.path, aside) == 0, rename(temporary.path, url.path) == 0 else {
            throw FileError.writing(url.path, code: errno)
        }
        try? FileManager.default.removeItem(atPath: aside)
    }

    /// Linux's `renameat2` with `RENAME_EXCHANGE`, which Swift's C library module leaves out. False when
    /// there is no such call here, or the file system refuses.
    private static func exchangeNames(_ first: String, _ second: String) -> Bool {
        typealias Rename =
            @convention(c) (
                Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
            ) -> Int32
        guard let symbol = dlsym(nil, "renameat2") else { return false }
        let exchange: UInt32 = 2
        return unsafeBitCast(symbol, to: Rename.self)(AT_FDCWD, first, AT_FDCWD, second, exchange) == 0
    }

    private static let serial = Atomic<Int>(0)

    private static func temporaryName(beside url: URL) -> String {
        let number = serial.wrappingAdd(1, ordering: .relaxed).newValue
        let name = ".\(url.lastPathComponent).\(getpid())-\(number).partial"
        return url.deletingLastPathComponent().appendingPathComponent(name).path
    }

    private static func flushTree(_ folder: URL) {
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        for case let file as URL in files ?? FileManager.DirectoryEnumerator() { flushFolder(file.path) }
        flushFolder(folder.path)
    }

    /// Asks the disk to keep the names in a folder (or a file's bytes). Some file systems cannot; that is
    /// no error.
    private static func flushFolder(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
