/* folder: its CSV files as cells, in one COPY (copy_folder_cell.sql).
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
#ifndef ABATE_FOLDER_H
#define ABATE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "reason.h"

#define FOLDER_MOST (64 << 20) /* bytes of cells: more are no tables for a spreadsheet */

/* Adds the cells of each file, and of every *.csv of each folder, framed, to `ret`. False if a path cannot be read, a folder
 * has none, two files have one name, or there is too much. What a file has is said by its name. */
bool folder_read(const char *const *path, size_t paths, struct buf *ret, struct reason *why);

#endif
