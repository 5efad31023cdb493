/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FWA_FWSIM_CLIENT_OPTIONS_H
#define FWA_FWSIM_CLIENT_OPTIONS_H

#include "tools/fwsim/client.h"

/*
 * Read the options of `fwsim send`; argv[0] is "send". Returns the index of the first
 * argument that is no option, or -1 after a sentence on standard error.
 * `ret_options->data` is the caller's to free, unless -1 came back.
 */
int fwsim_options_parse(int argc, char **argv, struct fwsim_options *ret_options);

#endif
