#include "portal/result.h"

void result_free(struct step_result *result)
{
	json_free(result->exchange);
	json_free(result->guide);
	json_free(result->extra);
	json_free(result->missing);
	json_free(result->log);
	result->exchange = result->guide = result->extra = result->missing = result->log = NULL;
}
