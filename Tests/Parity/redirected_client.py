"""Calls the old Google host as scripts do that hard-code it, while its name and port lead to a server here.

usage: redirected_client.py HOST PORT AUTHORITY
Prints one JSON object: what each client got. Redirecting is done in this process (a hosts file would do it elsewhere).
"""

import json
import os
import socket
import ssl
import sys

host, port, authority = sys.argv[1], int(sys.argv[2]), sys.argv[3]
for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "HTTPLIB2_CA_CERTS", "CURL_CA_BUNDLE"):
    os.environ[name] = authority
for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
    os.environ.pop(name, None)

real = socket.getaddrinfo


def redirected(name, service, *more, **options):
    if name == host:
        return real("127.0.0.1", port, *more, **options)
    return real(name, service, *more, **options)


socket.getaddrinfo = redirected
real_connect = socket.socket.connect


def connect(self, address):
    # httplib2 connects by name.
    return real_connect(self, ("127.0.0.1", port) if address[0] == host else address)


socket.socket.connect = connect

import httplib2  # noqa: E402
import requests  # noqa: E402
from googleapiclient import discovery  # noqa: E402

url = "https://%s/v1alpha1/comments:analyze?key=K" % host
body = {
    "comment": {"text": "You clown."},
    "languages": ["en"],
    "requestedAttributes": {"TOXICITY": {}},
}
result = {}


def score(answer):
    return answer["attributeScores"]["TOXICITY"]["summaryScore"]["value"]


result["requests"] = score(requests.post(url, json=body, timeout=20).json())
_, content = httplib2.Http(timeout=20).request(
    url, "POST", body=json.dumps(body), headers={"Content-Type": "application/json"}
)
result["httplib2"] = score(json.loads(content))
client = discovery.build(
    "commentanalyzer",
    "v1alpha1",
    developerKey="K",
    discoveryServiceUrl="https://%s/$discovery/rest?version=v1alpha1" % host,
    static_discovery=False,
)
result["discovery"] = score(client.comments().analyze(body=body).execute())

# Python's own TLS, by SSL_CERT_FILE.
context = ssl.create_default_context()
with socket.create_connection((host, 443)) as plain, context.wrap_socket(plain, server_hostname=host) as secured:
    result["version"] = secured.version()

# The authority vouches for nobody else, and without it nobody is trusted.
errors = []
try:
    with socket.create_connection((host, 443)) as plain:
        context.wrap_socket(plain, server_hostname="www.googleapis.com").close()
    errors.append("another name was trusted")
except ssl.SSLCertVerificationError:
    pass
try:
    requests.post(url, json=body, timeout=20, verify=requests.certs.where())
    errors.append("the usual authorities trusted it")
except requests.exceptions.SSLError:
    pass
result["errors"] = errors
print(json.dumps(result))
