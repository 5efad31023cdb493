/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with declarations by themselves: FWA-D01, FWA-D02. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema/cxl.h"
#include "schema/effects.h"
#include "verifier/effects/declared.h"

/* The faults of one declaration: how often each, and where first. */
struct faults {
	size_t reserved, resets, abort, duplicates;
	char first[64];
};

static void note(struct faults *faults, const char *where)
{
	if (faults->first[0] == '\0')
		snprintf(faults->first, sizeof(faults->first), "%s", where);
}

static void check_effects(struct faults *faults, uint16_t effects, const char *where)
{
	unsigned fault = fwa_cxl_effects_faults(effects);

	if (!fault)
		return;
	faults->reserved += (fault & FWA_CXL_FAULT_RESERVED) != 0;
	faults->resets += (fault & FWA_CXL_FAULT_RESETS_INVALID) != 0;
	faults->abort += (fault & FWA_CXL_FAULT_ABORT_ALONE) != 0;
	note(faults, where);
}

static void check_entries(const struct fwa_declared *declared, struct faults *faults)
{
	char where[64];
	size_t i;

	for (i = 0; i < declared->count; i++) {
		bool again;

		if (declared->opcodes) {
			snprintf(where, sizeof(where), "opcode %04Xh",
				 declared->opcodes[i].opcode);
			check_effects(faults, declared->opcodes[i].effects, where);
			again = i && declared->opcodes[i].opcode ==
					     declared->opcodes[i - 1].opcode;
		} else {
			char uuid[FWA_UUID_TEXT_SIZE];

			fwa_uuid_format(declared->features[i].uuid, uuid);
			snprintf(where, sizeof(where), "feature %s", uuid);
			check_effects(faults, declared->features[i].effects, where);
			again = i && memcmp(declared->features[i].uuid,
					    declared->features[i - 1].uuid,
					    FWA_UUID_SIZE) == 0;
		}
		faults->duplicates += again;
		if (again)
			note(faults, where);
	}
}

static void append(char *text, size_t size, size_t count, const char *what)
{
	size_t length = strlen(text);

	if (count)
		snprintf(text + length, size - length, "%s%zu %s", length ? ", " : "",
			 count, what);
}

static void name_device(struct fwa_finding *finding, uint64_t device,
			const char *device_name)
{
	finding->has_device = true;
	finding->device = device;
	snprintf(finding->device_name, sizeof(finding->device_name), "%s", device_name);
}

int fwa_declared_check(const struct fwa_declared *declared, uint64_t device,
		       const char *device_name, struct fwa_findings *findings)
{
	const char *what = declared->opcodes ? "Command Effects Log" : "list of features";
	struct faults faults = {0};
	struct fwa_finding finding;
	char text[256] = "";

	if (!declared->readable)
		return 0;
	check_entries(declared, &faults);
	append(text, sizeof(text), faults.reserved, "with reserved bits (15:12) set");
	append(text, sizeof(text), faults.resets,
	       "with a reset bit (10, 11) but without bit 9, which makes them valid");
	append(text, sizeof(text), faults.abort,
	       "with bit 8 (abort) but without bit 6 (background)");
	append(text, sizeof(text), faults.duplicates, "given twice");
	append(text, sizeof(text), declared->left_over,
	       "bytes of a truncated entry at its end");
	if (text[0] == '\0')
		return 0;
	fwa_finding_make(
		&finding, FWA_D02,
		"The %s of %s is malformed: of %zu entries %s%s%s%s. Report it to the "
		"vendor; what such an entry declares is read as the specification says, "
		"and no more.",
		what, device_name, declared->count, text,
		faults.first[0] ? " (first: " : "", faults.first,
		faults.first[0] ? ")" : "");
	name_device(&finding, device, device_name);
	fwa_finding_add_record(&finding, declared->sequence, declared->leaf);
	finding.has_declaration = true;
	finding.declaration = declared->sequence;
	return fwa_findings_add(findings, &finding);
}

static void name_both(struct fwa_finding *finding, const struct fwa_declared *cel,
		      const struct fwa_declared *features, uint64_t device,
		      const char *device_name)
{
	name_device(finding, device, device_name);
	fwa_finding_add_record(finding, features->sequence, features->leaf);
	fwa_finding_add_record(finding, cel->sequence, cel->leaf);
	finding->has_declaration = true;
	finding->declaration = features->sequence;
	finding->has_other_declaration = true;
	finding->other_declaration = cel->sequence;
	snprintf(finding->command, sizeof(finding->command), "Set Feature (0502h)");
	finding->has_opcode = true;
	finding->opcode = FWA_CXL_SET_FEATURE;
}

static int compare_feature(const struct fwa_declared *cel,
			   const struct fwa_declared *features,
			   const struct fwa_declared_feature *feature,
			   const struct fwa_declared_opcode *set, uint64_t device,
			   const char *device_name, struct fwa_findings *findings)
{
	uint32_t of_feature = fwa_cxl_effects_classes(feature->effects);
	uint32_t of_log = fwa_cxl_effects_classes(set->effects);
	char more[160], log[160], uuid[FWA_UUID_TEXT_SIZE];
	struct fwa_finding finding;

	if ((of_feature & ~of_log) == 0)
		return 0;
	fwa_effects_text(of_feature & ~of_log, more, sizeof(more));
	fwa_effects_text(of_log, log, sizeof(log));
	fwa_uuid_format(feature->uuid, uuid);
	fwa_finding_make(
		&finding, FWA_D01,
		"Feature %s of %s declares %s, and the Command Effects Log declares %s "
		"for Set Feature (0502h). One of them is untrue; ask the vendor which.",
		uuid, device_name, more, log);
	name_both(&finding, cel, features, device, device_name);
	snprintf(finding.target, sizeof(finding.target), "%s", uuid);
	finding.has_effects = true;
	finding.declared = of_log;
	finding.undeclared = of_feature & ~of_log;
	return fwa_findings_add(findings, &finding);
}

int fwa_declared_compare(const struct fwa_declared *cel,
			 const struct fwa_declared *features, uint64_t device,
			 const char *device_name, struct fwa_findings *findings)
{
	const struct fwa_declared_opcode *set;
	struct fwa_finding finding;
	size_t changeable = 0;
	size_t i;

	if (!cel || !features || !cel->readable || !features->readable)
		return 0;
	set = fwa_declared_opcode(cel, FWA_CXL_SET_FEATURE);
	for (i = 0; i < features->count; i++) {
		int error = 0;

		/* What Set Feature would do to one that cannot be set is said of nothing. */
		if (!(features->features[i].flags & FWA_CXL_FEATURE_CHANGEABLE))
			continue;
		changeable++;
		if (set)
			error = compare_feature(cel, features, &features->features[i],
						set, device, device_name, findings);
		if (error)
			return error;
	}
	if (set || changeable == 0)
		return 0;
	fwa_finding_make(
		&finding, FWA_D01,
		"%s lists %zu changeable features, and its Command Effects Log has no "
		"entry for Set Feature (0502h). Ask the vendor which is right.",
		device_name, changeable);
	name_both(&finding, cel, features, device, device_name);
	finding.has_count = true;
	finding.count = changeable;
	return fwa_findings_add(findings, &finding);
}
