#include "theriac_torch.h"

#include <dlfcn.h>
#include <stdio.h>

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
