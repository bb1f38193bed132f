// The digest functions of OpenSSL's libcrypto, for SHA-256.
#include <openssl/evp.h>
