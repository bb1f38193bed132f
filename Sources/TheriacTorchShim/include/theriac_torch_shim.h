// The shim's one entry point, looked up by name when libtorch is first wanted.
#ifndef THERIAC_TORCH_SHIM_H
#define THERIAC_TORCH_SHIM_H

#include "theriac_torch.h"

#ifdef __cplusplus
extern "C"
#endif
__attribute__((visibility("default"))) const tt_api *theriac_torch_api(void);

#endif
