/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/cbor.h"

#include <errno.h>
#include <string.h>

#include <cbor.h>

#define HEAD_SIZE_MAX 9u

static void put(struct fwa_cbor_writer *writer, const uint8_t *data, size_t size)
{
	/* Once something did not fit, size > capacity: nothing is written any more. */
	if (size && writer->size <= writer->capacity &&
	    size <= writer->capacity - writer->size)
		memcpy(writer->buffer + writer->size, data, size);
	writer->size += size;
}

void fwa_cbor_put_uint(struct fwa_cbor_writer *writer, uint64_t value)
{
	uint8_t head[HEAD_SIZE_MAX];

	put(writer, head, cbor_encode_uint(value, head, sizeof(head)));
}

void fwa_cbor_put_int(struct fwa_cbor_writer *writer, int64_t value)
{
	uint8_t head[HEAD_SIZE_MAX];

	if (value >= 0)
		fwa_cbor_put_uint(writer, (uint64_t)value);
	else
		put(writer, head,
		    cbor_encode_negint((uint64_t)(-1 - value), head, sizeof(head)));
}

void fwa_cbor_put_bool(struct fwa_cbor_writer *writer, bool value)
{
	uint8_t head[HEAD_SIZE_MAX];

	put(writer, head, cbor_encode_bool(value, head, sizeof(head)));
}

void fwa_cbor_put_bytes(struct fwa_cbor_writer *writer, struct fwa_bytes bytes)
{
	uint8_t head[HEAD_SIZE_MAX];

	put(writer, head, cbor_encode_bytestring_start(bytes.size, head, sizeof(head)));
	put(writer, bytes.data, bytes.size);
}

void fwa_cbor_put_array(struct fwa_cbor_writer *writer, size_t count)
{
	uint8_t head[HEAD_SIZE_MAX];

	put(writer, head, cbor_encode_array_start(count, head, sizeof(head)));
}

void fwa_cbor_put_map(struct fwa_cbor_writer *writer, size_t count)
{
	uint8_t head[HEAD_SIZE_MAX];

	put(writer, head, cbor_encode_map_start(count, head, sizeof(head)));
}

void fwa_cbor_put_encoded(struct fwa_cbor_writer *writer, struct fwa_bytes encoded)
{
	put(writer, encoded.data, encoded.size);
}

/* What libcbor's decoder reports of one item. */
struct seen {
	struct fwa_cbor_item item;
	bool accepted;
};

static void seen_number(void *context, enum fwa_cbor_type type, uint64_t number)
{
	struct seen *seen = context;

	seen->item.type = type;
	seen->item.number = number;
	seen->accepted = true;
}

static void seen_uint8(void *context, uint8_t value)
{
	seen_number(context, FWA_CBOR_UINT, value);
}

static void seen_uint16(void *context, uint16_t value)
{
	seen_number(context, FWA_CBOR_UINT, value);
}

static void seen_uint32(void *context, uint32_t value)
{
	seen_number(context, FWA_CBOR_UINT, value);
}

static void seen_uint64(void *context, uint64_t value)
{
	seen_number(context, FWA_CBOR_UINT, value);
}

static void seen_negative8(void *context, uint8_t value)
{
	seen_number(context, FWA_CBOR_NEGATIVE, value);
}

static void seen_negative16(void *context, uint16_t value)
{
	seen_number(context, FWA_CBOR_NEGATIVE, value);
}

static void seen_negative32(void *context, uint32_t value)
{
	seen_number(context, FWA_CBOR_NEGATIVE, value);
}

static void seen_negative64(void *context, uint64_t value)
{
	seen_number(context, FWA_CBOR_NEGATIVE, value);
}

static void seen_bytes(void *context, cbor_data data, size_t size)
{
	struct seen *seen = context;

	seen_number(context, FWA_CBOR_BYTES, size);
	seen->item.bytes = (struct fwa_bytes){data, size};
}

static void seen_array(void *context, size_t count)
{
	seen_number(context, FWA_CBOR_ARRAY, count);
}

static void seen_map(void *context, size_t count)
{
	seen_number(context, FWA_CBOR_MAP, count);
}

static void seen_bool(void *context, bool value)
{
	seen_number(context, FWA_CBOR_BOOL, value);
}

/* Whatever has a callback that does nothing leaves `accepted` false. */
static const struct cbor_callbacks callbacks = {
	.uint8 = seen_uint8,
	.uint16 = seen_uint16,
	.uint32 = seen_uint32,
	.uint64 = seen_uint64,
	.negint8 = seen_negative8,
	.negint16 = seen_negative16,
	.negint32 = seen_negative32,
	.negint64 = seen_negative64,
	.byte_string_start = cbor_null_byte_string_start_callback,
	.byte_string = seen_bytes,
	.string = cbor_null_string_callback,
	.string_start = cbor_null_string_start_callback,
	.indef_array_start = cbor_null_indef_array_start_callback,
	.array_start = seen_array,
	.indef_map_start = cbor_null_indef_map_start_callback,
	.map_start = seen_map,
	.tag = cbor_null_tag_callback,
	.float2 = cbor_null_float2_callback,
	.float4 = cbor_null_float4_callback,
	.float8 = cbor_null_float8_callback,
	.undefined = cbor_null_undefined_callback,
	.null = cbor_null_null_callback,
	.boolean = seen_bool,
	.indef_break = cbor_null_indef_break_callback,
};

