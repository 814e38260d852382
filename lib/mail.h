/* mail: a letter as a message of RFC 5322 with MIME, as SMTP takes it.
 *
 *     Date, From, Reply-To, To, Subject       the subject as RFC 2047 has it: encoded words, never cut inside a character
 *     Message-ID: <key@domain of From>        the same letter has the same, so a mailbox can tell that it came twice
 *     Auto-Submitted: auto-generated          so that nobody's holiday note answers it (RFC 3834)
 *     text/plain, UTF-8, base64
 *
 * Nothing a letter holds can make a header or a recipient: control characters in the subject become blanks, an address
 * is checked, the key is reduced to letters of an identifier, and the text is base64.
 */
#ifndef ABATE_MAIL_H
#define ABATE_MAIL_H

#include <stdbool.h>

#include "buf.h"
#include "letter.h"
#include "reason.h"

/* One mailbox: local@domain, in ASCII, without name, quotes and comment; at most 254 bytes (RFC 5321 section 4.5.3.1). */
bool mail_check_address(const char *text, struct reason *why);

struct mail_sender {
    const char *from;      /* both addresses are good ones */
    const char *from_name; /* NULL: none */
    const char *reply_to;  /* NULL: none */
};

/* The letter's recipient is a good address. */
void mail_write(struct buf *out, const struct mail_sender *sender, const struct letter *letter);

#endif
