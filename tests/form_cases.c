#include "form_cases.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

void
case_line(struct buf *out, const char *format, ...)
{
    char line[2048];
    va_list ap;
    va_start(ap, format);
    vsnprintf(line, sizeof(line), format, ap);
    va_end(ap);
    buf_add_text(out, line);
}

static void
add_span(struct buf *out, struct span s)
{
    if (s.at == NULL)
        case_line(out, " -");
    else
        case_line(out, " \"%s\"", text_quote(s.at, s.size).text);
}

static void
add_number(struct buf *out, double value)
{
    char text[32];
    snprintf(text, sizeof(text), "%.15g", value);
    if (strtod(text, NULL) != value)
        snprintf(text, sizeof(text), "%.17g", value);
    case_line(out, " %s", isnan(value) ? "-" : text);
}

static void
add_time(struct buf *out, const struct measurement *me)
{
    char text[INSTANT_TEXT];
    if (me->time.at != NULL) {
        add_span(out, me->time);
        return;
    }
    instant_format(me->at, text);
    if (me->is_local)
        strcpy(strchr(text, 'Z'), " local");
    case_line(out, " %s", text);
}

static void
add_message(struct buf *out, const struct message *m)
{
    for (size_t i = 0; i < m->measurements; i++) {
        const struct measurement *me = &m->measurement[i];
        buf_add_text(out, "measurement");
        add_span(out, me->monitor);
        add_time(out, me);
        case_line(out, " %s%s\n", period_name[me->period], me->is_reissue ? " reissue" : "");
        for (size_t n = me->first; n < me->first + me->count; n++) {
            buf_add_text(out, "reading");
            add_span(out, m->reading[n].name);
            add_number(out, m->reading[n].value);
            case_line(out, " %c", m->reading[n].mark);
            if (m->reading[n].unit.at != NULL)
                add_span(out, m->reading[n].unit);
            case_line(out, "\n");
        }
    }
    if (m->faults > 0)
        case_line(out, "faults %zu: %s\n", m->faults, m->first_fault.text);
}

bool
case_is_decent(const struct reason *why)
{
    if (why->text[0] == '\0' || !text_is_utf8(why->text, strlen(why->text)))
        return false;
    for (const unsigned char *s = (const unsigned char *)why->text; *s != '\0'; s++) {
        if (*s < 0x20 || *s == 0x7f)
            return false;
    }
    return true;
}

void
case_decode_by(const struct form *form, const struct profile *profile, const void *payload, size_t size, bool is_named,
               struct buf *out)
{
    struct message m = {.arrived = {CASE_ARRIVED_US}, .is_named = is_named, .profile = profile};

    for (int round = 0; round < 2; round++) {
        struct reason why = {""};
        buf_empty(out);
        if (form->decode(payload, size, &m, &why)) {
            add_message(out, &m);
            ck_assert_msg(m.faults == 0 || case_is_decent(&m.first_fault), "indecent: %s",
                          m.first_fault.text);
        } else {
            case_line(out, "refused: %s\n", why.text);
            ck_assert_msg(case_is_decent(&why), "indecent: %s", why.text);
            ck_assert_uint_eq(m.measurements + m.readings + m.faults, 0);
        }
        message_empty(&m);
    }
    message_clear(&m);
    buf_add(out, "", 1);
}

void
case_decode(const struct form *form, const void *payload, size_t size, bool is_named, struct buf *out)
{
    case_decode_by(form, NULL, payload, size, is_named, out);
}

static bool
read_whole(const char *directory, const char *name, const char *file, struct buf *out)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s/%s", directory, name, file);
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        printf("%s: %s\n", path, strerror(errno));
        return false;
    }
    buf_empty(out);
    size_t got;
    while ((got = fread(buf_reserve(out, 65536), 1, 65536, f)) > 0)
        out->size += got;
    fclose(f);
    return true;
}

/* Line by line, those that differ marked. */
static void
print_difference(const char *wanted, const char *got)
{
    while (*wanted != '\0' || *got != '\0') {
        int w = (int)strcspn(wanted, "\n");
        int g = (int)strcspn(got, "\n");
        if (w == g && memcmp(wanted, got, (size_t)w) == 0) {
            printf("    %.*s\n", w, wanted);
        } else {
            printf("  - %.*s\n", w, wanted);
            printf("  + %.*s\n", g, got);
        }
        wanted += w + (wanted[w] == '\n');
        got += g + (got[g] == '\n');
    }
}

static bool
passes(const char *directory, const char *name, const struct form *form, const struct profile *profile)
{
    struct buf payload = {0}, expected = {0}, got = {0};
    bool ok = read_whole(directory, name, "payload", &payload) &&
              read_whole(directory, name, "expected", &expected);

    if (ok) {
        buf_add(&expected, "", 1);
        case_decode_by(form, profile, payload.at, payload.size, strncmp(name, "anonymous-", 10) != 0, &got);
        ok = strcmp((const char *)expected.at, (const char *)got.at) == 0;
        if (!ok) {
            printf("case %s: expected -, got +\n", name);
            print_difference((const char *)expected.at, (const char *)got.at);
        }
    }
    buf_clear(&payload);
    buf_clear(&expected);
    buf_clear(&got);
    return ok;
}

static int
is_case(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* `find` NULL: by no profile. */
static void
run(const char *folder, int least, const struct form *form, const struct profile *(*find)(const char *name))
{
    char directory[4000];
    const char *cases = getenv("ABATE_CASES");
    struct dirent **entry;
    int failed = 0;

    snprintf(directory, sizeof(directory), "%s/%s", cases != NULL ? cases : "tests/cases", folder);
    int count = scandir(directory, &entry, is_case, alphasort);
    ck_assert_msg(count >= least, "%s: %d cases, at least %d are wanted", directory, count, least);
    for (int i = 0; i < count; i++) {
        const char *name = entry[i]->d_name;
        failed += !passes(directory, name, form, find != NULL ? find(name) : NULL);
        free(entry[i]);
    }
    free(entry);
    ck_assert_msg(failed == 0, "%d of %d cases failed", failed, count);
}

void
cases_run(const struct form *form, int least)
{
    run(form->name, least, form, NULL);
}

void
cases_run_by(const char *folder, int least, const struct profile *(*find)(const char *name))
{
    run(folder, least, form_find("json"), find);
}

FILE *
case_open(const char *name)
{
    char path[4096];
    const char *folder = getenv("ABATE_DATA");
    const char *source = getenv("ABATE_SOURCE");

    if (folder != NULL && folder[0] != '\0')
        snprintf(path, sizeof(path), "%s/%s", folder, name);
    else
        snprintf(path, sizeof(path), "%s/../shared/data/%s", source != NULL ? source : ".", name);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        printf("%s: %s: left out (set ABATE_DATA to where it is)\n", path, strerror(errno));
    return f;
}
