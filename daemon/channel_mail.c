/* mail: a letter to a mail server by SMTP. */
#include <stdio.h>
#include <string.h>

#include "channel_own.h"
#include "mail.h"
#include "secret.h"

/* SMTP, RFC 5321 section 4.2.1: 5yz is for good, 4yz for now. But that we may not log in, or that the way is not
 * encrypted, is our own fault or the server's, and mended without the letter. */
static bool
is_for_good(const struct transfer_result *r)
{
    return r->status >= 500 && r->status < 600 && r->status != 530 && r->status != 534 && r->status != 535 && r->status != 538;
}

static void
on_done(void *self, const struct transfer_result *r)
{
    struct errand *e = self;
    struct reason words;

    e->work = NULL;
    if (r->ok) {
        errand_end(e, CHANNEL_SENT, r->line);
        return;
    }
    reason_set(&words, "%s%s%s", r->why.text, r->line[0] != '\0' ? ": " : "", r->line);
    errand_end(e, is_for_good(r) ? CHANNEL_REFUSED : CHANNEL_LATER, words.text);
}

static void
send(struct errand *e)
{
    static const enum transfer_encryption encryption[] = {[CONF_STARTTLS] = TRANSFER_MUST,
                                                          [CONF_TLS] = TRANSFER_BY_URL,
                                                          [CONF_IF_OFFERED] = TRANSFER_IF_OFFERED,
                                                          [CONF_NO_TLS] = TRANSFER_BY_URL};
    const struct conf_channel *s = e->channel->settings;
    const struct mail_sender sender = {s->from, s->from_name, s->reply_to};
    char url[512], password[SECRET_SIZE] = "";
    struct reason why;

    if (!mail_check_address(e->letter.recipient, &why)) {
        errand_end(e, CHANNEL_REFUSED, why.text);
        return;
    }
    if (s->password_file != NULL && !secret_read(s->password_file, password, &why)) {
        errand_end(e, CHANNEL_LATER, why.text);
        return;
    }
    mail_write(&e->body, &sender, &e->letter);
    bool is_address = strchr(s->host, ':') != NULL;
    snprintf(url, sizeof(url), "%s://%s%s%s:%d", s->encryption == CONF_TLS ? "smtps" : "smtp", is_address ? "[" : "", s->host,
             is_address ? "]" : "", s->port);
    struct transfer_order order = {.url = url,
                                   .ca_file = s->ca_file,
                                   .username = s->username,
                                   .password = password,
                                   .body = &e->body,
                                   .within_us = s->timeout_us,
                                   .from = s->from,
                                   .to = e->letter.recipient,
                                   .encryption = encryption[s->encryption]};
    e->work = transfer_start(e->channel->transfers, &order, on_done, e, &why);
    explicit_bzero(password, sizeof(password));
    if (e->work == NULL)
        errand_end(e, CHANNEL_LATER, why.text);
}

const struct channel_kind channel_mail = {.send = send, .cancel = channel_cancel_transfer};
