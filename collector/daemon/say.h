/* SPDX-License-Identifier: Apache-2.0 */
/* What the user and the service manager are told. */
#ifndef FWA_COLLECTOR_DAEMON_SAY_H
#define FWA_COLLECTOR_DAEMON_SAY_H

/* One line on stderr, with the program's name before it. */
void fwa_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* sd_notify(3): does nothing without a service manager. */
void fwa_notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
