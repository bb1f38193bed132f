// The parts of zlib that TheriacFiles reads gzip with.
#include <zlib.h>
