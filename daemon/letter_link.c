#include "letter_link.h"

#include <string.h>

#include "payload.h"
#include "secret.h"
#include "template.h"

static void
write_text(struct buf *out, const char *text, const char *words, const char *link)
{
    const struct template_word word = {"link", link, false};
    size_t size = strlen(text);

    buf_add(out, text, size);
    if (size > 0 && text[size - 1] != '\n')
        buf_add_text(out, "\n");
    template_add(out, words, TEMPLATE_PLAIN, &word, 1);
    buf_add(out, "", 1);
}

/* An object: the link is its first member. */
static void
write_json(struct buf *out, const char *json, const char *link)
{
    buf_add_text(out, "{\"ack_link\":");
    payload_add_string(out, link);
    buf_add_text(out, json[1] == '}' ? "" : ",");
    buf_add_text(out, json + 1);
    buf_add(out, "", 1);
}

bool
letter_link_add(struct letter_link *l, const struct conf *conf, const struct ack_link *link, const char *words,
                struct letter *letter, struct reason *why)
{
    char secret[SECRET_SIZE];
    struct buf made = {0};

    if (!secret_read(conf->ack_link.secret_file, secret, why) || !ack_link_check_secret(secret, why))
        return reason_prefix(why, "ack_link");
    ack_link_add(&made, conf->ack_link.url, link, secret);
    buf_add(&made, "", 1);
    explicit_bzero(secret, sizeof(secret));
    write_text(&l->text, letter->text, words, (const char *)made.at);
    if (letter->json[0] == '{') {
        write_json(&l->json, letter->json, (const char *)made.at);
        letter->json = (char *)l->json.at;
    }
    letter->text = (char *)l->text.at;
    buf_clear(&made);
    return true;
}

void
letter_link_clear(struct letter_link *l)
{
    buf_clear(&l->text);
    buf_clear(&l->json);
}
