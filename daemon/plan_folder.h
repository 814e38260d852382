/* plan_folder: the CSV files of a plan's folder as cells, in one COPY (copy_plan_cell.sql).
 *
 *     sectors.csv               file         line  column_name  text   fault
 *       sector_code,name_en     sectors.csv     1  sector_code               a header: one row a column
 *       steel,steel             sectors.csv     1  name_en
 *       brick                   sectors.csv     2  sector_code  steel        one row a cell that is not empty
 *                               sectors.csv     2  name_en      steel
 *                               sectors.csv     3                     has 1 field, the header has 2: ...
 *
 * What cannot be read is a fault beside the rest, so that all that is wrong is said at once. Which files and columns
 * there are the database knows.
 */
#ifndef ABATE_PLAN_FOLDER_H
#define ABATE_PLAN_FOLDER_H

#include <stdbool.h>

#include "buf.h"
#include "reason.h"

#define PLAN_FOLDER_MOST (64 << 20) /* bytes of cells: more is no plan */

/* Adds the cells of every *.csv in `folder`, framed, to `ret`. False if the folder cannot be read, has none, or too
 * much. */
bool plan_folder_read(const char *folder, struct buf *ret, struct reason *why);

#endif
