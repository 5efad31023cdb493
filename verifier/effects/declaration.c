/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/effects/declaration.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/cxl.h"
#include "schema/effects.h"
#include "verifier/effects/declared.h"

static int by_opcode(const void *a, const void *b)
{
	const struct fwa_declared_opcode *x = a, *y = b;

	if (x->opcode != y->opcode)
		return x->opcode < y->opcode ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static int by_uuid(const void *a, const void *b)
{
	const struct fwa_declared_feature *x = a, *y = b;
	int order = memcmp(x->uuid, y->uuid, FWA_UUID_SIZE);

	if (order)
		return order;
	return x->index < y->index ? -1 : x->index > y->index;
}

static int read_log(struct fwa_declared *declared, struct fwa_bytes content)
{
	size_t count = fwa_cxl_cel_count(content.size);
	struct fwa_cxl_cel_entry entry;
	size_t i;

	declared->opcodes = calloc(count ? count : 1, sizeof(*declared->opcodes));
	if (!declared->opcodes)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		if (fwa_cxl_cel_entry(content.data, content.size, i, &entry) != 0)
			break;
		declared->opcodes[i] = (struct fwa_declared_opcode){
			entry.opcode, entry.effects, (uint32_t)i};
	}
	declared->count = i;
	declared->left_over = content.size % FWA_CXL_CEL_ENTRY_SIZE;
	qsort(declared->opcodes, declared->count, sizeof(*declared->opcodes), by_opcode);
	return 0;
}

static int read_features(struct fwa_declared *declared, struct fwa_bytes content)
{
	size_t count = content.size / FWA_CXL_FEATURE_ENTRY_SIZE;
	struct fwa_cxl_feature_entry entry;
	size_t i;

	declared->features = calloc(count ? count : 1, sizeof(*declared->features));
	if (!declared->features)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		if (fwa_cxl_feature_entry_decode(content.data +
							 i * FWA_CXL_FEATURE_ENTRY_SIZE,
						 FWA_CXL_FEATURE_ENTRY_SIZE, &entry) != 0)
			break;
		memcpy(declared->features[i].uuid, entry.uuid, FWA_UUID_SIZE);
		declared->features[i].effects = entry.effects;
		declared->features[i].flags = entry.flags;
		declared->features[i].index = (uint32_t)i;
	}
	declared->count = i;
	declared->left_over = content.size % FWA_CXL_FEATURE_ENTRY_SIZE;
	qsort(declared->features, declared->count, sizeof(*declared->features), by_uuid);
	return 0;
}

int fwa_declared_new(const struct fwa_record *record, const uint8_t leaf[FWA_DIGEST_SIZE],
		     struct fwa_declared **ret_declared)
{
	const struct fwa_declaration *declaration = &record->declaration;
	struct fwa_declared *declared = calloc(1, sizeof(*declared));
	int error = 0;

	if (!declared)
		return -ENOMEM;
	declared->sequence = record->sequence;
	memcpy(declared->leaf, leaf, FWA_DIGEST_SIZE);
	declared->boot_time = record->boot_time;
	declared->source = declaration->source;
	declared->readable = declaration->error == 0 && declaration->content.data != NULL;
	if (declared->readable && declaration->digest.size == FWA_DIGEST_SIZE)
		memcpy(declared->digest, declaration->digest.data, FWA_DIGEST_SIZE);
	if (declared->readable && declared->source == FWA_DECLARATION_CXL_CEL)
		error = read_log(declared, declaration->content);
	else if (declared->readable && declared->source == FWA_DECLARATION_CXL_FEATURES)
		error = read_features(declared, declaration->content);
	else
		declared->readable = false;
	if (error) {
		fwa_declared_free(declared);
		return error;
	}
	*ret_declared = declared;
	return 0;
}

void fwa_declared_free(struct fwa_declared *declared)
{
	if (!declared)
		return;
	free(declared->opcodes);
	free(declared->features);
	free(declared);
}

uint64_t fwa_declared_sequence(const struct fwa_declared *declared)
{
	return declared->sequence;
}

