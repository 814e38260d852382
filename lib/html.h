/* html: foreign text on a page for people. */
#ifndef ABATE_HTML_H
#define ABATE_HTML_H

#include "buf.h"

/* As text or within a quoted attribute: nothing of it is markup. */
void html_add(struct buf *out, const char *text);

#endif
