/* SPDX-License-Identifier: Apache-2.0 */
/* fwsim: simulated fwctl devices. See fwsim(1). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/fwsim/client.h"
#include "tools/fwsim/serve.h"

#define SCENARIO_SIZE_MAX (64u * 1024u * 1024u)

static int fail(const struct fwa_error *error)
{
	fprintf(stderr, "fwsim: %s\n", error->sentence);
	return FWSIM_EXIT_REFUSED;
}

static int read_text(const char *path, char **ret_text, size_t *ret_size,
		     struct fwa_error *error)
{
	FILE *file;
	char *text = NULL;
	size_t size = 0, capacity = 0;
	int r = 0;

	file = fopen(path, "rb");
	if (!file)
		return fwa_error(error, -errno, "cannot open the scenario %s: %s", path,
				 strerror(errno));
	do {
		if (size == capacity) {
			char *larger = realloc(text, capacity = capacity * 2 + 65536);

			if (!larger) {
				r = fwa_error(error, -ENOMEM, "not enough memory");
				break;
			}
			text = larger;
		}
		size += fread(text + size, 1, capacity - size, file);
	} while (!feof(file) && !ferror(file) && size <= SCENARIO_SIZE_MAX);
	if (r == 0 && ferror(file))
		r = fwa_error(error, -EIO, "cannot read the scenario %s: %s", path,
			      strerror(errno));
	if (r == 0 && size > SCENARIO_SIZE_MAX)
		r = fwa_error(error, -EFBIG, "the scenario %s is too large", path);
	fclose(file);
	if (r < 0) {
		free(text);
		return r;
	}
	*ret_text = text;
	*ret_size = size;
	return 0;
}

static int load(const char *path, struct fwsim_scenario **ret_scenario,
		struct fwa_error *error)
{
	size_t size;
	char *text;
	int r;

	r = read_text(path, &text, &size, error);
	if (r < 0)
		return r;
	r = fwsim_scenario_parse(path, text, size, ret_scenario, error);
	free(text);
	return r;
}

static int command_serve(int argc, char **argv)
{
	struct fwsim_scenario *scenario;
	struct fwa_error error;
	int r;

	(void)argc;
	r = load(argv[1], &scenario, &error);
	if (r < 0)
		return fail(&error);
	r = fwsim_serve(scenario, argv[1], argv[2], &error);
	fwsim_scenario_free(scenario);
	return r < 0 ? fail(&error) : FWSIM_EXIT_OK;
}

static int command_check(int argc, char **argv)
{
	struct fwsim_scenario *scenario;
	struct fwa_error error;
	size_t i;

	(void)argc;
	if (load(argv[1], &scenario, &error) < 0)
		return fail(&error);
	for (i = 0; i < scenario->device_count; i++) {
		const struct fwsim_device *device = scenario->devices[i];

		printf("%s: %zu features, %zu vendor commands, %zu behaviours, %zu "
		       "entries in the "
		       "Command Effects Log\n",
		       device->name, device->feature_count, device->command_count,
		       device->behaviour_count, fwa_cxl_cel_count(device->cel.size));
	}
	fwsim_scenario_free(scenario);
	return FWSIM_EXIT_OK;
}

/* Tell the server through the control file beside the device. */
static int control(const char *path, const char *verb, const char *argument)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char file[4096], line[128];
	int fd, length;

	length = snprintf(file, sizeof(file), "%.*s%s",
			  slash ? (int)(slash + 1 - path) : 0, path, FWSIM_CONTROL_NAME);
	if (length < 0 || (size_t)length >= sizeof(file)) {
		fprintf(stderr, "fwsim: the path %s is too long\n", path);
		return FWSIM_EXIT_USAGE;
	}
	length = snprintf(line, sizeof(line), "%s %s%s%s\n", verb, name,
			  argument ? " " : "", argument ? argument : "");
	if (length < 0 || (size_t)length >= sizeof(line)) {
		fprintf(stderr, "fwsim: \"%s\" is not the name of a device\n", name);
		return FWSIM_EXIT_USAGE;
	}
	fd = open(file, O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "fwsim: %s is not served by fwsim: cannot open %s: %s\n",
			path, file, strerror(errno));
		return FWSIM_EXIT_REFUSED;
	}
	if (write(fd, line, (size_t)length) != length) {
		fprintf(stderr, "fwsim: %s %s: %s\n", verb, path,
			errno == ENODEV ? "there is no such device" : strerror(errno));
		close(fd);
		return FWSIM_EXIT_REFUSED;
	}
	close(fd);
	return FWSIM_EXIT_OK;
}

static int command_reset(int argc, char **argv)
{
	(void)argc;
	if (fwsim_reset_parse(argv[2]) < 0) {
		fprintf(stderr,
			"fwsim: a reset is cold, conventional or cxl, not \"%s\"\n",
			argv[2]);
		return FWSIM_EXIT_USAGE;
	}
	return control(argv[1], "reset", argv[2]);
}

static int command_remove(int argc, char **argv)
{
	(void)argc;
	return control(argv[1], "remove", NULL);
}

static const struct {
	const char *name;
	int arguments; /* exactly; -1: the command looks itself */
	int (*run)(int argc, char **argv);
	const char *usage;
} commands[] = {
	{"serve", 2, command_serve, "SCENARIO.json MOUNTPOINT"},
	{"check", 1, command_check, "SCENARIO.json"},
	{"reset", 2, command_reset, "MOUNTPOINT/fwctlN cold|conventional|cxl"},
	{"remove", 1, command_remove, "MOUNTPOINT/fwctlN"},
	{"send", -1, fwsim_send_main, "DEVICE COMMAND [ARGUMENT] [OPTION]..."},
};

static void usage(FILE *to)
{
	size_t i;

	fprintf(to, "usage:\n");
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(to, "  fwsim %s %s\n", commands[i].name, commands[i].usage);
	fprintf(to, "See fwsim(1) and fwsim-scenario(5).\n");
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("fwsim %s\n", FWA_VERSION);
		return FWSIM_EXIT_OK;
	}
	if (argc == 2 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)) {
		usage(stdout);
		return FWSIM_EXIT_OK;
	}
	for (i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		if (commands[i].arguments < 0 || argc - 2 == commands[i].arguments)
			return commands[i].run(argc - 1, argv + 1);
		fprintf(stderr, "usage: fwsim %s %s\n", commands[i].name,
			commands[i].usage);
		return FWSIM_EXIT_USAGE;
	}
	usage(stderr);
	return FWSIM_EXIT_USAGE;
}
