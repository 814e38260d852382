#include "runner.h"

#include <stdlib.h>

int
main(void)
{
    setenv("CK_DEFAULT_TIMEOUT", "60", 0); /* not 4 s: tests run beside others */
    setenv("CK_TIMEOUT_MULTIPLIER", "5", 0); /* on what is slow, with sanitizers */
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
