#include "form_json_tree.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "text.h"

static size_t
skip_blanks(const char *text, size_t size)
{
    size_t at = 0;
    while (at < size && memchr(" \t\r\n", text[at], 4) != NULL)
        at++;
    return at;
}

/* HJ 212: "##" and the length of the frame in four digits. */
static bool
is_frame(const char *text, size_t size)
{
    if (size < 6 || memcmp(text, "##", 2) != 0)
        return false;
    for (size_t i = 2; i < 6; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
    }
    return true;
}

/* What else devices send, known by how it begins. */
static const char *
guess(const char *text, size_t size)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *what;
    } openings[] = {
        {"\xef\xbb\xbf", 3, "a UTF-8 byte order mark stands before it: send it without"},
        {"\xff\xfe", 2, "it is UTF-16 or UTF-32: send UTF-8"},
        {"\xfe\xff", 2, "it is UTF-16 or UTF-32: send UTF-8"},
        {"{\0", 2, "it is UTF-16 or UTF-32: send UTF-8"},
        {"[\0", 2, "it is UTF-16 or UTF-32: send UTF-8"},
        {"\0", 1, "it begins with a NUL byte: is it UTF-16, or binary?"},
        {"\x1f\x8b", 2, "it is gzip: send it unpacked"},
        {"<", 1, "it is XML or HTML"},
    };

    if (is_frame(text, size))
        return "it is an HJ 212 frame: have its feed say form = hj212";
    for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++) {
        if (size >= openings[i].size && memcmp(text, openings[i].bytes, openings[i].size) == 0)
            return openings[i].what;
    }
    if ((text[0] == '{' || text[0] == '[') && text[size - 1] == '\0')
        return "a NUL byte stands behind it: the sender counts the end of its string, send one byte less";
    return NULL;
}

/* jansson's tree takes up to 71 times the payload and is as deep: so brackets are counted first. */
static bool
check_depth(const char *text, size_t size, struct reason *why)
{
    size_t depth = 0;
    bool in_string = false;

    for (size_t i = 0; i < size; i++) {
        if (in_string) {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                in_string = false;
        } else if (text[i] == '"') {
            in_string = true;
        } else if (text[i] == '{' || text[i] == '[') {
            if (++depth > FORM_DEPTH_MOST)
                return reason_set(why, "nested deeper than %d, at byte %zu", FORM_DEPTH_MOST, i + 1);
        } else if ((text[i] == '}' || text[i] == ']') && depth > 0) {
            depth--;
        }
    }
    return true;
}

static bool
check_payload(const char *text, size_t size, struct reason *why)
{
    size_t blanks = skip_blanks(text, size);
    if (blanks == size)
        return reason_set(why, "empty payload");
    if (size > FORM_PAYLOAD_MOST)
        return reason_set(why, "payload of %zu bytes: at most %d are taken", size, FORM_PAYLOAD_MOST);

    const char *first = text + blanks;
    const char *hint = guess(first, size - blanks);
    if (hint != NULL)
        return reason_set(why, "not JSON: %s", hint);
    if (*first != '{' && *first != '[')
        return reason_set(why, "neither a JSON object nor an array of them: \"%s\"",
                          text_quote(first, size - blanks).text);
    const char *nul = memchr(text, '\0', size);
    if (nul != NULL)
        return reason_set(why, "not JSON: a NUL byte in it, at byte %zu", (size_t)(nul - text) + 1);
    return check_depth(text, size, why);
}

