/* SPDX-License-Identifier: Apache-2.0 */
/* Scenario files: fwsim-scenario(5). */
#ifndef FWA_FWSIM_SCENARIO_H
#define FWA_FWSIM_SCENARIO_H

#include "tools/fwsim/device.h"
#include "tools/fwsim/node.h"

#define FWSIM_FORMAT      "fwsim-scenario/1"
#define FWSIM_DEVICES_MAX 64u

struct fwsim_scenario {
	struct fwsim_device **devices;
	size_t device_count;
};

/*
 * Read a scenario from text. `file` is only for sentences. Returns 0; or -EINVAL, -ENOMEM
 * with a sentence in `error`. The scenario is the caller's to free.
 */
int fwsim_scenario_parse(const char *file, const char *text, size_t size,
			 struct fwsim_scenario **ret_scenario, struct fwa_error *error);
void fwsim_scenario_free(struct fwsim_scenario *scenario);

/* The parts, each for its own part of the file. `node` is the device's. */
int fwsim_load_state(const struct fwsim_node *node, struct fwsim_device *device);
int fwsim_load_logs(const struct fwsim_node *node, struct fwsim_device *device);
int fwsim_load_features(const struct fwsim_node *node, struct fwsim_device *device);
int fwsim_load_commands(const struct fwsim_node *node, struct fwsim_device *device);
int fwsim_load_cel(const struct fwsim_node *node, struct fwsim_device *device);
int fwsim_load_behaviours(const struct fwsim_node *node, struct fwsim_device *device);
int fwsim_load_trigger(const struct fwsim_node *node, struct fwsim_device *device,
		       struct fwsim_trigger *trigger);
int fwsim_load_effect(const struct fwsim_node *node, struct fwsim_device *device,
		      bool has_request, struct fwsim_effect *effect);

/* A feature by name or UUID. */
int fwsim_find_feature(const struct fwsim_node *node, struct fwsim_device *device,
		       struct fwsim_feature **ret_feature);

#endif
