/* base64: bytes as letters, RFC 4648 section 4. */
#ifndef ABATE_BASE64_H
#define ABATE_BASE64_H

#include <stddef.h>

#include "buf.h"

#define BASE64_LINE 76 /* letters a line in a mail, RFC 2045 section 6.8 */

/* In lines of `line` letters (a multiple of 4), each ended by CRLF; 0: in one line that is not ended. */
void base64_add(struct buf *out, const void *bytes, size_t size, size_t line);

#endif
