/*
 * bounds.h - does a plugin's table point at memory that is there?
 *
 * A plugin's file is proven to run nothing when it is loaded, but its table is data of a
 * stranger, read in this process: a wild pointer in it would end the process.
 */
#ifndef PORTAL_BOUNDS_H
#define PORTAL_BOUNDS_H

#include "base/failure.h"
#include "caseroute/portal.h"

/* Copied from the plugin, with zeroes behind; of strides that are long enough. All that it points
 * at lies in segments of loaded objects, texts end there, steps can be executed there. */
bool bounds_hold(const struct portal_plugin *, struct failure *);

#endif
