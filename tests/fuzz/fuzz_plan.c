/* A file of a plan's folder: every cell reaches the database as text it takes, and the file is blamed by name and line. */
#include "copy_check.h"
#include "must.h"
#include "folder.h"
#include "scratch.h"

static bool
has_control(const struct copy_column *c)
{
    for (size_t i = 0; i < c->size; i++) {
        if (c->at[i] < ' ' || c->at[i] == 0x7f)
            return true;
    }
    return false;
}

/* file, line, column_name, text, fault */
static void
check_cells(const struct buf *cells)
{
    struct copy_rows r;
    char fault[2048];

    copy_rows_begin(&r, cells, 5);
    while (copy_rows_next(&r)) {
        must(r.column[0].size == 10 && memcmp(r.column[0].at, "plants.csv", 10) == 0, "file");
        must(r.column[1].is_null || copy_integer(&r.column[1], 4) > 0, "line");
        for (int i = 2; i < 5; i++) {
            if (!r.column[i].is_null)
                copy_text(&r.column[i]);
        }
        must(r.column[3].is_null || (!has_control(&r.column[3]) && r.column[4].is_null), "a text with a fault");
        if (r.column[4].is_null)
            continue;
        must(r.column[4].size < sizeof(fault), "a fault of %zu bytes", r.column[4].size);
        memcpy(fault, r.column[4].at, r.column[4].size);
        fault[r.column[4].size] = '\0';
        must_be_decent(fault);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char folder[SCRATCH_PATH];
    struct buf cells = {0};
    struct reason why = {""};

    scratch_make(folder);
    scratch_write(folder, "plants.csv", bytes, size);
    must(folder_read((const char *const[]){folder}, 1, &cells, &why) || size > 65536, "%s", why.text);
    check_cells(&cells);
    buf_clear(&cells);
    scratch_remove(folder);
    return 0;
}
