#include "conf_text.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

struct scan {
    char *at;
    int line;
    int depth;
    struct conf_text *into;
    struct reason *why;
};

static bool
is_control(char c)
{
    return (c >= 0 && c < ' ') || c == 0x7f;
}

static bool
refuse_control(struct scan *s)
{
    return reason_set(s->why, "control character \"%s\"", text_quote(s->at, 1).text);
}

static bool
is_variable(const char *at)
{
    return at[0] == '$' && at[1] == '{';
}

static bool
refuse_variable(struct scan *s)
{
    return reason_set(s->why,
                      "\"${\": environment variables are not read; write the value itself, or put it in "
                      "'...' if the characters are meant");
}

static bool
check_utf8(const struct scan *s, const char *from)
{
    size_t size = (size_t)(s->at - from);
    if (text_is_utf8(from, size))
        return true;
    return reason_set(s->why, "not UTF-8: \"%s\" (save the file as UTF-8)", text_quote(from, size).text);
}

static void
blank(struct scan *s)
{
    *s->at++ = ' ';
}

static bool
skip_line_comment(struct scan *s)
{
    while (*s->at != '\0' && *s->at != '\n')
        blank(s);
    return true;
}

static bool
skip_block_comment(struct scan *s)
{
    int line = s->line;

    blank(s);
    blank(s);
    while (s->at[0] != '*' || s->at[1] != '/') {
        if (*s->at == '\0') {
            s->line = line;
            return reason_set(s->why, "the comment that begins here is not closed");
        }
        if (*s->at == '\n') {
            s->line++;
            s->at++;
        } else {
            blank(s);
        }
    }
    blank(s);
    blank(s);
    return true;
}

/* Within a string: one character, or an escape with what it escapes. */
static bool
skip_character(struct scan *s, char quote)
{
    if (*s->at == '\0' || *s->at == '\n')
        return reason_set(s->why, "string without its closing %c", quote);
    if (is_control(*s->at))
        return refuse_control(s);
    if (quote == '"' && is_variable(s->at))
        return refuse_variable(s);
    if (*s->at != '\\') {
        s->at++;
        return true;
    }
    s->at++;
    bool is_escape = *s->at == '\\' || *s->at == quote || (quote == '"' && *s->at == '$');
    if (quote == '"' && !is_escape)
        return reason_set(
            s->why, "a backslash within \"...\" stands before \", \\ or $ only (write \\\\ for itself)");
    s->at += is_escape;
    return true;
}

static bool
skip_string(struct scan *s)
{
    const char *from = s->at;
    char quote = *s->at++;

    while (*s->at != quote) {
        if (!skip_character(s, quote))
            return false;
    }
    s->at++;
    return check_utf8(s, from);
}

static bool
skip_word(struct scan *s)
{
    const char *from = s->at;

    while (*s->at != '\0' && strchr(" #\"'\t\n\r={}()+,*", *s->at) == NULL) {
        if (is_control(*s->at))
            return refuse_control(s);
        if (is_variable(s->at))
            return refuse_variable(s);
        s->at++;
    }
    return check_utf8(s, from);
}

static void
open_block(struct scan *s)
{
    struct conf_text *t = s->into;

    s->at++;
    if (s->depth++ >= CONF_BLOCKS_DEEP)
        return;
    t->block = reallocarray(t->block, t->blocks + 1, sizeof(*t->block));
    if (t->block == NULL)
        abort();
    t->block[t->blocks++] = (struct conf_block){s->line, 0};
}

/* The last that is still open. */
static struct conf_block *
find_open(struct conf_text *t)
{
    struct conf_block *b = t->block + t->blocks - 1;
    while (b->last != 0)
        b--;
    return b;
}

static void
close_block(struct scan *s)
{
    s->at++;
    if (s->depth > 0 && --s->depth < CONF_BLOCKS_DEEP)
        find_open(s->into)->last = s->line;
}

static bool
skip_token(struct scan *s)
{
    switch (*s->at) {
    case '\n':
        s->line++;
        s->at++;
        return true;
    case ' ':
    case '\t':
    case '\r':
    case '=':
    case ',':
    case '(':
    case ')':
        s->at++;
        return true;
    case '{':
        open_block(s);
        return true;
    case '}':
        close_block(s);
        return true;
    case '"':
    case '\'':
        return skip_string(s);
    case '#':
        return skip_line_comment(s);
    case '*':
    case '+':
        return reason_set(s->why, "\"%c\" must stand within \"...\"", *s->at);
    }
    if (s->at[0] == '/' && s->at[1] == '/')
        return skip_line_comment(s);
    if (s->at[0] == '/' && s->at[1] == '*')
        return skip_block_comment(s);
    return skip_word(s);
}

static const struct conf_block *
find_outermost_open(const struct conf_text *t)
{
    const struct conf_block *b = t->block;
    while (b->last != 0)
        b++;
    return b;
}

static bool
scan(struct scan *s)
{
    if (strncmp(s->at, "\xef\xbb\xbf", 3) == 0) /* the byte order mark some editors put there */
        memset(s->at, ' ', 3);
    while (*s->at != '\0') {
        if (!skip_token(s))
            return false;
    }
    if (s->depth == 0)
        return true;
    s->line = find_outermost_open(s->into)->first;
    return reason_set(s->why, "the section that begins here is not closed: a \"}\" is missing");
}

bool
conf_text_make(const char *name, const char *text, struct conf_text *ret, struct reason *why)
{
    if (strnlen(text, CONF_TEXT_MOST + 1) > CONF_TEXT_MOST)
        return reason_set(why, "%s: more than %u bytes: this is no configuration", name, CONF_TEXT_MOST);

    struct conf_text t = {.text = strdup(text)};
    if (t.text == NULL)
        abort();
    struct scan s = {.at = t.text, .line = 1, .into = &t, .why = why};
    if (!scan(&s)) {
        conf_text_clear(&t);
        return reason_prefix(why, "%s:%d", name, s.line);
    }
    *ret = t;
    return true;
}

void
conf_text_clear(struct conf_text *t)
{
    free(t->text);
    free(t->block);
    *t = (struct conf_text){0};
}

int
conf_text_first(const struct conf_text *t, int last)
{
    for (size_t i = 0; i < t->blocks; i++) {
        if (t->block[i].last == last)
            return t->block[i].first;
    }
    return last;
}
