/* SPDX-License-Identifier: Apache-2.0 */
/* A window while it is judged: attribute.c compares, blame.c attributes, after.c draws the line. */
#ifndef FWA_VERIFIER_EFFECTS_VIEW_H
#define FWA_VERIFIER_EFFECTS_VIEW_H

#include "verifier/effects/engine.h"

/* A window while it is judged. */
struct view {
	struct fwa_effects *effects;
	struct device *device;
	struct window *window;
	bool blind;                /* it cannot be said which calls overlap the window */
	uint32_t realises;         /* by the resets in it */
	struct brief **candidates; /* commands that overlap it, in order of recording */
	size_t candidate_count;
	size_t undeclared_count;       /* changes that nobody declares */
	struct fwa_finding undeclared; /* carries them */
};

/* blame.c: make the undeclared changes a finding. Returns 0 or -ENOMEM. */
int fwa_view_blame(struct view *view);
/* A change that a reset made of what `past` saved, and that was not declared for it. */
int fwa_view_blame_reset(struct view *view, const struct past *past,
			 const struct fwa_change *change);
/* Add the change to a finding, and what it is evidence of. */
void fwa_view_add_change(const struct view *view, struct fwa_finding *finding,
			 const struct fwa_change *change);

/* after.c: the state after the window, as the snapshot says. */
int fwa_view_apply(struct view *view);
/* What resets that are over have realised is not pending any more. */
void fwa_view_forget(struct view *view);
/* Every brief whose last window this was gets its verdict. */
int fwa_view_settle(struct view *view);
/* The first snapshot of a run: what changed while nobody watched is nobody's. */
int fwa_view_baseline(struct view *view);

#endif