/* What jansson says is wrong, and what a person may do about it. The first row that fits counts. */
struct complaint {
    enum json_error_code code; /* json_error_unknown: any */
    const char *says;          /* jansson's words, NULL: any */
    const char *near;          /* the first character where it stopped, NULL: any */
    const char *words;         /* ours, NULL: jansson's do */
    const char *hint;
};
static const struct complaint complaints[] = {
    {json_error_premature_end_of_input, NULL, NULL, "it ends too early", "cut off on its way?"},
    {json_error_end_of_input_expected, NULL, NULL, "something follows its end",
     "one object or one array a message"},
    {json_error_duplicate_key, NULL, NULL, "a member twice", NULL},
    {json_error_numeric_overflow, NULL, NULL, "number too large", NULL},
    {json_error_null_character, NULL, NULL, "U+0000 in a text", NULL},
    {json_error_null_byte_in_key, NULL, NULL, "U+0000 in a name", NULL},
    {json_error_invalid_utf8, NULL, NULL, NULL, "not UTF-8: is it GBK?"},
    {json_error_unknown, "invalid token", "NnIi", NULL, "a reading without a value is {\"mark\": \"D\"}"},
    {json_error_unknown, "invalid token", "+", NULL, "a number has no plus sign"},
    {json_error_unknown, "invalid token", ".", NULL, "a number begins with a digit"},
    {json_error_unknown, "invalid token", "0", NULL, "a number has no leading zeros"},
    {json_error_unknown, "invalid token", "-", NULL, "a digit is wanted behind the minus sign"},
    {json_error_unknown, "invalid escape", NULL, NULL, "a backslash in a text is written twice"},
    {json_error_unknown, "invalid Unicode", NULL, "half of a surrogate pair", NULL},
    {json_error_unknown, "control character", NULL, NULL, "in a text it must be escaped"},
    {json_error_unknown, "unexpected newline", NULL, NULL, "in a text it must be escaped"},
    {json_error_unknown, "'}' expected", "\"", NULL, "a comma is missing"},
    {json_error_unknown, "']' expected", "{", NULL, "a comma is missing"},
    {json_error_unknown, "unexpected token", "}],", NULL, "a value is missing, or a comma is too many"},
    {json_error_unknown, "string or", "}", NULL, "a comma is too many"},
    {json_error_unknown, "string or", "0123456789", NULL, "a decimal comma? JSON has a point"},
    {json_error_unknown, NULL, "'", NULL, "texts stand in double quotes"},
    {json_error_unknown, NULL, "/", NULL, "JSON has no comments"},
    {json_error_unknown, "string or", NULL, NULL, "names stand in double quotes"},
    {json_error_unknown, NULL, NULL, NULL, NULL},
};

static bool
fits(const struct complaint *c, enum json_error_code code, const char *says, const char *near)
{
    if (c->code != json_error_unknown && c->code != code)
        return false;
    if (c->says != NULL && strncmp(says, c->says, strlen(c->says)) != 0)
        return false;
    return c->near == NULL || (near[0] != '\0' && strchr(c->near, near[0]) != NULL);
}

/* The bytes of the payload where jansson stopped, cut off its text: "<words> near '<bytes>'"; "" if none. */
static char *
cut_near(char *text)
{
    char *near = strstr(text, " near ");
    if (near == NULL)
        return text + strlen(text);

    *near = '\0';
    near += strlen(" near ");
    if (*near != '\'')
        return near + strlen(near); /* "end of file" */
    near++;
    near[strlen(near) - 1] = '\0';
    return near;
}

static void
refuse(json_error_t *error, struct reason *why)
{
    enum json_error_code code = json_error_code(error);
    const char *near = cut_near(error->text);
    const struct complaint *c = complaints;
    while (!fits(c, code, error->text, near))
        c++;

    near += strspn(near, "\""); /* a text is shown without its own quotes */
    struct quoted words = text_quote(error->text, strlen(error->text));
    struct quoted token = text_quote(near, strcspn(near, "\""));
    const char *quote = token.text[0] != '\0' ? "\"" : "";
    struct reason told;
    reason_set(&told, "not JSON: line %d, column %d: %s%s%s%s%s", error->line, error->column,
               c->words != NULL ? c->words : words.text, quote[0] != '\0' ? " near " : "", quote, token.text,
               quote);
    if (c->hint != NULL)
        reason_set(why, "%s (%s)", told.text, c->hint);
    else
        reason_set(why, "%s", told.text);
}

/* jansson takes want of memory for bad input. A good message must not be refused for that: abort, as in buf.
 */
static void *
must_malloc(size_t size)
{
    void *at = malloc(size);
    if (at == NULL)
        abort();
    return at;
}

/* Whole numbers become doubles as well: past 2^53 they are rounded, not refused. */
json_t *
form_json_tree(const void *payload, size_t size, struct reason *why)
{
    const char *text = payload;
    json_error_t error;

    if (!check_payload(text, size, why))
        return NULL;
    json_set_alloc_funcs(must_malloc, free);
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);
    if (root == NULL)
        refuse(&error, why);
    return root;
}

const char *
form_json_kind(const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a text";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    case JSON_NULL:
        break;
    }
    return "null";
}

bool
form_json_text(const json_t *object, const char *name, struct span *ret, struct reason *why)
{
    const json_t *text = json_object_get(object, name);
    if (text == NULL)
        return true;
    if (!json_is_string(text))
        return reason_set(why, "not a text but %s", form_json_kind(text));
    *ret = (struct span){json_string_value(text), json_string_length(text)};
    return true;
}