const uint8_t *fwa_declared_leaf(const struct fwa_declared *declared)
{
	return declared->leaf;
}

uint64_t fwa_declared_boot_time(const struct fwa_declared *declared)
{
	return declared->boot_time;
}

uint8_t fwa_declared_source(const struct fwa_declared *declared)
{
	return declared->source;
}

bool fwa_declared_readable(const struct fwa_declared *declared)
{
	return declared->readable;
}

bool fwa_declared_same(const struct fwa_declared *a, const struct fwa_declared *b)
{
	return a->readable && b->readable && a->source == b->source &&
	       memcmp(a->digest, b->digest, FWA_DIGEST_SIZE) == 0;
}

const struct fwa_declared_opcode *fwa_declared_opcode(const struct fwa_declared *cel,
						      uint16_t opcode)
{
	size_t low = 0, high = cel->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (cel->opcodes[middle].opcode < opcode)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == cel->count || cel->opcodes[low].opcode != opcode)
		return NULL;
	return &cel->opcodes[low];
}

const struct fwa_declared_feature *
fwa_declared_feature(const struct fwa_declared *features,
		     const uint8_t uuid[FWA_UUID_SIZE])
{
	size_t low = 0, high = features->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(features->features[middle].uuid, uuid, FWA_UUID_SIZE) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == features->count ||
	    memcmp(features->features[low].uuid, uuid, FWA_UUID_SIZE) != 0)
		return NULL;
	return &features->features[low];
}

static void found(struct fwa_declared_effects *ret_effects, enum fwa_declared_basis basis,
		  const struct fwa_declared *declared, uint16_t effects)
{
	ret_effects->basis = basis;
	ret_effects->sequence = declared->sequence;
	memcpy(ret_effects->leaf, declared->leaf, FWA_DIGEST_SIZE);
	ret_effects->effects = effects;
	ret_effects->classes = fwa_cxl_effects_classes(effects);
}

void fwa_declared_find(const struct fwa_declared *cel,
		       const struct fwa_declared *features,
		       const struct fwa_command *command,
		       struct fwa_declared_effects *ret_effects)
{
	const struct fwa_declared_feature *feature = NULL;
	const struct fwa_declared_opcode *opcode = NULL;

	memset(ret_effects, 0, sizeof(*ret_effects));
	if (cel && !cel->readable)
		cel = NULL;
	if (features && !features->readable)
		features = NULL;
	if (!command->has_opcode || (!cel && !features))
		return;
	if (command->opcode == FWA_CXL_GET_SUPPORTED_FEATURES) {
		ret_effects->basis = FWA_BASIS_KERNEL;
		return;
	}
	if (features && command->has_feature)
		feature = fwa_declared_feature(features, command->feature);
	if (feature && command->is_set) {
		found(ret_effects, FWA_BASIS_FEATURE, features, feature->effects);
		ret_effects->flags = feature->flags;
		return;
	}
	if (cel)
		opcode = fwa_declared_opcode(cel, command->opcode);
	if (opcode)
		found(ret_effects, FWA_BASIS_CEL, cel, opcode->effects);
	else if (feature)
		/* Get Feature of a feature that is listed: reading it is declared to do nothing. */
		found(ret_effects, FWA_BASIS_FEATURE, features, 0);
	else if (cel)
		found(ret_effects, FWA_BASIS_NOT_MENTIONED, cel, 0);
}

void fwa_effects_text(uint32_t effects, char *ret_text, size_t size)
{
	size_t length = 0;
	uint32_t bit;

	snprintf(ret_text, size, "nothing");
	for (bit = 1; bit && bit <= FWA_EFFECT_ALL; bit <<= 1) {
		const char *name = effects & bit ? fwa_effect_name(bit) : NULL;
		int n;

		if (!name)
			continue;
		n = snprintf(ret_text + length, size - length, "%s%s", length ? ", " : "",
			     name);
		if (n < 0 || (size_t)n >= size - length)
			return;
		length += (size_t)n;
	}
}
