// OpenSSL's libcrypto: digest functions for SHA-256, and certificates for the local authority.
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
