/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to tell the user when something failed: one clear sentence that names the file, record or
 * device and says what to do. Inside, errors are negative errno; the sentence travels beside.
 */
#ifndef FWA_SCHEMA_ERROR_H
#define FWA_SCHEMA_ERROR_H

struct fwa_error {
	char sentence[1024];
};

/*
 * Set the sentence (truncated to fit) and return `code`, so that a failure is one statement:
 *     return fwa_error(error, -ENOENT, "%s: no such ledger; ...", path);
 * `error` may be NULL.
 */
int fwa_error(struct fwa_error *error, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
