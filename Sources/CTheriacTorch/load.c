#include "theriac_torch.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

/// Has libtorch's threads sleep soon when there is nothing to do. By default they spin for milliseconds: on a machine
/// that does anything else, each waits on a processor for the others that wait for one. Before main, since changing the
/// environment beside other threads is not safe; who has set either variable keeps what is set.
__attribute__((constructor)) static void spin_briefly(void) {
    if (!getenv("OMP_WAIT_POLICY")) setenv("GOMP_SPINCOUNT", "3000", 0);
}

const tt_api *tt_load(const char *path, char *message, size_t capacity) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        snprintf(message, capacity, "%s", dlerror());
        return NULL;
    }
    const tt_api *(*entry)(void) = (const tt_api *(*)(void))dlsym(library, "theriac_torch_api");
    if (!entry) {
        snprintf(message, capacity, "%s has no theriac_torch_api", path);
        return NULL;
    }
    const tt_api *api = entry();
    if (api->bytes != sizeof(tt_api)) {
        snprintf(message, capacity, "%s belongs to another build of the program", path);
        return NULL;
    }
    return api;
}
