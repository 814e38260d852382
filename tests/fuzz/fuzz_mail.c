/* FROM <LF> NAME <LF> TO <LF> KEY <LF> SUBJECT <LF> TEXT. Whatever these hold, the mail has the headers it should have, each
 * once, in lines that SMTP takes, and a body of base64.
 */
#include "lines.h"
#include "mail.h"
#include "must.h"

#define LINE_MOST 998 /* RFC 5322 section 2.1.1 */

static const char *const headers[] = {"Date", "From", "Reply-To", "To", "Subject", "Message-ID", "Auto-Submitted",
                                      "MIME-Version", "Content-Type", "Content-Transfer-Encoding"};
#define HEADERS (sizeof(headers) / sizeof(headers[0]))

static bool
is_address(const char *text)
{
    struct reason why = {""};
    if (mail_check_address(text, &why)) {
        must(strpbrk(text, " \t\r\n<>,;:\"") == NULL || strchr(text, ':') > strchr(text, '@'), "\"%s\"", text);
        return true;
    }
    must_be_decent(why.text);
    return false;
}

/* The header the line begins, HEADERS for a line that goes on. */
static size_t
header_of(const char *line, size_t size)
{
    if (size > 0 && line[0] == ' ')
        return HEADERS;
    for (size_t i = 0; i < HEADERS; i++) {
        size_t n = strlen(headers[i]);
        if (size > n + 1 && memcmp(line, headers[i], n) == 0 && line[n] == ':' && line[n + 1] == ' ')
            return i;
    }
    must(false, "a header of a stranger: %.*s", (int)size, line);
    return HEADERS;
}

/* Returns the size of the line that begins there, without its CRLF. */
static size_t
line_size(const char *at, size_t left)
{
    const char *end = memchr(at, '\n', left);
    must(end != NULL && end > at && end[-1] == '\r', "a line is not ended");
    size_t size = (size_t)(end - at) - 1;
    must(size <= LINE_MOST, "%zu bytes in a line", size);
    for (size_t i = 0; i < size; i++)
        must(at[i] >= ' ' && at[i] <= '~', "byte %u in a line", (unsigned char)at[i]);
    return size;
}

static void
check_mail(const char *at, size_t left)
{
    unsigned seen[HEADERS + 1] = {0};
    size_t size;

    while ((size = line_size(at, left)) > 0) {
        seen[header_of(at, size)]++;
        at += size + 2, left -= size + 2;
    }
    for (size_t i = 0; i < HEADERS; i++)
        must(seen[i] == 1, "%s: %u times", headers[i], seen[i]);
    for (at += 2, left -= 2; left > 0; at += size + 2, left -= size + 2) {
        size = line_size(at, left);
        must(size > 0 && size <= 76 && size % 4 == 0, "%zu letters of base64", size);
        must(strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") >= size, "other letters");
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    enum { FROM, NAME, TO, KEY, SUBJECT, TEXT, LINES };
    char *line[LINES];
    struct buf out = {0};

    lines_take(bytes, size, line, LINES);
    bool is_from = is_address(line[FROM]), is_to = is_address(line[TO]);
    struct mail_sender sender = {is_from ? line[FROM] : "a@b", line[NAME][0] != '\0' ? line[NAME] : NULL,
                                 is_to ? line[TO] : "c@d"};
    char nobody[] = "e@f";
    struct letter letter = {.key = line[KEY], .recipient = is_to ? line[TO] : nobody, .subject = line[SUBJECT], .text = line[TEXT]};
    mail_write(&out, &sender, &letter);
    check_mail((const char *)out.at, out.size);
    buf_clear(&out);
    lines_clear(line, LINES);
    return 0;
}
