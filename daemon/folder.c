#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "copy_row.h"
#include "csv_file.h"
#include "text.h"

#define PARTED_OTHERWISE "names columns with \";\" between them: save the file with commas"

struct sheet {
    const char *name; /* of the file, within the folder */
    struct buf *cells;
    struct buf header; /* the names of its columns, each ended by NUL */
    size_t columns;
};

static struct span
trimmed(struct span s)
{
    while (s.size > 0 && strchr(" \t\r\n", *s.at) != NULL && *s.at != '\0') {
        s.at++;
        s.size--;
    }
    while (s.size > 0 && strchr(" \t\r\n", s.at[s.size - 1]) != NULL && s.at[s.size - 1] != '\0')
        s.size--;
    return s;
}

static void
add_fault(struct sheet *r, unsigned long line, struct span column, const char *fault)
{
    struct folder_cell cell = {.file = r->name, .line = line, .column = column, .fault = fault};
    copy_folder_cell(r->cells, &cell);
}

static bool
has_control(struct span field)
{
    for (size_t i = 0; i < field.size; i++) {
        unsigned char c = (unsigned char)field.at[i];
        bool is_c1 = i > 0 && (unsigned char)field.at[i - 1] == 0xc2 && c >= 0x80 && c < 0xa0;
        if (c < ' ' || c == 0x7f || is_c1)
            return true;
    }
    return false;
}

/* What is wrong with the bytes of a field, or NULL. */
static const char *
fault_of(struct span field)
{
    if (text_is_utf8(field.at, field.size))
        return !has_control(field) ? NULL
                                   : "has a line end, a tab or another control character in it: write it in one line of "
                                     "plain text";
    return memchr(field.at, '\0', field.size) != NULL ? "has a NUL byte: save the file as plain CSV in UTF-8"
                                                      : "is no UTF-8: save the file as CSV in UTF-8";
}

static bool
is_empty_row(const struct csv *row)
{
    for (size_t i = 0; i < row->fields; i++) {
        if (trimmed(row->field[i]).size > 0)
            return false;
    }
    return true;
}

static void
take_header(struct sheet *r, const struct csv *row)
{
    for (size_t i = 0; i < row->fields; i++) {
        struct span name = trimmed(row->field[i]);
        const char *fault = fault_of(name);
        bool is_parted_otherwise = fault == NULL && row->fields == 1 && memchr(name.at, ';', name.size) != NULL;
        struct folder_cell cell = {.file = r->name, .line = row->line, .column = name,
                                   .fault = is_parted_otherwise ? PARTED_OTHERWISE : fault};
        if (name.size > 0)
            copy_folder_cell(r->cells, &cell);
        if (fault == NULL)
            buf_add(&r->header, name.at, name.size);
        buf_add(&r->header, "", 1);
    }
    r->columns = row->fields;
}

static void
take_cell(struct sheet *r, unsigned long line, const char *column, struct span text)
{
    struct folder_cell cell = {
        .file = r->name, .line = line, .column = {column, strlen(column)}, .text = text, .fault = fault_of(text)};
    if (text.size == 0)
        return;
    if (*column == '\0') {
        cell.column.at = NULL;
        cell.fault = "has text in a column without a name: name it in the header, or empty it";
    }
    if (cell.fault != NULL)
        cell.text.at = NULL;
    copy_folder_cell(r->cells, &cell);
}

static void
take_row(struct sheet *r, const struct csv *row)
{
    if (is_empty_row(row))
        return; /* spreadsheets leave such behind the last one */
    if (r->columns == 0) {
        take_header(r, row);
        return;
    }
    if (row->fields != r->columns) {
        char fault[128];
        snprintf(fault, sizeof(fault), "has %zu field%s, the header has %zu: is a comma or a quote missing or too many?",
                 row->fields, row->fields == 1 ? "" : "s", r->columns);
        add_fault(r, row->line, (struct span){0}, fault);
        return;
    }
    const char *column = (const char *)r->header.at;
    for (size_t i = 0; i < row->fields; i++) {
        take_cell(r, row->line, column, trimmed(row->field[i]));
        column += strlen(column) + 1;
    }
}

