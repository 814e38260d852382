#include "mail.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base64.h"
#include "text.h"

#define ADDRESS_MOST 254
#define LINE_MOST 76     /* of a header's text; RFC 2047 section 2 */
#define WORD_MOST 45     /* bytes of an encoded word: 60 letters of base64, 72 with "=?UTF-8?B?" and "?=" */
#define SUBJECT_MOST 400 /* bytes */

bool
mail_check_address(const char *text, struct reason *why)
{
    static const char local[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~.";
    static const char domain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:[]";
    size_t size = strlen(text), at = strspn(text, local);

    if (size <= ADDRESS_MOST && at > 0 && text[at] == '@' && text[at + 1] != '\0' &&
        strspn(text + at + 1, domain) == size - at - 1)
        return true;
    return reason_set(why, "\"%s\" is no address such as duty@example.org, alone and in ASCII", text_quote(text, size).text);
}

/* ---- headers ---- */

static void
add_date(struct buf *out, struct instant at)
{
    static const char day[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char month[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t s = (time_t)(at.us / 1000000);
    struct tm t = {0};
    char text[64];

    gmtime_r(&s, &t);
    snprintf(text, sizeof(text), "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", day[t.tm_wday], t.tm_mday,
             month[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
    buf_add_text(out, text);
}

static bool
is_plain(const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (*at < ' ' || *at > '~')
            return false;
    }
    return strlen(text) <= LINE_MOST - strlen("Subject: ") && strstr(text, "=?") == NULL;
}

/* At most WORD_MOST bytes of it, ended between characters. */
static size_t
word_size(const char *text, size_t size)
{
    if (size <= WORD_MOST)
        return size;
    size_t n = WORD_MOST;
    while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80)
        n--;
    return n > 0 ? n : WORD_MOST; /* no UTF-8: cut it anywhere */
}

/* A header's text of people's words: as it stands, or in encoded words, one a line. */
static void
add_words(struct buf *out, const char *text)
{
    char line[SUBJECT_MOST];
    text_line(text, line, sizeof(line));
    if (is_plain(line)) {
        buf_add_text(out, line);
        return;
    }
    size_t left = strlen(line), n;
    for (const char *at = line; left > 0; at += n, left -= n) {
        n = word_size(at, left);
        buf_add_text(out, at == line ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
        base64_add(out, at, n, 0);
        buf_add_text(out, "?=");
    }
}

static void
add_subject(struct buf *out, const char *subject)
{
    buf_add_text(out, "Subject: ");
    add_words(out, subject);
    buf_add_text(out, "\r\n");
}

/* A name is a phrase: what is no plain word of it goes encoded. */
static void
add_from(struct buf *out, const struct mail_sender *sender)
{
    static const char atoms[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -";
    const char *name = sender->from_name;

    buf_add_text(out, "From: ");
    if (name != NULL && is_plain(name) && name[strspn(name, atoms)] != '\0') {
        buf_add_text(out, "=?UTF-8?B?");
        base64_add(out, name, strlen(name), 0);
        buf_add_text(out, "?=\r\n ");
    } else if (name != NULL) {
        add_words(out, name);
        buf_add_text(out, "\r\n ");
    }
    buf_add_text(out, "<");
    buf_add_text(out, sender->from);
    buf_add_text(out, ">\r\n");
}

static void
add_address(struct buf *out, const char *header, const char *address)
{
    buf_add_text(out, header);
    buf_add_text(out, ": <");
    buf_add_text(out, address);
    buf_add_text(out, ">\r\n");
}

static void
add_message_id(struct buf *out, const char *key, const char *from)
{
    static const char atoms[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

    buf_add_text(out, "Message-ID: <");
    for (const char *at = key; *at != '\0'; at++)
        buf_add(out, strchr(atoms, *at) != NULL ? at : "-", 1);
    buf_add_text(out, strchr(from, '@'));
    buf_add_text(out, ">\r\n");
}

/* ---- body ---- */

/* The lines of a text end in CRLF before they are encoded, however they ended: RFC 2045 section 6.8. */
static void
add_body(struct buf *out, const char *text)
{
    struct buf lines = {0};

    while (*text != '\0') {
        size_t n = strcspn(text, "\r\n");
        buf_add(&lines, text, n);
        text += n;
        buf_add_text(&lines, "\r\n");
        if (text[0] == '\r' && text[1] == '\n')
            text++;
        text += *text != '\0';
    }
    base64_add(out, lines.at, lines.size, BASE64_LINE);
    buf_clear(&lines);
}

void
mail_write(struct buf *out, const struct mail_sender *sender, const struct letter *letter)
{
    buf_empty(out);
    add_date(out, letter->at);
    add_from(out, sender);
    if (sender->reply_to != NULL)
        add_address(out, "Reply-To", sender->reply_to);
    add_address(out, "To", letter->recipient);
    add_subject(out, letter->subject);
    add_message_id(out, letter->key, sender->from);
    buf_add_text(out, "Auto-Submitted: auto-generated\r\n"
                      "MIME-Version: 1.0\r\n"
                      "Content-Type: text/plain; charset=utf-8\r\n"
                      "Content-Transfer-Encoding: base64\r\n"
                      "\r\n");
    add_body(out, letter->text);
}
