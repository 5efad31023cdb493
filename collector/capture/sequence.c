// SPDX-License-Identifier: Apache-2.0
#include "collector/capture/sequence.h"

#include <errno.h>
#include <stdlib.h>

struct cpu {
	uint64_t last; /* the last number accounted for */
	uint64_t time; /* when the last call known of it returned */
};

struct fwa_sequence {
	uint64_t recorded;
	uint64_t lost;
	uint32_t cpu_count;
	struct cpu cpus[];
};

struct fwa_sequence *fwa_sequence_new(uint32_t cpu_count, uint64_t start)
{
	struct fwa_sequence *sequence;
	uint32_t i;

	sequence = calloc(1, sizeof(*sequence) + cpu_count * sizeof(sequence->cpus[0]));
	if (!sequence)
		return NULL;
	sequence->cpu_count = cpu_count;
	for (i = 0; i < cpu_count; i++)
		sequence->cpus[i].time = start;
	return sequence;
}

void fwa_sequence_free(struct fwa_sequence *sequence)
{
	free(sequence);
}

/* `missing` numbers follow the last one. */
static int gap_of(const struct fwa_sequence *sequence, uint32_t cpu, uint64_t missing,
		  uint64_t time, struct fwa_capture_gap *ret_gap)
{
	const struct cpu *known = &sequence->cpus[cpu];

	if (missing == 0)
		return 0;
	*ret_gap = (struct fwa_capture_gap){
		.cpu = cpu,
		.first_number = known->last + 1,
		.count = missing,
		.not_before = known->time,
		.not_after = time < known->time ? known->time : time,
	};
	return 1;
}

int fwa_sequence_check(const struct fwa_sequence *sequence, uint32_t cpu, uint64_t number,
		       uint64_t time, struct fwa_capture_gap *ret_gap)
{
	if (cpu >= sequence->cpu_count || number <= sequence->cpus[cpu].last)
		return -EBADMSG;
	return gap_of(sequence, cpu, number - sequence->cpus[cpu].last - 1, time,
		      ret_gap);
}

int fwa_sequence_check_end(const struct fwa_sequence *sequence, uint32_t cpu,
			   uint64_t issued, uint64_t time,
			   struct fwa_capture_gap *ret_gap)
{
	if (cpu >= sequence->cpu_count || issued < sequence->cpus[cpu].last)
		return -EBADMSG;
	return gap_of(sequence, cpu, issued - sequence->cpus[cpu].last, time, ret_gap);
}

void fwa_sequence_accept_call(struct fwa_sequence *sequence, uint32_t cpu, uint64_t time)
{
	struct cpu *known = &sequence->cpus[cpu];

	known->last++;
	if (known->time < time)
		known->time = time;
	sequence->recorded++;
}

void fwa_sequence_accept_gap(struct fwa_sequence *sequence,
			     const struct fwa_capture_gap *gap)
{
	struct cpu *known = &sequence->cpus[gap->cpu];

	known->last = gap->first_number + gap->count - 1;
	sequence->lost += gap->count;
}

uint64_t fwa_sequence_last(const struct fwa_sequence *sequence, uint32_t cpu)
{
	return cpu < sequence->cpu_count ? sequence->cpus[cpu].last : 0;
}

uint64_t fwa_sequence_issued(const struct fwa_sequence *sequence)
{
	uint64_t issued = 0;
	uint32_t i;

	for (i = 0; i < sequence->cpu_count; i++)
		issued += sequence->cpus[i].last;
	return issued;
}

uint64_t fwa_sequence_recorded(const struct fwa_sequence *sequence)
{
	return sequence->recorded;
}

uint64_t fwa_sequence_lost(const struct fwa_sequence *sequence)
{
	return sequence->lost;
}
