/*
 * notify.h - tells systemd how the service is doing (sd_notify(3), without its library)
 *
 * A datagram to $NOTIFY_SOCKET; nothing where there is none.
 */
#ifndef SERVICE_NOTIFY_H
#define SERVICE_NOTIFY_H

#include <stdint.h>

void notify_ready(void);
void notify_reloading(void); /* until the next notify_ready() */
void notify_stopping(void);
void notify_status(const char *); /* one line, for `systemctl status` */

/* Within so many ms signs of life are wanted (WatchdogSec=); 0: nobody waits for them. */
int64_t notify_watchdog_ms(void);
void notify_alive(void);

#endif
