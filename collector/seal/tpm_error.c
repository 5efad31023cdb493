/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/seal/tpm_internal.h"

#include <errno.h>
#include <string.h>

#include <tss2/tss2_rc.h>

/* Format-one codes (TPM 2.0 Library, Part 2, 6.6.2) number a handle, session or parameter. */
#define FORMAT_ONE_CODE (TPM2_RC_FMT1 | 0x3fu)

TSS2_RC fwa_tpm_code(TSS2_RC rc)
{
	TSS2_RC layer = rc & TSS2_RC_LAYER_MASK;

	if (layer != TSS2_TPM_RC_LAYER && layer != TSS2_RESMGR_TPM_RC_LAYER)
		return 0;
	rc &= 0xffff & ~TSS2_RC_LAYER_MASK;
	if (rc & TPM2_RC_FMT1)
		return rc & FORMAT_ONE_CODE;
	return rc;
}

struct advice {
	TSS2_RC code;
	int number;
	const char *what_to_do;
};

static const struct advice table[] = {
	{TPM2_RC_INITIALIZE, -ENODEV,
	 "the TPM was not started: it needs TPM2_Startup from the firmware or the "
	 "emulator"},
	{TPM2_RC_FAILURE, -EIO, "the TPM is in failure mode: restart the machine"},
	{TPM2_RC_RETRY, -EAGAIN, "the TPM is busy: try again"},
	{TPM2_RC_YIELDED, -EAGAIN, "the TPM is busy: try again"},
	{TPM2_RC_TESTING, -EAGAIN, "the TPM is testing itself: try again"},
	{TPM2_RC_CANCELED, -EAGAIN, "the command was cancelled: try again"},
	{TPM2_RC_NV_RATE, -EAGAIN, "the TPM limits how often it writes: try again later"},
	{TPM2_RC_NV_UNAVAILABLE, -EAGAIN,
	 "the TPM's memory cannot be written now: try again"},
	{TPM2_RC_LOCKOUT, -EAGAIN,
	 "the TPM is locked after wrong authorisations: wait, or reset the lockout with "
	 "tpm2_dictionarylockout"},
	{TPM2_RC_OBJECT_MEMORY, -EAGAIN,
	 "the TPM has no room for another object: another program holds them all; flush "
	 "them "
	 "(tpm2_flushcontext -t), or use the kernel's resource manager, "
	 "device:/dev/tpmrm0"},
	{TPM2_RC_SESSION_MEMORY, -EAGAIN,
	 "the TPM has no room for another session: another program holds them all; flush "
	 "them "
	 "(tpm2_flushcontext -l), or use the kernel's resource manager, "
	 "device:/dev/tpmrm0"},
	{TPM2_RC_NV_SPACE, -ENOSPC,
	 "the TPM's memory is full: remove what is not needed (tpm2_getcap "
	 "handles-nv-index, "
	 "handles-persistent)"},
	{TPM2_RC_AUTH_FAIL, -EACCES,
	 "an authorisation value is set that fwaudit does not know: for provisioning the "
	 "owner "
	 "authorisation has to be empty"},
	{TPM2_RC_BAD_AUTH, -EACCES,
	 "an authorisation value is set that fwaudit does not know: for provisioning the "
	 "owner "
	 "authorisation has to be empty"},
	{TPM2_RC_HIERARCHY, -EACCES,
	 "the owner hierarchy is disabled: enable it in the firmware's settings"},
	{TPM2_RC_HANDLE, -ENOENT, "the key or index is not in this TPM any more"},
	{TPM2_RC_NV_UNINITIALIZED, -ENODATA, "the index was never written"},
};

static int layer_errno(TSS2_RC rc, const char **ret_what_to_do)
{
	switch (rc & TSS2_RC_LAYER_MASK) {
	case TSS2_TCTI_RC_LAYER:
		*ret_what_to_do =
			"check that the TPM is there, that it is running if it is an "
			"emulator, and that --tpm names it";
		return -ENODEV;
	case TSS2_TPM_RC_LAYER:
	case TSS2_RESMGR_TPM_RC_LAYER:
		*ret_what_to_do = "the TPM refused the command";
		return -EIO;
	default:
		*ret_what_to_do =
			"the TPM's answer makes no sense: check that --tpm names a "
			"TPM 2.0";
		return -EIO;
	}
}

int fwa_tpm_fail(const struct fwa_tpm *tpm, TSS2_RC rc, const char *what,
		 struct fwa_error *error)
{
	TSS2_RC code = fwa_tpm_code(rc);
	const char *what_to_do;
	int number;
	size_t i;

	number = layer_errno(rc, &what_to_do);
	for (i = 0; code != 0 && i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].code != code)
			continue;
		number = table[i].number;
		what_to_do = table[i].what_to_do;
		break;
	}
	return fwa_error(error, number, "TPM '%s': cannot %s (%s, 0x%x); %s",
			 tpm->tcti_name, what, Tss2_RC_Decode(rc), (unsigned)rc,
			 what_to_do);
}
