/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/error.h"

#include <stdarg.h>
#include <stdio.h>

int fwa_error(struct fwa_error *error, int code, const char *format, ...)
{
	va_list arguments;

	if (!error)
		return code;
	va_start(arguments, format);
	vsnprintf(error->sentence, sizeof(error->sentence), format, arguments);
	va_end(arguments);
	return code;
}
