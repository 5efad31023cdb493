/* SPDX-License-Identifier: Apache-2.0 */
/* Features of a scenario. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/fwsim/scenario.h"

#define FEATURE_SIZE_MAX 65535

static int load_flags(const struct fwsim_node *node, uint32_t *ret_flags)
{
	static const char *const names[] = {"changeable", "persists-over-firmware-update",
					    "default-readable", "saved-readable", NULL};
	static const uint32_t bits[] = {
		FWA_CXL_FEATURE_CHANGEABLE, FWA_CXL_FEATURE_PERSISTS_FW_UPDATE,
		FWA_CXL_FEATURE_DEFAULT_READABLE, FWA_CXL_FEATURE_SAVED_READABLE};
	struct fwsim_node list;
	uint32_t flags = 0;
	size_t count, i, index;
	int r;

	if (!fwsim_node_get(node, "flags", &list)) {
		*ret_flags = FWA_CXL_FEATURE_CHANGEABLE |
			     FWA_CXL_FEATURE_DEFAULT_READABLE |
			     FWA_CXL_FEATURE_SAVED_READABLE;
		return 0;
	}
	r = fwsim_node_array(&list, 4, &count);
	if (r < 0)
		return r;
	for (i = 0; i < count; i++) {
		struct fwsim_node item = fwsim_node_item(&list, i);

		r = fwsim_node_choice(&item, names, &index);
		if (r < 0)
			return r;
		flags |= bits[index];
	}
	*ret_flags = flags;
	return 0;
}

static int load_version(const struct fwsim_node *node, const char *key, uint8_t *version)
{
	struct fwsim_node child;
	int64_t number = 1;
	int r = 0;

	if (fwsim_node_get(node, key, &child))
		r = fwsim_node_number(&child, 0, 255, &number);
	if (r == 0)
		*version = (uint8_t)number;
	return r;
}

static int load_applies(const struct fwsim_node *node, struct fwsim_feature *feature)
{
	static const char *const names[] = {
		"as-declared", "immediate", "cold-reset", "conventional-reset",
		"cxl-reset",   "never",     NULL};
	static const unsigned values[] = {0,
					  FWSIM_APPLIES_IMMEDIATE,
					  FWSIM_APPLIES_COLD,
					  FWSIM_APPLIES_CONVENTIONAL,
					  FWSIM_APPLIES_CXL,
					  0};
	struct fwsim_node child;
	size_t index = 0;
	int r;

	if (fwsim_node_get(node, "applies", &child)) {
		r = fwsim_node_choice(&child, names, &index);
		if (r < 0)
			return r;
	}
	feature->applies_as_declared = index == 0;
	feature->applies = values[index];
	return 0;
}

/* "current", "default" and "saved": the given bytes, zeros after them. */
static int load_value(const struct fwsim_node *node, const char *key, size_t size,
		      const struct fwsim_region *otherwise, struct fwsim_region *value)
{
	struct fwsim_node child;
	uint8_t *bytes = NULL;
	size_t count;
	int r;

	if (fwsim_region_init(value, size, 0) < 0)
		return fwsim_node_fail(node, "not enough memory");
	if (!fwsim_node_get(node, key, &child)) {
		if (otherwise && size)
			memcpy(value->data, otherwise->data, size);
		return 0;
	}
	r = fwsim_node_hex(&child, size, &bytes, &count);
	if (r == 0 && count)
		memcpy(value->data, bytes, count);
	free(bytes);
	return r;
}

static int load_values(const struct fwsim_node *node, size_t size,
		       struct fwsim_feature *feature)
{
	struct fwsim_region *values = feature->values;
	int r;

	r = load_value(node, "default", size, NULL, &values[FWA_CXL_SELECT_DEFAULT]);
	if (r == 0)
		r = load_value(node, "current", size, &values[FWA_CXL_SELECT_DEFAULT],
			       &values[FWA_CXL_SELECT_CURRENT]);
	if (r == 0)
		r = load_value(node, "saved", size, &values[FWA_CXL_SELECT_CURRENT],
			       &values[FWA_CXL_SELECT_SAVED]);
	return r;
}

