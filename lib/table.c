#include "table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "width.h"

#define GAP 2      /* blanks between columns */
#define CUT "..." /* what a cut text ends in */
#define CUT_WIDTH 3

void
table_init(struct table *t, const struct table_column *column, size_t columns)
{
    *t = (struct table){.column = column, .columns = columns, .width = calloc(columns, sizeof(*t->width))};
    if (t->width == NULL)
        abort();
    for (size_t i = 0; i < columns; i++)
        t->width[i] = width_of(column[i].name, strlen(column[i].name));
}

void
table_clear(struct table *t)
{
    buf_clear(&t->text);
    free(t->width);
    *t = (struct table){0};
}

/* A terminal obeys control characters, also those of two bytes (U+0080 to U+009F). */
static void
add_plain(struct buf *b, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        bool is_two = c == 0xc2 && i + 1 < size && (unsigned char)text[i + 1] < 0xa0;
        i += is_two;
        if (is_two || c < ' ' || c == 0x7f)
            c = ' ';
        buf_add(b, &c, 1);
    }
}

void
table_add(struct table *t, const char *const *cell)
{
    for (size_t i = 0; i < t->columns; i++) {
        const char *text = cell[i] != NULL ? cell[i] : "";
        size_t size = strlen(text);
        size_t most = t->column[i].most;
        bool is_cut = most > CUT_WIDTH && width_of(text, size) > most;
        size_t begin = t->text.size;

        add_plain(&t->text, text, is_cut ? width_fit(text, size, most - CUT_WIDTH) : size);
        if (is_cut)
            buf_add_text(&t->text, CUT);
        size_t width = width_of((const char *)t->text.at + begin, t->text.size - begin);
        if (width > t->width[i])
            t->width[i] = width;
        buf_add(&t->text, "", 1);
    }
    t->rows++;
}

static void
add_blanks(struct buf *out, size_t count)
{
    for (; count > 0; count--)
        buf_add(out, " ", 1);
}

/* Blanks are owed until something follows them. */
static void
write_cell(const struct table *t, size_t i, const char *text, size_t *owed, struct buf *out)
{
    size_t size = strlen(text);
    size_t rest = t->width[i] - width_of(text, size);
    bool is_right = t->column[i].is_right;

    if (size > 0) {
        add_blanks(out, *owed + (is_right ? rest : 0));
        buf_add(out, text, size);
        *owed = 0;
    }
    *owed += (size > 0 && is_right ? 0 : rest) + GAP;
}

void
table_write(const struct table *t, struct buf *out)
{
    const char *text = (const char *)t->text.at;

    for (size_t row = 0; row <= t->rows; row++) {
        size_t owed = 0;
        for (size_t i = 0; i < t->columns; i++) {
            write_cell(t, i, row == 0 ? t->column[i].name : text, &owed, out);
            if (row > 0)
                text += strlen(text) + 1;
        }
        buf_add(out, "\n", 1);
    }
}
