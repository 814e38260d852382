/* Rows of separated text. The first byte chooses the separator, the second where the text is cut in two: what is read in
 * two goes is what is read in one. Written with every field in quotes and read again, the rows are the same. */
#include "buf.h"
#include "csv.h"
#include "must.h"

/* All rows into `out`, each field in quotes, so that two readings can be compared. False if a row was bad. */
static bool
read_all(char separator, const uint8_t *bytes, size_t size, size_t part, struct buf *out, struct reason *why)
{
    char *text = malloc(size > 0 ? size : 1);
    struct csv csv;
    size_t at = 0, used, seen = part;
    bool good = true;

    must(text != NULL, "no memory");
    if (size > 0)
        memcpy(text, bytes, size);
    csv_init(&csv, separator);
    for (;;) {
        enum csv_take take = csv_take(&csv, text + at, seen - at, seen == size, &used, why);
        must(take == CSV_BAD || used <= seen - at, "%zu of %zu used", used, seen - at);
        good = take != CSV_BAD;
        if (take == CSV_BAD || (take == CSV_SHORT && seen == size))
            break;
        at += used;
        if (take == CSV_SHORT) {
            seen = size;
            continue;
        }
        must(csv.fields > 0 && csv.line >= 1 && csv.line < csv.next_line, "line %lu", csv.line);
        for (size_t i = 0; i < csv.fields; i++) {
            buf_add(out, i > 0 ? &separator : "", i > 0);
            buf_add(out, "\"", 1);
            for (const char *p = csv.field[i].at; p < csv.field[i].at + csv.field[i].size; p++)
                buf_add(out, *p == '"' ? "\"\"" : p, *p == '"' ? 2 : 1);
            buf_add(out, "\"", 1);
        }
        buf_add(out, "\n", 1);
    }
    csv_clear(&csv);
    free(text);
    return good;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char separators[] = ",;\t|";
    struct buf whole = {0}, parts = {0}, again = {0};
    struct reason why = {""};

    if (size < 2)
        return 0;
    char separator = separators[bytes[0] & 3];
    size_t part = (size_t)bytes[1] * (size - 2) / 256;
    bool good = read_all(separator, bytes + 2, size - 2, size - 2, &whole, &why);
    if (!good)
        must_be_decent(why.text);
    must(read_all(separator, bytes + 2, size - 2, part, &parts, &why) == good, "good in one only");
    must(whole.size == parts.size && (whole.size == 0 || memcmp(whole.at, parts.at, whole.size) == 0), "another in parts");
    if (good && whole.size > 0) {
        must(read_all(separator, whole.at, whole.size, whole.size, &again, &why), "%s", why.text);
        must(again.size == whole.size && memcmp(again.at, whole.at, whole.size) == 0, "another when written again");
    }
    buf_clear(&whole);
    buf_clear(&parts);
    buf_clear(&again);
    return 0;
}
