/* crash: places where a test lets the daemon die as if killed, before, amid and after each step of a message's way.
 *
 * In abated there is nothing of it. tests/system/abated_crash has the same files compiled with ABATE_CRASH_POINTS: its
 * environment says where it dies, ABATE_CRASH="amid commit:3" is the third time it comes there. Of a statement, "amid" is
 * when it was sent and not answered.
 */
#ifndef ABATE_CRASH_H
#define ABATE_CRASH_H

#ifdef ABATE_CRASH_POINTS
void crash_at(const char *when, const char *step); /* may not return */
#define crash_before(step) crash_at("before", (step))
#define crash_amid(step) crash_at("amid", (step))
#define crash_after(step) crash_at("after", (step))
#else
#define crash_before(step) ((void)0)
#define crash_amid(step) ((void)0)
#define crash_after(step) ((void)0)
#endif

#endif
