/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/fwsim/scenario.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int load_options(const struct fwsim_node *node, struct fwsim_device *device)
{
	static const char *const types[] = {"cxl", NULL};
	static const char *const gates[] = {"kernel", "none", NULL};
	struct fwsim_node child;
	const char *text;
	int64_t number;
	size_t index;
	int r;

	if (fwsim_node_get(node, "type", &child)) {
		r = fwsim_node_choice(&child, types, &index);
		if (r < 0)
			return r;
	}
	if (fwsim_node_get(node, "gate", &child)) {
		r = fwsim_node_choice(&child, gates, &index);
		if (r < 0)
			return r;
		device->gate = index == 0 ? FWSIM_GATE_KERNEL : FWSIM_GATE_NONE;
	}
	if (fwsim_node_get(node, "mailbox_payload_size", &child)) {
		r = fwsim_node_number(&child, 256, 1048576, &number);
		if (r < 0)
			return r;
		device->mailbox_payload = (size_t)number;
	}
	if (fwsim_node_get(node, "mode", &child)) {
		r = fwsim_node_string(&child, &text);
		if (r < 0)
			return r;
		if (strlen(text) != 4 || text[0] != '0' || strspn(text, "01234567") != 4)
			return fwsim_node_fail(&child, "write the mode as in \"0600\"");
		device->mode = (unsigned)strtoul(text, NULL, 8) & 0666u;
	}
	return 0;
}

static int load_device(const struct fwsim_node *node, struct fwsim_device **ret_device)
{
	static const char *const keys[] = {
		"name",     "comment",  "type",           "gate",
		"mode",     "identify", "firmware_info",  "partition_info",
		"health",   "lsa",      "shutdown_state", "alert_configuration",
		"cel",      "logs",     "cel_overrides",  "mailbox_payload_size",
		"features", "commands", "behaviours",     NULL};
	static int (*const parts[])(const struct fwsim_node *, struct fwsim_device *) = {
		load_options,         fwsim_load_state,    fwsim_load_logs,
		fwsim_load_features,  fwsim_load_commands, fwsim_load_cel,
		fwsim_load_behaviours};
	struct fwsim_device *device;
	struct fwsim_node child;
	const char *name;
	char *end;
	unsigned long number;
	size_t i;
	int r;

	r = fwsim_node_object(node, keys);
	if (r < 0)
		return r;
	r = fwsim_node_require(node, "name", &child);
	if (r < 0)
		return r;
	r = fwsim_node_string(&child, &name);
	if (r < 0)
		return r;
	number = strncmp(name, "fwctl", 5) == 0 ? strtoul(name + 5, &end, 10) : 0;
	if (strncmp(name, "fwctl", 5) != 0 || strspn(name + 5, "0123456789") == 0 ||
	    *end || number > FWSIM_NUMBER_MAX || (name[5] == '0' && name[6]))
		return fwsim_node_fail(&child, "name the device fwctl0 to fwctl%u",
				       FWSIM_NUMBER_MAX);
	device = fwsim_device_new((unsigned)number);
	if (!device)
		return fwsim_node_fail(node, "not enough memory");
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		r = parts[i](node, device);
		if (r < 0) {
			fwsim_device_free(device);
			return r;
		}
	}
	*ret_device = device;
	return 0;
}

static int load_devices(const struct fwsim_node *node, struct fwsim_scenario *scenario)
{
	size_t count, i, j;
	int r;

	r = fwsim_node_array(node, FWSIM_DEVICES_MAX, &count);
	if (r < 0)
		return r;
	if (count == 0)
		return fwsim_node_fail(node, "there has to be a device at least");
	scenario->devices = calloc(count, sizeof(*scenario->devices));
	if (!scenario->devices)
		return fwsim_node_fail(node, "not enough memory");
	for (i = 0; i < count; i++) {
		struct fwsim_node item = fwsim_node_item(node, i);

		r = load_device(&item, &scenario->devices[i]);
		if (r < 0)
			return r;
		scenario->device_count++;
		for (j = 0; j < i; j++) {
			if (scenario->devices[j]->number == scenario->devices[i]->number)
				return fwsim_node_fail(&item, "%s is described twice",
						       scenario->devices[i]->name);
		}
	}
	return 0;
}

static int load_document(const struct fwsim_node *document,
			 struct fwsim_scenario *scenario)
{
	static const char *const keys[] = {"format", "comment", "devices", NULL};
	struct fwsim_node child;
	const char *text;
	int r;

	r = fwsim_node_object(document, keys);
	if (r < 0)
		return r;
	r = fwsim_node_require(document, "format", &child);
	if (r < 0)
		return r;
	r = fwsim_node_string(&child, &text);
	if (r < 0)
		return r;
	if (strcmp(text, FWSIM_FORMAT) != 0)
		return fwsim_node_fail(&child, "this program reads \"%s\", not \"%s\"",
				       FWSIM_FORMAT, text);
	r = fwsim_node_require(document, "devices", &child);
	if (r < 0)
		return r;
	return load_devices(&child, scenario);
}

int fwsim_scenario_parse(const char *file, const char *text, size_t size,
			 struct fwsim_scenario **ret_scenario, struct fwa_error *error)
{
	struct fwsim_reader reader = {.file = file, .error = error};
	struct fwsim_node document = {.reader = &reader};
	struct fwsim_scenario *scenario;
	json_error_t problem;
	int r;

	document.json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &problem);
	if (!document.json)
		return fwa_error(error, -EINVAL, "%s: line %d, column %d: not JSON: %s",
				 file, problem.line, problem.column, problem.text);
	scenario = calloc(1, sizeof(*scenario));
	if (!scenario) {
		json_decref(document.json);
		return fwa_error(error, -ENOMEM, "%s: not enough memory", file);
	}
	r = load_document(&document, scenario);
	json_decref(document.json);
	if (r < 0) {
		fwsim_scenario_free(scenario);
		return r;
	}
	*ret_scenario = scenario;
	return 0;
}

void fwsim_scenario_free(struct fwsim_scenario *scenario)
{
	size_t i;

	if (!scenario)
		return;
	for (i = 0; i < scenario->device_count; i++)
		fwsim_device_free(scenario->devices[i]);
	free(scenario->devices);
	free(scenario);
}
