/* TEMPLATE <LF> TEXT. Where a text comes to stand in JSON it is that text, and no more; in a URL it is letters that mean
 * nothing there.
 */
#include <jansson.h>

#include "lines.h"
#include "must.h"
#include "template.h"

static const char *const names[] = {"text", "subject", "recipient", NULL};

static void
check_json(const char *text)
{
    struct template_word word = {"text", text, false};
    struct buf out = {0};

    template_add(&out, "{\"a\":\"{text}\",\"b\":[\"{text}{text}\"]}", TEMPLATE_JSON, &word, 1);
    json_t *whole = json_loadb((const char *)out.at, out.size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    must(whole != NULL, "no JSON: %.*s", (int)out.size, (const char *)out.at);
    must(json_object_size(whole) == 2 && json_array_size(json_object_get(whole, "b")) == 1, "of another shape");
    const char *a = json_string_value(json_object_get(whole, "a"));
    must(strcmp(a, text) == 0, "\"%s\" became \"%s\"", text, a);
    json_decref(whole);
    buf_clear(&out);
}

static void
check_url(const char *text)
{
    struct buf out = {0};
    const char *at = text;

    template_add_url(&out, text);
    for (size_t i = 0; i < out.size; at++) {
        unsigned char c = out.at[i];
        must(c == '%' || strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~", c) != NULL, "byte %u", c);
        unsigned value = c;
        must(c != '%' || (i + 2 < out.size && sscanf((const char *)out.at + i, "%%%2X", &value) == 1), "a half byte");
        must(value == (unsigned char)*at, "%u became %u", (unsigned char)*at, value);
        i += c == '%' ? 3 : 1;
    }
    must(*at == '\0', "cut at \"%s\"", at);
    buf_clear(&out);
}

static void
check_whole(const char *template, const char *text)
{
    struct template_word word[] = {{"text", text, false}, {"subject", "s", true}, {"recipient", "", false}};
    struct buf out = {0};
    struct reason why = {""};

    if (!template_check(template, names, &why)) {
        must_be_decent(why.text);
        return;
    }
    for (enum template_place place = TEMPLATE_PLAIN; place <= TEMPLATE_URL; place++) {
        buf_empty(&out);
        template_add(&out, template, place, word, 3);
        must(strpbrk(template, "{") != NULL || (out.size == strlen(template) && (out.size == 0 || memcmp(out.at, template, out.size) == 0)),
             "a text without names has changed");
    }
    buf_clear(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *line[2];

    lines_take(bytes, size, line, 2);
    if (text_is_utf8(line[1], strlen(line[1])))
        check_json(line[1]);
    check_url(line[1]);
    check_whole(line[0], line[1]);
    lines_clear(line, 2);
    return 0;
}
