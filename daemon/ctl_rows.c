#include "ctl_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "payload.h"

void
ctl_put(struct buf *out)
{
    if (out->size > 0)
        fwrite(out->at, 1, out->size, stdout);
    buf_clear(out);
}

/* ---- JSON ---- */

static void
add_name(struct buf *out, const char *name)
{
    unsigned char last = out->size > 0 ? out->at[out->size - 1] : '{';

    if (last != '{' && last != '[')
        buf_add_text(out, ", ");
    payload_add_string(out, name);
    buf_add_text(out, ": ");
}

void
ctl_add_plain(struct buf *out, const char *name, const char *text)
{
    add_name(out, name);
    buf_add_text(out, text != NULL ? text : "null");
}

void
ctl_add_count(struct buf *out, const char *name, int64_t count)
{
    char number[24];
    snprintf(number, sizeof(number), "%" PRId64, count);
    ctl_add_plain(out, name, number);
}

void
ctl_add_text(struct buf *out, const char *name, const char *text)
{
    if (text == NULL) {
        ctl_add_plain(out, name, NULL);
        return;
    }
    add_name(out, name);
    payload_add_string(out, text);
}

/* PostgreSQL's Infinity and NaN are no JSON. */
static const char *
number(const char *text)
{
    return text != NULL && strpbrk(text, "IN") == NULL ? text : NULL;
}

static const char *
truth(const char *text)
{
    return text == NULL ? NULL : text[0] == 't' ? "true" : "false";
}

void
ctl_add_members(struct buf *out, const struct ctl_column *column, size_t columns, const struct pg_result *r, int row)
{
    for (size_t i = 0; i < columns; i++) {
        const char *text = pg_text(r, row, column[i].from);
        if (column[i].member == NULL)
            continue;
        switch (column[i].kind) {
        case CTL_TEXT:
            ctl_add_text(out, column[i].member, text);
            break;
        case CTL_NUMBER:
            ctl_add_plain(out, column[i].member, number(text));
            break;
        case CTL_TRUTH:
            ctl_add_plain(out, column[i].member, truth(text));
            break;
        }
    }
}

static void
print_json(const struct ctl_column *column, size_t columns, const struct pg_result *r)
{
    struct buf out = {0};

    for (int row = 0; row < r->rows; row++) {
        buf_add_text(&out, "{");
        ctl_add_members(&out, column, columns, r, row);
        buf_add_text(&out, "}\n");
    }
    ctl_put(&out);
}

/* ---- a table ---- */

static void
print_table(const struct ctl_column *column, size_t columns, const struct pg_result *r)
{
    struct table_column *head = calloc(columns, sizeof(*head));
    const char **cell = calloc(columns, sizeof(*cell));
    struct buf out = {0};
    struct table t;
    size_t n = 0;

    if (head == NULL || cell == NULL)
        abort();
    for (size_t i = 0; i < columns; i++) {
        if (column[i].head.name != NULL)
            head[n++] = column[i].head;
    }
    table_init(&t, head, n);
    for (int row = 0; row < r->rows; row++) {
        n = 0;
        for (size_t i = 0; i < columns; i++) {
            if (column[i].head.name != NULL)
                cell[n++] = pg_text(r, row, column[i].from);
        }
        table_add(&t, cell);
    }
    table_write(&t, &out);
    ctl_put(&out);
    table_clear(&t);
    free(head);
    free(cell);
}

void
ctl_print_rows(const struct ctl_column *column, size_t columns, const struct pg_result *r, bool is_json)
{
    if (is_json)
        print_json(column, columns, r);
    else
        print_table(column, columns, r);
}
