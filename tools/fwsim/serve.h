/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FWA_FWSIM_SERVE_H
#define FWA_FWSIM_SERVE_H

#include "schema/error.h"
#include "tools/fwsim/scenario.h"

#define FWSIM_CONTROL_NAME ".fwsim" /* takes "reset fwctl0 cold\n", "remove fwctl0\n" */

/*
 * Mount on `mountpoint` and serve the scenario's devices until SIGINT, SIGTERM, SIGHUP or
 * an unmount. Prints one line on standard output when ready. 0, or a negative errno with
 * a sentence.
 */
int fwsim_serve(struct fwsim_scenario *scenario, const char *scenario_path,
		const char *mountpoint, struct fwa_error *error);

#endif
