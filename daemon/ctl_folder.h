/* ctl_folder: a plan's folder, or files of the register, into the database: of the two commands that do it. Told in words,
 * what is wrong on standard error; or for a machine, an object a line, all on standard output:
 *
 *     {"fault": true, "file", "line", "column", "words"}
 *     {"change": true, "file", "line", "column", "was", "becomes"}
 *     {"kind", "plan", "version", "new_version", "commitments", "files": [{"file", "new", "changed", "gone", "same"}],
 *      "faults", "more_faults", "more_changes", "dry"}                                      once, the last
 */
#ifndef ABATE_CTL_FOLDER_H
#define ABATE_CTL_FOLDER_H

#include "folder_load.h"

int ctl_folder_load(const char *file, const struct folder_load_wish *wish, bool is_json); /* the exit status */

#endif
