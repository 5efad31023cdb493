/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/fwsim/node.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The path from the document to the node; says how long it is. */
static size_t place(const struct fwsim_node *node, char *buffer, size_t size)
{
	size_t at;
	int n;

	if (!node->parent) {
		buffer[0] = '\0';
		return 0;
	}
	at = place(node->parent, buffer, size);
	if (at >= size - 1)
		return at;
	if (node->key)
		n = snprintf(buffer + at, size - at, "%s%s", at ? "." : "", node->key);
	else
		n = snprintf(buffer + at, size - at, "[%zu]", node->index);
	at += n > 0 ? (size_t)n : 0;
	return at < size ? at : size - 1;
}

int fwsim_node_fail(const struct fwsim_node *node, const char *format, ...)
{
	char path[256], sentence[512];
	va_list arguments;

	place(node, path, sizeof(path));
	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	return fwa_error(node->reader->error, -EINVAL, "%s: %s%s%s", node->reader->file,
			 path, *path ? ": " : "", sentence);
}

static void list_names(const char *const *names, char *buffer, size_t size)
{
	size_t at = 0;
	size_t i;

	buffer[0] = '\0';
	for (i = 0; names[i] && at < size; i++) {
		int n = snprintf(buffer + at, size - at, "%s%s", i ? ", " : "", names[i]);

		at += n > 0 ? (size_t)n : 0;
	}
}

static bool is_among(const char *name, const char *const *names, size_t *ret_index)
{
	size_t i;

	for (i = 0; names[i]; i++) {
		if (strcmp(name, names[i]) == 0) {
			*ret_index = i;
			return true;
		}
	}
	return false;
}

int fwsim_node_object(const struct fwsim_node *node, const char *const *keys)
{
	char known[384];
	const char *key;
	json_t *value;
	size_t index;

	if (!json_is_object(node->json))
		return fwsim_node_fail(node, "this has to be an object");
	json_object_foreach(node->json, key, value)
	{
		if (is_among(key, keys, &index))
			continue;
		list_names(keys, known, sizeof(known));
		return fwsim_node_fail(
			node, "\"%s\" is not a key that is known here; these are: %s",
			key, known);
	}
	return 0;
}

int fwsim_node_array(const struct fwsim_node *node, size_t most, size_t *ret_count)
{
	if (!json_is_array(node->json))
		return fwsim_node_fail(node, "this has to be a list");
	if (json_array_size(node->json) > most)
		return fwsim_node_fail(node, "this list may have %zu items at most",
				       most);
	*ret_count = json_array_size(node->json);
	return 0;
}

bool fwsim_node_get(const struct fwsim_node *node, const char *key,
		    struct fwsim_node *ret_child)
{
	*ret_child = (struct fwsim_node){
		.reader = node->reader,
		.parent = node,
		.key = key,
		.json = json_object_get(node->json, key),
	};
	return ret_child->json != NULL;
}

int fwsim_node_require(const struct fwsim_node *node, const char *key,
		       struct fwsim_node *ret_child)
{
	if (!fwsim_node_get(node, key, ret_child))
		return fwsim_node_fail(node, "the key \"%s\" is missing", key);
	return 0;
}

struct fwsim_node fwsim_node_item(const struct fwsim_node *node, size_t index)
{
	return (struct fwsim_node){
		.reader = node->reader,
		.parent = node,
		.index = index,
		.json = json_array_get(node->json, index),
	};
}

int fwsim_node_string(const struct fwsim_node *node, const char **ret_text)
{
	if (!json_is_string(node->json))
		return fwsim_node_fail(node, "this has to be a string");
	*ret_text = json_string_value(node->json);
	return 0;
}

int fwsim_node_number(const struct fwsim_node *node, int64_t least, int64_t most,
		      int64_t *ret_number)
{
	int64_t number;

	if (!json_is_integer(node->json))
		return fwsim_node_fail(node, "this has to be a whole number");
	number = json_integer_value(node->json);
	if (number < least || number > most)
		return fwsim_node_fail(node,
				       "this has to lie between %" PRId64 " and %" PRId64
				       ", and is %" PRId64,
				       least, most, number);
	*ret_number = number;
	return 0;
}

int fwsim_node_bool(const struct fwsim_node *node, bool *ret_value)
{
	if (!json_is_boolean(node->json))
		return fwsim_node_fail(node, "this has to be true or false");
	*ret_value = json_is_true(node->json);
	return 0;
}

int fwsim_node_choice(const struct fwsim_node *node, const char *const *names,
		      size_t *ret_index)
{
	char known[384];
	const char *text = NULL;
	int r;

	r = fwsim_node_string(node, &text);
	if (r < 0)
		return r;
	if (is_among(text, names, ret_index))
		return 0;
	list_names(names, known, sizeof(known));
	return fwsim_node_fail(node, "\"%s\" is not one of: %s", text, known);
}

int fwsim_node_milliseconds(const struct fwsim_node *node, uint64_t *ret_nanoseconds)
{
	int64_t milliseconds = 0;
	int r;

	r = fwsim_node_number(node, 0, 86400000, &milliseconds);
	if (r < 0)
		return r;
	*ret_nanoseconds = (uint64_t)milliseconds * 1000000u;
	return 0;
}
