/*
 * sfb.h - what the files of this plugin share
 */
#ifndef SFB_H
#define SFB_H

#include <caseroute/portal.h>

enum sfb_option {
	MODE,
	VERSION,
	LINK,
	SAP_ID,
	PROBE_PRODUCT,
	PARTNER,
	PARTNER_ID,
	DUE,
	BRIDGE,
	BRIDGE_PATH,
	BRIDGE_TOKEN,
	BRIDGE_POLL
};

enum sfb_mode { MODE_GUIDE, MODE_BRIDGE };
enum sfb_version { VERSION_2021_03, VERSION_2023, VERSION_2026 };

static inline int sfb_is_bridge(const struct portal_op *op)
{
	return op->options[MODE].number == MODE_BRIDGE;
}

/* dossier.c: the fields to copy, for every version of the form. */
void sfb_dossier(struct portal_op *op);
portal_str sfb_plan_name(struct portal_op *op);
portal_str sfb_probe_product(const struct portal_op *op);
/* The address to open: configured or the version's own, with the product's sapId. */
portal_str sfb_link(struct portal_op *op);

/* Severity A is worked on around the clock; without somebody at the phone it is
 * downgraded, so that is asked for first. PORTAL_DONE or PORTAL_FAILED. */
uint32_t sfb_check_severity(struct portal_op *op);
/* A date as a portal shows it: usable through its last second. 0: none. */
int64_t sfb_end(struct portal_op *op, portal_str text);
/* "unlimited" or a number; else PORTAL_UNKNOWN. */
int64_t sfb_count(portal_str text);
/* A plan that is listed as expired has ended, whatever was known before. */
void sfb_observe_ended(struct portal_op *op, portal_str end);

/* guide.c: by hand. */
portal_step_function sfb_guide_link, sfb_guide_create, sfb_guide_remaining, sfb_guide_status,
    sfb_guide_message, sfb_guide_attach, sfb_guide_change;

/* bridge.c: through the operator's own endpoint. */
portal_step_function sfb_bridge_link, sfb_bridge_create, sfb_bridge_remaining, sfb_bridge_status;

#endif
