/* SPDX-License-Identifier: Apache-2.0 */
/* The device that most stories are about. */
#ifndef FWA_TESTS_EFFECTS_USUAL_H
#define FWA_TESTS_EFFECTS_USUAL_H

#include "story.h"

#define CHANGEABLE FWA_CXL_FEATURE_CHANGEABLE
#define COLD       FWA_CXL_EFFECT_CONFIG_COLD_RESET
#define NOW        FWA_CXL_EFFECT_CONFIG_IMMEDIATE
#define DATA       FWA_CXL_EFFECT_DATA_IMMEDIATE
#define POLICY     FWA_CXL_EFFECT_POLICY_IMMEDIATE
#define LOG        FWA_CXL_EFFECT_LOG_IMMEDIATE
#define BACKGROUND FWA_CXL_EFFECT_BACKGROUND
#define CONVENTIONAL                                                                     \
	(FWA_CXL_EFFECT_RESETS_VALID | FWA_CXL_EFFECT_CONFIG_CONVENTIONAL_RESET)
#define SET 0x0502
#define GET 0x0501

/*
 * A device with features: 1 changes at once and says so, 2 says that it waits for a cold reset, 3
 * and 4 say that they change policy and data at once. Observed from 1 to 2.
 */
static inline struct story *usual(void)
{
	static const char *const keys[] = {
		"f1.current", "f1.default", "f1.saved",   "f1.entry",   "f2.current",
		"f2.default", "f2.saved",   "f2.entry",   "f3.current", "f3.default",
		"f3.saved",   "f3.entry",   "f4.current", "f4.saved"};
	static const char *const others[] = {"cxl.identify",       "cxl.partition_info",
					     "cxl.firmware_info",  "cxl.lsa",
					     "cxl.alert_config",   "cxl.shutdown_state",
					     "cxl.supported_logs", "cxl.cel"};
	struct story *story = story_begin();
	size_t i;

	story_cel(story, 0, 0x0500, 0, GET, 0, SET, COLD | NOW | POLICY | DATA, 0x4103,
		  DATA, 0);
	story_features(story, 0, 1, NOW, CHANGEABLE, 2, COLD, CHANGEABLE, 3, POLICY,
		       CHANGEABLE, 4, DATA, CHANGEABLE, 0);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		story_state(story, keys[i], 0);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		story_state(story, others[i], 0);
	story_look(story, 1, 2);
	return story;
}

static inline const struct fwa_finding *only(struct story *story, const char *id)
{
	assert_string_equal(story_ids(story), id);
	return fwa_findings_get(story_findings(story), 0);
}

#endif
