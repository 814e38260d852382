#include "csv_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "buf.h"

#define CHUNK 65536 /* bytes asked of zlib at once */

struct csv_file {
    char *name;
    gzFile gz;
    uint64_t size;
    struct csv csv;
    struct buf text; /* read and not yet forgotten */
    size_t used;     /* of it, up to where the next row begins */
    bool is_all;
};

/* Without waiting for somebody to write, as a FIFO would have it. */
static bool
open_gz(struct csv_file *f, struct reason *why)
{
    struct stat status;
    int fd = open(f->name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0)
        reason_set(why, "%s: %s", f->name, strerror(errno));
    else if (!S_ISREG(status.st_mode))
        reason_set(why, "%s: %s", f->name, S_ISDIR(status.st_mode) ? strerror(EISDIR) : "not a regular file");
    else if ((f->gz = gzdopen(fd, "rb")) == NULL)
        reason_set(why, "%s: no memory to read it", f->name);
    if (f->gz == NULL) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    f->size = (uint64_t)status.st_size;
    gzbuffer(f->gz, CHUNK);
    return true;
}

struct csv_file *
csv_file_open(const char *name, char separator, struct reason *why)
{
    struct csv_file *f = calloc(1, sizeof(*f));
    if (f == NULL || (f->name = strdup(name)) == NULL)
        abort();
    csv_init(&f->csv, separator);
    if (!open_gz(f, why)) {
        csv_file_close(f);
        return NULL;
    }
    return f;
}

void
csv_file_close(struct csv_file *f)
{
    if (f == NULL)
        return;
    if (f->gz != NULL)
        gzclose_r(f->gz);
    csv_clear(&f->csv);
    buf_clear(&f->text);
    free(f->name);
    free(f);
}

/* More text behind what is not used yet. A file that was cut short is found out only by gzerror(). */
static bool
read_more(struct csv_file *f, struct reason *why)
{
    f->text.size -= f->used;
    if (f->text.size > 0)
        memmove(f->text.at, f->text.at + f->used, f->text.size);
    f->used = 0;
    if (f->text.size > CSV_FILE_ROW_MOST)
        return reason_set(why, "%s: line %lu: a row of more than %d bytes: is a quote never closed?", f->name,
                          f->csv.next_line, CSV_FILE_ROW_MOST);

    int got = gzread(f->gz, buf_reserve(&f->text, CHUNK), CHUNK);
    if (got < CHUNK) {
        int code;
        const char *words = gzerror(f->gz, &code);
        const char *name_end = strstr(words, ": "); /* what zlib calls the file: "<fd:3>" */
        if (name_end != NULL)
            words = name_end + 2;
        if (code != Z_OK && code != Z_STREAM_END)
            return reason_set(why, "%s: %s", f->name, code == Z_ERRNO ? strerror(errno) : words);
        f->is_all = got == 0;
    }
    f->text.size += (size_t)got;
    return true;
}

enum csv_file_next
csv_file_next(struct csv_file *f, struct reason *why)
{
    for (;;) {
        size_t used = 0;
        enum csv_take take = CSV_SHORT;
        if (f->text.at != NULL)
            take = csv_take(&f->csv, (char *)f->text.at + f->used, f->text.size - f->used, f->is_all, &used,
                            why);
        f->used += used;
        if (take == CSV_ROW)
            return CSV_FILE_ROW;
        if (take == CSV_BAD) {
            reason_prefix(why, "%s", f->name);
            return CSV_FILE_BROKEN;
        }
        if (f->is_all)
            return CSV_FILE_END;
        if (!read_more(f, why))
            return CSV_FILE_BROKEN;
    }
}

const struct csv *
csv_file_row(const struct csv_file *f)
{
    return &f->csv;
}

uint64_t
csv_file_size(const struct csv_file *f)
{
    return f->size;
}

uint64_t
csv_file_at(const struct csv_file *f)
{
    z_off_t at = gzoffset(f->gz);
    return at > 0 ? (uint64_t)at : 0;
}
