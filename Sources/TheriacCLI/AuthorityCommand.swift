internal import ArgumentParser
internal import Foundation
internal import TheriacServer

/// Certificates for scripts that hard-code Perspective's host.
struct AuthorityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authority",
        abstract:
            "Make a local authority and a certificate for a host that scripts hard-code, and say how to redirect it.",
        discussion: """
            Some evaluation scripts call https://commentanalyzer.googleapis.com and cannot be told another address. Point that
            name at this machine, serve it with the certificate made here, and have the scripts trust the authority.

              theriac serve authority --output certificates
              theriac serve authority --host scores.example.org --output certificates

            The authority can vouch for this one name only, and its key is not kept: nobody can make a second certificate from it.
            """)

    @Option(help: ArgumentHelp("The name that scripts call.", valueName: "name"))
    var host = "commentanalyzer.googleapis.com"

    @Option(help: ArgumentHelp("A folder for the three files; made when it is not there.", valueName: "dir"))
    var output: String

    @Option(help: "How many days the certificates are good.")
    var days = 825

    func run() throws {
        let files = try LocalAuthority(host: host, days: days).write(to: URL(fileURLWithPath: output))
        let (authority, certificate, key) = (files.authority.path, files.certificate.path, files.key.path)
        try Terminal.out(
            """
            Made, good for \(days) days:
              \(authority)   clients trust this
              \(certificate)   the server's certificate
              \(key)   the server's private key; only you can read it

            1. Point the name at this machine. As root, add this line to /etc/hosts of each machine whose scripts call it:
                 127.0.0.1 \(host)
               (with this server's address in place of 127.0.0.1 on other machines). Remove it to go back.

            2. Serve under that name. Scripts call port 443, which only root may open; either forward it
                 sudo iptables -t nat -A OUTPUT -p tcp -d 127.0.0.1 --dport 443 -j REDIRECT --to-ports 8443
               or let the program open it: sudo setcap cap_net_bind_service=+ep "$(command -v theriac)", and port 443 below.
                 THERIAC_SERVE_TLS__CERTIFICATE=\(certificate) THERIAC_SERVE_TLS__KEY=\(key) theriac serve --port 8443

            3. Have the scripts trust the authority. What speaks through requests, httpx or Python's own TLS, curl, Node:
                 export REQUESTS_CA_BUNDLE=\(authority)
                 export SSL_CERT_FILE=\(authority)
                 export HTTPLIB2_CA_CERTS=\(authority)
                 export CURL_CA_BUNDLE=\(authority)
                 export NODE_EXTRA_CA_CERTS=\(authority)
               All but the last replace the usual authorities: set them for these scripts only, not for the whole session.

            Try it: curl --cacert \(authority) https://\(host)/health

            """)
    }
}
