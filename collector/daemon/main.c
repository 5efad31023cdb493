/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "collector/daemon/options.h"
#include "collector/daemon/recorder.h"
#include "collector/daemon/say.h"
#include "collector/seal/provision.h"
#include "collector/seal/tpm.h"

enum {
	EXIT_CLEAN = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 3,
};

static int provision(const struct fwa_options *options, struct fwa_error *error)
{
	const struct fwa_provision_options provision_options = {
		.tcti = options->tcti, .directory = options->ledger};
	int r;

	fwa_tpm_quiet();
	r = fwa_provision(&provision_options, error);
	if (r == 0)
		printf("%s/enrolment.json: written; keep a copy of it where this machine "
		       "cannot "
		       "change it, since a verifier trusts what it says\n",
		       options->ledger);
	return r;
}

int main(int argc, char *argv[])
{
	static struct fwa_options options;
	struct fwa_error error = {0};
	int r = 0;

	if (fwa_options_parse(argc, argv, &options, &error) < 0) {
		fwa_say("%s", error.sentence);
		return EXIT_USAGE;
	}
	switch (options.action) {
	case FWA_ACTION_HELP:
		fwa_options_help(stdout);
		break;
	case FWA_ACTION_VERSION:
		printf("fwauditd %s\n", FWA_VERSION);
		break;
	case FWA_ACTION_PROVISION:
		r = provision(&options, &error);
		break;
	case FWA_ACTION_RUN:
		r = fwa_record(&options, &error);
		break;
	}
	if (r < 0)
		fwa_say("%s", error.sentence);
	return r < 0 || fflush(stdout) != 0 ? EXIT_FAILED : EXIT_CLEAN;
}
