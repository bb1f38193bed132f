internal import COpenSSL
public import Foundation

/// Makes a certificate authority of this machine's own, and a server's certificate from it, for scripts that hard-code
/// the old Google host and cannot be told another address.
///
/// The authority's certificate may vouch for the host's name and no other (name constraints, RFC 5280 §4.2.1.10), and
/// its key is thrown away after it has signed the one certificate: who trusts it trusts nothing else, now or later.
public struct LocalAuthority: Sendable {
    /// The files that were made.
    public struct Files: Sendable, Equatable {
        /// What clients trust.
        public var authority: URL
        /// `tls.certificate`: the server's certificate, then the authority's.
        public var certificate: URL
        /// `tls.key`, readable by its owner only.
        public var key: URL
    }

    /// What is wrong with a request for certificates.
    public enum Problem: Error, Equatable, CustomStringConvertible {
        case host(String)
        case days(Int)
        case exists(String)
        case unwritable(String)
        /// libcrypto refused; the step says which.
        case failed(step: String)

        public var description: String {
            switch self {
            case .host(let host):
                "'\(host)' is no host name such as commentanalyzer.googleapis.com."
            case .days(let days): "A certificate that is good for \(days) days cannot be made; 1 to 3650 can."
            case .exists(let path):
                "'\(path)' exists already. Clients that trust the earlier authority would not trust a new one: name "
                    + "another folder, or remove the old files."
            case .unwritable(let path): "'\(path)' cannot be written. Name a folder that you may write to."
            case .failed(let step): "The certificates could not be made: OpenSSL refused to \(step)."
            }
        }
    }

    public var host: String
    /// How long both certificates are good.
    public var days: Int

    public init(host: String, days: Int = 825) {
        self.host = host.lowercased()
        self.days = days
    }

    /// Makes `authority.pem`, `server.pem` and `server.key` in `folder`, which is made when it is not there.
    ///
    /// - Throws: ``Problem``.
    public func write(to folder: URL) throws -> Files {
        guard Self.isName(host) else { throw Problem.host(host) }
        guard (1...3650).contains(days) else { throw Problem.days(days) }
        let files = Files(
            authority: folder.appendingPathComponent("authority.pem"),
            certificate: folder.appendingPathComponent("server.pem"),
            key: folder.appendingPathComponent("server.key"))
        for file in [files.authority, files.certificate, files.key]
        where FileManager.default.fileExists(atPath: file.path) {
            throw Problem.exists(file.path)
        }
        let made = try certificates()
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Problem.unwritable(folder.path)
        }
        try Self.write(made.key, to: files.key, mode: 0o600)
        try Self.write(made.server + made.authority, to: files.certificate, mode: 0o644)
        try Self.write(made.authority, to: files.authority, mode: 0o644)
        return files
    }

    // MARK: Certificates

    private func certificates() throws -> (authority: String, server: String, key: String) {
        let (authorityKey, serverKey) = (try PrivateKey(), try PrivateKey())
        let seconds = days * 86_400
        let authority = try IssuedCertificate(
            of: authorityKey, name: "Theriac's local authority for \(host)", seconds: seconds, issuer: nil,
            signedBy: authorityKey,
            extensions: [
                (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
                (NID_key_usage, "critical,keyCertSign"),
                (NID_name_constraints, "critical,permitted;DNS:\(host)"),
                (NID_subject_key_identifier, "hash"),
            ])
        let server = try IssuedCertificate(
            of: serverKey, name: host, seconds: seconds, issuer: authority, signedBy: authorityKey,
            extensions: [
                (NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature"),
                (NID_ext_key_usage, "serverAuth"), (NID_subject_alt_name, "DNS:\(host)"),
                (NID_subject_key_identifier, "hash"), (NID_authority_key_identifier, "keyid"),
            ])
        return (try authority.pem, try server.pem, try serverKey.pem)
    }

    /// Labels of letters, digits and dashes, joined by dots.
    private static func isName(_ host: String) -> Bool {
        host.utf8.count <= 253 && host.contains(".")
            && host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
            }
    }

    /// Makes the file with its permissions from the first byte on.
    private static func write(_ text: String, to file: URL, mode: Int) throws {
        guard
            FileManager.default.createFile(
                atPath: file.path, contents: nil, attributes: [.posixPermissions: mode]),
            let handle = try? FileHandle(forWritingTo: file)
        else { throw Problem.unwritable(file.path) }
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }
}
