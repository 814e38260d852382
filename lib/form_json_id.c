#include "form_json.h"

#include <string.h>

#include "form.h"
#include "text.h"

/* Goes over the payload once, counting brackets. Nothing is proven about it: a payload that is no JSON may have an id all the
 * same. What is taken is checked, so that it can stand in JSON as it is. */
struct scan {
    const char *at, *end;
    size_t depth;
    size_t wanted; /* the depth of the members asked for: 1 of an object, 2 of the objects of a list */
    char before;   /* the last bracket, comma, colon or value */
    size_t ids;
    bool has_id;   /* the object at hand */
    bool is_nameless; /* an object of the list had none */
};

static void
skip_blanks(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r' || *s->at == '\n'))
        s->at++;
}

/* From behind the opening quote to behind the closing one; what stands between them. */
static struct span
read_string(struct scan *s)
{
    struct span text = {s->at, 0};
    while (s->at < s->end && *s->at != '"')
        s->at += *s->at == '\\' && s->end - s->at > 1 ? 2 : 1;
    text.size = (size_t)(s->at - text.at);
    s->at += s->at < s->end;
    return text;
}

static bool
is_good_text(struct span text)
{
    if (text.size == 0 || text.size > FORM_ID_MOST || !text_is_utf8(text.at, text.size))
        return false;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c < 0x20 || c == 0x7f || c == '\\')
            return false;
    }
    return true;
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A whole number as JSON has it, of at most 18 digits. */
static bool
read_whole(struct scan *s, struct span *ret)
{
    const char *first = s->at;
    s->at += *s->at == '-';
    const char *digits = s->at;
    while (s->at < s->end && is_digit(*s->at))
        s->at++;
    size_t count = (size_t)(s->at - digits);
    bool is_over = s->at == s->end || memchr(" \t\r\n,}", *s->at, 6) != NULL;
    *ret = (struct span){first, (size_t)(s->at - first)};
    return is_over && count > 0 && count <= 18 && (digits[0] != '0' || count == 1);
}

/* The value behind `"id":`, as it stands. */
static bool
read_id(struct scan *s, struct span *ret)
{
    skip_blanks(s);
    if (s->at == s->end)
        return false;
    if (*s->at != '"')
        return (*s->at == '-' || is_digit(*s->at)) && read_whole(s, ret);
    s->at++;
    struct span text = read_string(s);
    *ret = (struct span){text.at - 1, text.size + 2};
    return text.at + text.size < s->end && is_good_text(text);
}

static void
add_id(struct scan *s, struct span id, struct buf *out)
{
    if (s->ids == 0)
        buf_add_text(out, s->wanted == 1 ? "\"id\":" : "\"ids\":[");
    else
        buf_add_text(out, ",");
    buf_add(out, id.at, id.size);
    s->ids++;
    s->has_id = true;
}

/* Behind the opening quote. */
static void
take_string(struct scan *s, struct buf *out)
{
    bool may_be_name = s->depth == s->wanted && (s->before == '{' || s->before == ',') && !s->has_id;
    struct span name = read_string(s), id = {0};

    s->before = '"';
    skip_blanks(s);
    if (!may_be_name || name.size != 2 || memcmp(name.at, "id", 2) != 0 || s->at == s->end || *s->at != ':')
        return;
    s->at++;
    if (read_id(s, &id))
        add_id(s, id, out);
}

static void
take_bracket(struct scan *s, char c)
{
    if (c == '{' || c == '[') {
        s->depth++;
        if (s->depth == s->wanted)
            s->has_id = false;
        s->is_nameless |= s->depth == s->wanted && c != '{';
    } else if (s->depth > 0) {
        s->is_nameless |= s->depth == s->wanted && !s->has_id;
        s->depth--;
    }
    s->before = c;
}

void
form_json_identify(const void *payload, size_t size, struct buf *out)
{
    struct scan s = {.at = payload};
    size_t first = out->size;

    s.end = s.at + size;
    skip_blanks(&s);
    if (size > FORM_PAYLOAD_MOST || s.at == s.end || (*s.at != '{' && *s.at != '['))
        return;
    s.wanted = *s.at == '{' ? 1 : 2;
    while (s.at < s.end && !s.is_nameless && !(s.wanted == 1 && s.ids == 1) && out->size - first < FORM_IDS_MOST) {
        char c = *s.at++;
        if (c == '"')
            take_string(&s, out);
        else if (c == '{' || c == '[' || c == '}' || c == ']')
            take_bracket(&s, c);
        else if (c == ',' || c == ':')
            s.before = c;
    }
    bool is_whole = s.wanted == 1 || (s.depth == 0 && !s.is_nameless && out->size - first < FORM_IDS_MOST);
    if (!is_whole)
        out->size = first;
    else if (s.wanted == 2 && s.ids > 0)
        buf_add_text(out, "]");
}