static int load_entry(const struct fwsim_node *node, struct fwsim_device *device,
		      size_t index, int64_t size, struct fwa_cxl_feature_entry *entry)
{
	struct fwsim_node child;
	int r;

	r = fwsim_node_require(node, "uuid", &child);
	if (r == 0)
		r = fwsim_node_uuid(&child, entry->uuid);
	if (r == 0 && fwsim_device_feature(device, entry->uuid))
		r = fwsim_node_fail(&child,
				    "this device has a feature with this UUID already");
	if (r == 0)
		r = fwsim_node_require(node, "effects", &child);
	if (r == 0)
		r = fwsim_node_effects(&child, &entry->effects);
	if (r == 0)
		r = load_flags(node, &entry->flags);
	if (r == 0)
		r = load_version(node, "get_version", &entry->get_version);
	if (r == 0)
		r = load_version(node, "set_version", &entry->set_version);
	entry->id = (uint16_t)index;
	entry->get_size = (uint16_t)size;
	entry->set_size =
		(entry->flags & FWA_CXL_FEATURE_CHANGEABLE) ? (uint16_t)size : 0;
	return r;
}

static int load_feature(const struct fwsim_node *node, struct fwsim_device *device,
			size_t index, struct fwsim_feature *feature)
{
	static const char *const keys[] = {
		"name",    "comment",     "uuid",        "size",    "effects",
		"flags",   "get_version", "set_version", "applies", "current",
		"default", "saved",       NULL};
	struct fwa_cxl_feature_entry entry = {0};
	struct fwsim_node child;
	const char *name;
	int64_t size = 0;
	int r;

	r = fwsim_node_object(node, keys);
	if (r == 0)
		r = fwsim_node_require(node, "size", &child);
	if (r == 0)
		r = fwsim_node_number(&child, 1, FEATURE_SIZE_MAX, &size);
	if (r == 0)
		r = load_entry(node, device, index, size, &entry);
	if (r == 0)
		r = load_applies(node, feature);
	if (r == 0 && fwsim_node_get(node, "name", &child)) {
		r = fwsim_node_string(&child, &name);
		if (r == 0) {
			feature->name = strdup(name);
			if (!feature->name)
				r = fwsim_node_fail(node, "not enough memory");
		}
	}
	if (r == 0)
		r = load_values(node, (size_t)size, feature);
	if (r < 0)
		return r;
	if (fwsim_region_init(&feature->entry, FWA_CXL_FEATURE_ENTRY_SIZE, 0) < 0)
		return fwsim_node_fail(node, "not enough memory");
	fwa_cxl_feature_entry_encode(&entry, feature->entry.data);
	return 0;
}

int fwsim_load_features(const struct fwsim_node *node, struct fwsim_device *device)
{
	struct fwsim_node features;
	size_t count, i;
	int r;

	if (!fwsim_node_get(node, "features", &features))
		return 0;
	r = fwsim_node_array(&features, 1024, &count);
	if (r < 0)
		return r;
	device->features = calloc(count + 1, sizeof(*device->features));
	if (!device->features)
		return fwsim_node_fail(&features, "not enough memory");
	for (i = 0; i < count; i++) {
		struct fwsim_node item = fwsim_node_item(&features, i);

		r = load_feature(&item, device, i, &device->features[i]);
		/* Counted late, so that it is not looked through before it is whole. */
		device->feature_count++;
		if (r < 0)
			return r;
	}
	return 0;
}

int fwsim_find_feature(const struct fwsim_node *node, struct fwsim_device *device,
		       struct fwsim_feature **ret_feature)
{
	const char *text;
	uint8_t uuid[16];
	size_t i;
	int r;

	r = fwsim_node_string(node, &text);
	if (r < 0)
		return r;
	for (i = 0; i < device->feature_count; i++) {
		if (device->features[i].name &&
		    strcmp(device->features[i].name, text) == 0) {
			*ret_feature = &device->features[i];
			return 0;
		}
	}
	if (fwa_uuid_parse(text, strlen(text), uuid) == 0)
		*ret_feature = fwsim_device_feature(device, uuid);
	else
		*ret_feature = NULL;
	return *ret_feature
		       ? 0
		       : fwsim_node_fail(node, "this device has no feature \"%s\"", text);
}
