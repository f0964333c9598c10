#include "portal/step.h"

void step_free(struct step *step)
{
	json_free(step->exchange);
	json_free(step->guide);
	json_free(step->extra);
	json_free(step->missing);
	json_free(step->log);
	step->exchange = step->guide = step->extra = step->missing = step->log = NULL;
}
