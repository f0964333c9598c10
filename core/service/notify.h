/*
 * notify.h - tells systemd how the service is doing (sd_notify(3), without its library)
 *
 * A datagram to $NOTIFY_SOCKET; nothing where there is none.
 */
#ifndef SERVICE_NOTIFY_H
#define SERVICE_NOTIFY_H

void notify_ready(void);
void notify_reloading(void); /* until the next notify_ready() */
void notify_stopping(void);

#endif
