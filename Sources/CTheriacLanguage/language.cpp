// CLD2 behind one C function.
#include "theriac_language.h"

#include <cstdio>  // the next header names FILE without including it

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

static int detect(const char *text, int length, int flags, theriac_language *found) {
    CLD2::CLDHints hints = {nullptr, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
    CLD2::Language languages[3] = {CLD2::UNKNOWN_LANGUAGE, CLD2::UNKNOWN_LANGUAGE, CLD2::UNKNOWN_LANGUAGE};
    int percents[3] = {0, 0, 0};
    double scores[3];
    int letters = 0;
    int valid = 0;
    bool reliable = false;
    CLD2::ExtDetectLanguageSummaryCheckUTF8(
        text, length, true, &hints, flags, languages, percents, scores, nullptr, &letters, &reliable, &valid);
    int count = 0;
    for (int place = 0; place < 3; place++) {
        if (languages[place] == CLD2::UNKNOWN_LANGUAGE || percents[place] <= 0) continue;
        found[count].code = CLD2::LanguageCode(languages[place]);
        found[count].percent = percents[place];
        count++;
    }
    return count;
}

int theriac_detect_languages(const char *text, size_t length, theriac_language *found) {
    const size_t longest = 1 << 20;  // the library counts bytes in an int
    const int bytes = static_cast<int>(length < longest ? length : longest);
    const int count = detect(text, bytes, 0, found);
    return count > 0 ? count : detect(text, bytes, CLD2::kCLDFlagBestEffort, found);
}