/* "DIR/plants.csv: line 17: field 3: ..." comes in two: 17, and the words behind. */
static void
take_broken(struct sheet *r, const char *path, const char *why)
{
    unsigned long line = 0;
    int used = 0;
    if (strncmp(why, path, strlen(path)) == 0)
        why += strlen(path) + strspn(why + strlen(path), ": ");
    if (sscanf(why, "line %lu: %n", &line, &used) == 1)
        why += used;
    add_fault(r, line, (struct span){0}, why);
}

static void
read_file(struct sheet *r, const char *path)
{
    struct reason why;
    struct csv_file *file = csv_file_open(path, ',', &why);
    enum csv_file_next next = CSV_FILE_BROKEN;

    while (file != NULL && r->cells->size <= FOLDER_MOST &&
           (next = csv_file_next(file, &why)) == CSV_FILE_ROW)
        take_row(r, csv_file_row(file));
    if (file == NULL || next == CSV_FILE_BROKEN)
        take_broken(r, path, why.text);
    else if (next == CSV_FILE_END && r->columns == 0)
        add_fault(r, 0, (struct span){0}, "is empty: its first line names the columns");
    csv_file_close(file);
}

static int
is_csv(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    return size > 4 && entry->d_name[0] != '.' && strcmp(entry->d_name + size - 4, ".csv") == 0;
}

struct collection {
    struct buf *cells;
    struct buf names; /* of the files read, each ended by NUL */
    struct reason *why;
};

static bool
is_read(const struct collection *r, const char *name)
{
    for (size_t at = 0; at < r->names.size; at += strlen((char *)r->names.at + at) + 1) {
        if (strcmp((char *)r->names.at + at, name) == 0)
            return true;
    }
    return false;
}

/* One file, whose name says what it has. */
static bool
read_one(struct collection *r, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct sheet sheet = {.name = slash != NULL ? slash + 1 : path, .cells = r->cells};
    if (is_read(r, sheet.name))
        return reason_set(r->why, "%s: there is another \"%s\" before it", path, sheet.name);
    buf_add(&r->names, sheet.name, strlen(sheet.name) + 1);
    read_file(&sheet, path);
    buf_clear(&sheet.header);
    if (r->cells->size > FOLDER_MOST)
        return reason_set(r->why, "%s: with what is before it makes cells of more than %d MiB: "
                                  "too many to be read at once", path, FOLDER_MOST >> 20);
    return true;
}

static bool
read_all(struct collection *r, const char *folder)
{
    struct dirent **entry;
    int count = scandir(folder, &entry, is_csv, alphasort);
    if (count < 0)
        return reason_set(r->why, "%s: %s", folder, strerror(errno));

    bool ok = count > 0 || reason_set(r->why, "%s: there is no .csv file", folder);
    for (int i = 0; i < count; i++) {
        char *path;
        if (asprintf(&path, "%s/%s", folder, entry[i]->d_name) < 0)
            abort();
        ok = ok && read_one(r, path);
        free(path);
        free(entry[i]);
    }
    free(entry);
    return ok;
}

static bool
read_path(struct collection *r, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return reason_set(r->why, "%s: %s", path, strerror(errno));
    return S_ISDIR(status.st_mode) ? read_all(r, path) : read_one(r, path);
}

bool
folder_read(const char *const *path, size_t paths, struct buf *ret, struct reason *why)
{
    struct collection r = {.cells = ret, .why = why};
    bool ok = true;

    copy_begin(ret);
    for (size_t i = 0; ok && i < paths; i++)
        ok = read_path(&r, path[i]);
    copy_end(ret);
    buf_clear(&r.names);
    return ok;
}
