/* runner: the main of every unit test. A test program is its suite(). */
#ifndef ABATE_RUNNER_H
#define ABATE_RUNNER_H

#include <check.h>

Suite *suite(void);

#endif
