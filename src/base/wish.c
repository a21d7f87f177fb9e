/* SPDX-License-Identifier: ISC */
#include "base/wish.h"

enum wish_kind
wish_heard(struct wish *w, int sig, const struct timespec *now)
{
	long long ms = (now->tv_sec - w->at.tv_sec) * 1000LL +
	    (now->tv_nsec - w->at.tv_nsec) / 1000000;

	if (w->sig != 0)
		return ms >= WISH_MS ? WISH_INSISTS : WISH_SAME;
	w->sig = sig;
	w->at = *now;
	return WISH_NEW;
}
