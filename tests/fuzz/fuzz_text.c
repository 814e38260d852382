/* Texts that are a time, a length of time, a number of bytes, or foreign. */
#include "instant.h"
#include "must.h"
#include "width.h"

static void
check_instant(const char *text, size_t size, int32_t zone_s)
{
    struct instant at = {-1}, again;
    struct reason why = {""};
    char out[INSTANT_TEXT];

    if (!instant_parse(text, size, zone_s, &at, &why)) {
        must_be_decent(why.text);
        must(at.us == -1, "refused, and changed");
        return;
    }
    instant_format(at, out);
    must(strlen(out) < INSTANT_TEXT && instant_parse(out, strlen(out), INSTANT_ZONE_NONE, &again, &why), "%s", out);
    must(again.us == at.us, "%s", out);
    int month = instant_month(at);
    must(month >= 1900 * 12 && month < 2200 * 12, "month %d", month);
    struct instant hour = instant_hour(at, 20700);
    must(hour.us <= at.us && at.us - hour.us < INSTANT_HOUR_US, "hour");
}

/* What is shown says what was there, and is safe. */
static void
check_quote(const char *bytes, size_t size)
{
    struct quoted q = text_quote(bytes, size);
    size_t shown = strlen(q.text);

    must(shown < sizeof(q.text) && (size == 0) == (shown == 0), "%zu shown of %zu", shown, size);
    must(strchr(q.text, '"') == NULL, "%s", q.text);
    if (size > 0)
        must_be_decent(q.text);
    must(size <= 64 || strcmp(q.text + shown - 3, "...") == 0 || size <= 67, "%s", q.text);
}

static void
check_lengths(const char *text)
{
    long long us, again;
    unsigned long long bytes;

    if (text_duration(text, &us)) {
        must(us >= 0, "%lld", us);
        must(text_duration(text_of_duration(us).text, &again) && again == us, "%s", text_of_duration(us).text);
    }
    if (text_bytes(text, &bytes))
        must(text[0] >= '0' && text[0] <= '9', "%s", text);
}

static void
check_width(const char *text, size_t size)
{
    size_t width = width_of(text, size), fits = width_fit(text, size, width / 2);
    must(width <= size && fits <= size && width_of(text, fits) <= width / 2, "%zu columns of %zu bytes", width, size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);

    must(text != NULL, "no memory");
    if (size > 0)
        memcpy(text, bytes, size);
    text[size] = '\0';
    check_instant(text, size, INSTANT_ZONE_NONE);
    check_instant(text, size, 28800);
    check_quote(text, size);
    check_lengths(text);
    check_width(text, size);
    free(text);
    return 0;
}
