/* The header alone is C. */
#include <caseroute/portal.h>

int main(void)
{
	return (int)sizeof(struct portal_plugin) == 0;
}