/* Bytes of the shortest head that carries `number`. */
static size_t head_size(uint64_t number)
{
	if (number < 24)
		return 1;
	if (number <= UINT8_MAX)
		return 2;
	if (number <= UINT16_MAX)
		return 3;
	if (number <= UINT32_MAX)
		return 5;
	return 9;
}

int fwa_cbor_fault(struct fwa_cbor_reader *reader, const char *fault)
{
	if (!reader->fault)
		reader->fault = fault;
	return -EBADMSG;
}

int fwa_cbor_read(struct fwa_cbor_reader *reader, struct fwa_cbor_item *ret_item)
{
	struct cbor_decoder_result result;
	struct seen seen = {.accepted = false};
	size_t expected;

	if (reader->fault)
		return -EBADMSG;
	if (reader->offset == reader->size)
		return fwa_cbor_fault(reader, "the record ends too early");
	result = cbor_stream_decode(reader->data + reader->offset,
				    reader->size - reader->offset, &callbacks, &seen);
	if (result.status == CBOR_DECODER_NEDATA)
		return fwa_cbor_fault(reader, "the record ends too early");
	if (result.status != CBOR_DECODER_FINISHED)
		return fwa_cbor_fault(reader, "it is not well-formed CBOR");
	if (!seen.accepted)
		return fwa_cbor_fault(reader, "it holds an item of a type that records "
					      "never use");
	expected = seen.item.type == FWA_CBOR_BOOL ? 1 : head_size(seen.item.number);
	if (seen.item.type == FWA_CBOR_BYTES)
		expected += seen.item.bytes.size;
	if (result.read != expected)
		return fwa_cbor_fault(reader, "a head is not in its shortest form");
	reader->offset += result.read;
	*ret_item = seen.item;
	return 0;
}

static int read_type(struct fwa_cbor_reader *reader, enum fwa_cbor_type type,
		     struct fwa_cbor_item *ret_item)
{
	struct fwa_cbor_item item;
	int r;

	r = fwa_cbor_read(reader, &item);
	if (r < 0)
		return r;
	if (item.type != type)
		return fwa_cbor_fault(reader, "a value has the wrong type");
	*ret_item = item;
	return 0;
}

int fwa_cbor_read_uint(struct fwa_cbor_reader *reader, uint64_t *ret_value)
{
	struct fwa_cbor_item item;
	int r;

	r = read_type(reader, FWA_CBOR_UINT, &item);
	if (r < 0)
		return r;
	*ret_value = item.number;
	return 0;
}

int fwa_cbor_read_int(struct fwa_cbor_reader *reader, int64_t *ret_value)
{
	struct fwa_cbor_item item;
	int r;

	r = fwa_cbor_read(reader, &item);
	if (r < 0)
		return r;
	if (item.type != FWA_CBOR_UINT && item.type != FWA_CBOR_NEGATIVE)
		return fwa_cbor_fault(reader, "a value has the wrong type");
	if (item.number > INT64_MAX)
		return fwa_cbor_fault(reader, "a number is out of its range");
	*ret_value = item.type == FWA_CBOR_UINT ? (int64_t)item.number
						: -1 - (int64_t)item.number;
	return 0;
}

int fwa_cbor_read_bool(struct fwa_cbor_reader *reader, bool *ret_value)
{
	struct fwa_cbor_item item;
	int r;

	r = read_type(reader, FWA_CBOR_BOOL, &item);
	if (r < 0)
		return r;
	*ret_value = item.number != 0;
	return 0;
}

int fwa_cbor_read_bytes(struct fwa_cbor_reader *reader, struct fwa_bytes *ret_bytes)
{
	struct fwa_cbor_item item;
	int r;

	r = read_type(reader, FWA_CBOR_BYTES, &item);
	if (r < 0)
		return r;
	*ret_bytes = item.bytes;
	return 0;
}

/* `each`: the fewest bytes that one item or pair takes. */
static int open_type(struct fwa_cbor_reader *reader, enum fwa_cbor_type type, size_t each,
		     size_t *ret_count)
{
	struct fwa_cbor_item item;
	int r;

	r = read_type(reader, type, &item);
	if (r < 0)
		return r;
	if (reader->depth == FWA_CBOR_DEPTH_MAX)
		return fwa_cbor_fault(reader, "it is nested too deeply");
	if (item.number > (reader->size - reader->offset) / each)
		return fwa_cbor_fault(reader, "the record ends too early");
	reader->depth++;
	*ret_count = (size_t)item.number;
	return 0;
}

int fwa_cbor_open_array(struct fwa_cbor_reader *reader, size_t *ret_count)
{
	return open_type(reader, FWA_CBOR_ARRAY, 1, ret_count);
}

int fwa_cbor_open_map(struct fwa_cbor_reader *reader, size_t *ret_count)
{
	return open_type(reader, FWA_CBOR_MAP, 2, ret_count);
}

void fwa_cbor_close(struct fwa_cbor_reader *reader)
{
	reader->depth--;
}

int fwa_cbor_end(struct fwa_cbor_reader *reader)
{
	if (reader->fault)
		return -EBADMSG;
	if (reader->offset != reader->size)
		return fwa_cbor_fault(reader, "bytes follow the record");
	return 0;
}
