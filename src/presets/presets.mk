# The layouts in src/presets/*.ini become one C array: the program needs no files beside itself.
# Included by the Makefile behind LIB_OBJ, to which it adds; B is the build folder.
PRESET_INI := $(sort $(wildcard src/presets/*.ini))
PRESET_C   := $(B)/src/presets/presets_data.c
PRESET_OBJ := $(PRESET_C:.c=.o)
LIB_OBJ    += $(PRESET_OBJ)

$(PRESET_C): $(PRESET_INI) src/presets/presets.mk
	@mkdir -p $(@D)
	@{ echo '/* made from src/presets/(name).ini by src/presets/presets.mk */'; \
	   echo '#include "config/presets_data.h"'; \
	   n=0; for ini in $(PRESET_INI); do \
	     echo "static const unsigned char text_$$n[] = {"; \
	     od -An -v -tu1 $$ini | sed 's/^ *//; s/  */,/g; s/$$/,/'; \
	     echo '0};'; n=$$((n + 1)); \
	   done; \
	   echo 'const cb_preset_text cb_preset_texts[] = {'; \
	   n=0; for ini in $(PRESET_INI); do \
	     echo "{\"$$(basename $$ini .ini)\", text_$$n, sizeof text_$$n - 1},"; n=$$((n + 1)); \
	   done; \
	   echo '};'; \
	   echo "const unsigned cb_preset_text_n = $$n;"; } > $@.tmp && mv $@.tmp $@

$(PRESET_OBJ): $(PRESET_C) src/config/presets_data.h
	$(if $(V),,@echo "  CC    $<";) $(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
