internal import COpenSSL
internal import Foundation

/// A private key on the curve P-256, owned by this value.
final class PrivateKey {
    let pointer: OpaquePointer

    /// - Throws: ``LocalAuthority/Problem/failed(step:)``.
    init() throws {
        let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var made: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_group_name(context, "P-256") == 1,
            EVP_PKEY_keygen(context, &made) == 1, let made
        else { throw LocalAuthority.Problem.failed(step: "make a key") }
        pointer = made
    }

    deinit { EVP_PKEY_free(pointer) }

    /// PKCS #8, not encrypted.
    var pem: String {
        get throws {
            try PEMText.written { PEM_write_bio_PKCS8PrivateKey($0, pointer, nil, nil, 0, nil, nil) }
        }
    }
}

/// An X.509 certificate of version 3, owned by this value.
final class IssuedCertificate {
    let pointer: OpaquePointer

    /// - Parameters:
    ///   - name: the subject's common name.
    ///   - seconds: how long it is good from now on. It begins an hour ago, for clients whose clock is behind.
    ///   - issuer: nil for a certificate that signs itself.
    ///   - extensions: by OpenSSL's numbers, in the words of its configuration files.
    /// - Throws: ``LocalAuthority/Problem/failed(step:)``.
    init(
        of key: PrivateKey, name: String, seconds: Int, issuer: IssuedCertificate?,
        signedBy signer: PrivateKey,
        extensions: [(number: Int32, words: String)]
    ) throws {
        func done(_ isGood: Bool, _ step: String) throws {
            guard isGood else { throw LocalAuthority.Problem.failed(step: step) }
        }
        guard let made = X509_new() else { throw LocalAuthority.Problem.failed(step: "make a certificate") }
        pointer = made
        let serial = UInt64.random(in: 1 ... .max >> 1)
        try done(X509_set_version(made, 2) == 1, "set a version")
        try done(ASN1_INTEGER_set_uint64(X509_get_serialNumber(made), serial) == 1, "set a number")
        try done(X509_gmtime_adj(X509_getm_notBefore(made), -3600) != nil, "set a time")
        try done(X509_gmtime_adj(X509_getm_notAfter(made), seconds) != nil, "set a time")
        try done(X509_set_pubkey(made, key.pointer) == 1, "set a public key")
        let subject = X509_get_subject_name(made)
        let common = String(name.prefix(64))
        // 0x1000: the bytes are UTF-8.
        try done(X509_NAME_add_entry_by_txt(subject, "CN", 0x1000, common, -1, -1, 0) == 1, "set a name")
        let issuerName = issuer.map { X509_get_subject_name($0.pointer) } ?? subject
        try done(X509_set_issuer_name(made, issuerName) == 1, "set an issuer")
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer?.pointer ?? made, made, nil, nil, 0)
        for (number, words) in extensions {
            let one = X509V3_EXT_conf_nid(nil, &context, number, words)
            defer { X509_EXTENSION_free(one) }
            try done(one != nil && X509_add_ext(made, one, -1) == 1, "add '\(words)'")
        }
        try done(X509_sign(made, signer.pointer, EVP_sha256()) > 0, "sign")
    }

    deinit { X509_free(pointer) }

    var pem: String {
        get throws { try PEMText.written { PEM_write_bio_X509($0, pointer) } }
    }
}

private enum PEMText {
    /// What `write` puts into a memory file of libcrypto.
    static func written(_ write: (OpaquePointer) -> Int32) throws -> String {
        guard let memory = BIO_new(BIO_s_mem()) else {
            throw LocalAuthority.Problem.failed(step: "write PEM")
        }
        defer { BIO_free(memory) }
        guard write(memory) == 1 else { throw LocalAuthority.Problem.failed(step: "write PEM") }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = BIO_read(memory, &bytes, Int32(bytes.count))
        guard count > 0 else { throw LocalAuthority.Problem.failed(step: "write PEM") }
        return String(decoding: bytes[..<Int(count)], as: UTF8.self)
    }
}
