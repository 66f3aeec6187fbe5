/* presets_data.h - the embedded preset files; the array is made by src/presets/presets.mk, by name
 * ascending. */
#ifndef CONFIG_PRESETS_DATA_H
#define CONFIG_PRESETS_DATA_H

#include <stddef.h>

typedef struct cb_preset_text {
    const char *name;
    const unsigned char *at;
    size_t len;
} cb_preset_text;

extern const cb_preset_text cb_preset_texts[];
extern const unsigned cb_preset_text_n;

#endif
