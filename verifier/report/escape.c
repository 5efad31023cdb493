/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/report/escape.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * Length of the well-formed UTF-8 sequence (Unicode 15, table 3-7) at `p`, and its code point;
 * 0 if there is none.
 */
static size_t sequence_at(const uint8_t *p, size_t left, uint32_t *ret_point)
{
	static const struct {
		uint8_t first, last;            /* range of the first byte */
		uint8_t second_from, second_to; /* of the second */
		uint8_t length;
	} forms[] = {
		{0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	static const uint8_t masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	size_t i, k;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (p[0] < forms[i].first || p[0] > forms[i].last ||
		    forms[i].length > left)
			continue;
		*ret_point = p[0] & masks[forms[i].length];
		for (k = 1; k < forms[i].length; k++) {
			uint8_t from = k == 1 ? forms[i].second_from : 0x80;
			uint8_t to = k == 1 ? forms[i].second_to : 0xbf;

			if (p[k] < from || p[k] > to)
				return 0;
			*ret_point = *ret_point << 6 | (p[k] & 0x3f);
		}
		return forms[i].length;
	}
	return 0;
}

static bool harmless(uint32_t point)
{
	if (point < 0x20 || (point >= 0x7f && point <= 0x9f) || point == '\\')
		return false;
	/* Zero width, directional marks, line and paragraph separators, embeddings, isolates. */
	if ((point >= 0x200b && point <= 0x200f) ||
	    (point >= 0x2028 && point <= 0x202e) ||
	    (point >= 0x2060 && point <= 0x206f) || point == 0x061c || point == 0xfeff)
		return false;
	/* Interlinear annotation, tags, noncharacters. */
	if ((point >= 0xfff9 && point <= 0xfffb) ||
	    (point >= 0xe0000 && point <= 0xe007f) || (point & 0xfffe) == 0xfffe ||
	    (point >= 0xfdd0 && point <= 0xfdef))
		return false;
	return true;
}

char *fwa_escape(struct fwa_bytes bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *text, *out;
	size_t i = 0;

	/* A record is 1 MiB at most, so this cannot overflow. */
	text = out = malloc(bytes.size * 4 + 1);
	if (!text)
		return NULL;
	while (bytes.data && i < bytes.size) {
		uint32_t point = 0;
		size_t length = sequence_at(bytes.data + i, bytes.size - i, &point);
		bool plain = length && harmless(point);
		size_t end = i + (length ? length : 1);

		for (; i < end; i++) {
			if (plain) {
				*out++ = (char)bytes.data[i];
				continue;
			}
			*out++ = '\\';
			*out++ = 'x';
			*out++ = digits[bytes.data[i] >> 4];
			*out++ = digits[bytes.data[i] & 0xf];
		}
	}
	*out = '\0';
	return text;
}
