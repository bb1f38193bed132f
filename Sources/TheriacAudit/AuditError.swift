import GRDB

/// What can be wrong with the store and with what is given to it. No message holds a text, a key or a community.
public enum AuditError: Error, Equatable, CustomStringConvertible {
    /// There is no store at the path.
    case noStore(String)
    /// The file is there and is no store, or is damaged.
    case notAStore(String, reason: String)
    /// A newer program has written the store.
    case newerSchema(String)
    /// The database refused.
    case database(String, reason: String)
    /// More writes wait than the queue holds: try again later.
    case busy(waiting: Int)
    /// The store was closed.
    case closed
    /// Feedback, a key or a review that cannot be stored as it is.
    case invalid(what: String, reason: String)
    /// Rows that are not there.
    case unknownRows(what: String, ids: [Int64])
    /// A file of keys that cannot be used; line 0 means the whole file.
    case keyFile(String, line: Int, reason: String)

    public var description: String {
        switch self {
        case .noStore(let path):
            "There is no store at '\(path)'. Name the server's with --store or THERIAC_STORE; `theriac keys create` "
                + "makes a new one."
        case .notAStore(let path, let reason):
            "'\(path)' cannot be used as a store: \(reason). Name another file, or restore it from a copy."
        case .newerSchema(let path):
            "The store '\(path)' was written by a newer version of this program. Use that version."
        case .database(let path, let reason):
            "The store '\(path)' refused: \(reason)."
        case .busy(let waiting):
            "The store has \(waiting) writes waiting, which is all its queue holds. Try again in a moment."
        case .closed:
            "The store is closed."
        case .invalid(let what, let reason):
            "The \(what) cannot be stored: \(reason)."
        case .unknownRows(let what, let ids):
            "There is no \(what) with the number \(ids.prefix(10).map(String.init).joined(separator: ", "))"
                + (ids.count > 10 ? " and \(ids.count - 10) more." : ".")
        case .keyFile(let file, let line, let reason):
            "The keys in '\(file)' cannot be used\(line > 0 ? " (line \(line))" : ""): \(reason). 'theriac serve "
                + "--new-key NAME' makes a key and its line."
        }
    }

    /// The database's error as one of ours, with what to do about it.
    init(_ error: any Error, path: String) {
        if let ours = error as? AuditError {
            self = ours
            return
        }
        guard let error = error as? DatabaseError else {
            self = .database(path, reason: "an unexpected error of the kind \(type(of: error))")
            return
        }
        switch error.resultCode {
        case .SQLITE_NOTADB: self = .notAStore(path, reason: "it is not an SQLite database")
        case .SQLITE_CORRUPT: self = .notAStore(path, reason: "it is damaged")
        case .SQLITE_CANTOPEN: self = .notAStore(path, reason: "it cannot be opened; does its folder exist?")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self = .database(path, reason: "another program is writing to it; try again")
        case .SQLITE_FULL: self = .database(path, reason: "the disk is full")
        case .SQLITE_READONLY, .SQLITE_PERM: self = .database(path, reason: "it may not be written to")
        case .SQLITE_IOERR: self = .database(path, reason: "the disk reports an error")
        default: self = .database(path, reason: "SQLite error \(error.extendedResultCode.rawValue)")
        }
    }
}
