// The language of a text, named by CLD2 (Compact Language Detector 2, Debian's libcld2-dev) behind one C function.
#ifndef THERIAC_LANGUAGE_H
#define THERIAC_LANGUAGE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One language found in a text.
typedef struct {
    /// BCP-47 code as CLD2 writes it ("en", "zh-Hant"); a string that lives for ever.
    const char *code;
    /// Share of the text's letters, 0 to 100.
    int percent;
} theriac_language;

/// The languages of `length` bytes of valid UTF-8, most likely first. Writes at most three into `found` and returns how
/// many. A text too short for a sure answer gets the best guess; one without letters none.
int theriac_detect_languages(const char *text, size_t length, theriac_language *found);

#ifdef __cplusplus
}
#endif

#endif
