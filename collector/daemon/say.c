/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/daemon/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>

void fwa_say(const char *format, ...)
{
	char sentence[2048];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	/* One write, so that lines of several programs do not mix. */
	fprintf(stderr, "fwauditd: %s\n", sentence);
}

void fwa_notify(const char *format, ...)
{
	char state[2048];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(state, sizeof(state), format, arguments);
	va_end(arguments);
	(void)sd_notify(0, state);
}
