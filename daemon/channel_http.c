/* http: a letter as a request: SMS gateways, robots, hooks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "base64.h"
#include "channel_own.h"
#include "digest.h"
#include "secret.h"
#include "template.h"
#include "textfile.h"

#define HEADERS_MOST 24
#define HEADER_FILE_MOST 8192

void
channel_cancel_transfer(struct errand *e)
{
    if (e->work != NULL)
        transfer_cancel(e->work);
    e->work = NULL;
}

static void
on_done(void *self, const struct transfer_result *r)
{
    static const enum channel_outcome outcome[] = {
        [ANSWER_SENT] = CHANNEL_SENT, [ANSWER_LATER] = CHANNEL_LATER, [ANSWER_REFUSED] = CHANNEL_REFUSED};
    struct errand *e = self;
    const struct conf_channel *s = e->channel->settings;
    const struct answer_rule rule = {&s->success_pointer, s->success_value};
    struct reason words;

    e->work = NULL;
    if (!r->ok) {
        errand_end(e, CHANNEL_LATER, r->why.text);
        return;
    }
    enum answer_verdict verdict = answer_judge(&rule, r->status, r->body, r->size, &words);
    e->wait_us = answer_wait_us(r->status, r->retry_after_s);
    errand_end(e, outcome[verdict], words.text);
}

/* ---- the request, as for alertmanager, too ---- */

/* Lines "Name: value" of a file, as they stand there; `text` is cut up. */
static bool
take_headers(char *text, const char **header, size_t *headers, struct reason *why)
{
    char *rest = NULL;
    for (char *line = strtok_r(text, "\r\n", &rest); line != NULL; line = strtok_r(NULL, "\r\n", &rest)) {
        if (line[0] == '#')
            continue;
        if (strchr(line, ':') == NULL || line[0] == ':' || *headers == HEADERS_MOST)
            return reason_set(why, "not at most %d lines of \"Name: value\"", HEADERS_MOST);
        header[(*headers)++] = line;
    }
    return true;
}

static bool
read_headers(const char *file, char **text, const char **header, size_t *headers, struct reason *why)
{
    size_t size;
    if (file == NULL)
        return true;
    *text = textfile_read(file, HEADER_FILE_MOST, &size, why);
    return *text != NULL && (take_headers(*text, header, headers, why) || reason_prefix(why, "header file \"%s\"", file));
}

static void
start(struct errand *e, const struct channel_request *request, const char **header, size_t headers, const char *password)
{
    const struct conf_channel *s = e->channel->settings;
    char type[256], key[256];

    snprintf(type, sizeof(type), "Content-Type: %s", request->content_type);
    snprintf(key, sizeof(key), "Idempotency-Key: %s", e->letter.key);
    header[headers++] = type;
    header[headers++] = key;
    for (const char *const *further = request->further; *further != NULL; further++)
        header[headers++] = *further;
    header[headers] = NULL;
    struct transfer_order order = {.url = request->url,
                                   .ca_file = s->ca_file,
                                   .username = s->username,
                                   .password = password,
                                   .body = &e->body,
                                   .within_us = s->timeout_us,
                                   .method = request->method,
                                   .headers = header};
    struct reason why;
    e->work = transfer_start(e->channel->transfers, &order, on_done, e, &why);
    if (e->work == NULL)
        errand_end(e, CHANNEL_LATER, why.text);
}

void
channel_post(struct errand *e, const struct channel_request *request)
{
    const struct conf_channel *s = e->channel->settings;
    const char *header[HEADERS_MOST + 6];
    char *text = NULL, password[SECRET_SIZE] = "";
    size_t headers = 0;
    struct reason why;

    if (read_headers(s->header_file, &text, header, &headers, &why) &&
        (s->password_file == NULL || secret_read(s->password_file, password, &why)))
        start(e, request, header, headers, password);
    else
        errand_end(e, CHANNEL_LATER, why.text);
    explicit_bzero(password, sizeof(password));
    free(text);
}

/* ---- what is signed ---- */

struct signature {
    char secret[SECRET_SIZE]; /* what {secret} stands for */
    char key[SECRET_SIZE];
    char timestamp[24], sign[64];        /* DingTalk's */
    char timestamp_line[64], line[128];  /* headers */
};

/* base64 of the HMAC of "TIMESTAMP\nKEY", TIMESTAMP in milliseconds. */
static void
sign_dingtalk(struct signature *g, struct instant now)
{
    unsigned char sum[DIGEST_SIZE];
    char text[SECRET_SIZE + 32];
    struct buf out = {0};

    snprintf(g->timestamp, sizeof(g->timestamp), "%" PRId64, now.us / 1000);
    int size = snprintf(text, sizeof(text), "%s\n%s", g->timestamp, g->key);
    digest_sign(g->key, text, (size_t)size, sum);
    base64_add(&out, sum, sizeof(sum), 0);
    snprintf(g->sign, sizeof(g->sign), "%.*s", (int)out.size, (const char *)out.at);
    buf_clear(&out);
    explicit_bzero(text, sizeof(text));
}

/* The HMAC of "TIMESTAMP.BODY", TIMESTAMP in seconds. */
static void
sign_header(struct signature *g, struct instant now, const struct buf *body)
{
    unsigned char sum[DIGEST_SIZE];
    char text[DIGEST_TEXT], number[24];
    struct buf all = {0};

    snprintf(number, sizeof(number), "%" PRId64, now.us / 1000000);
    buf_add_text(&all, number);
    buf_add_text(&all, ".");
    buf_add(&all, body->at, body->size);
    digest_sign(g->key, all.at, all.size, sum);
    buf_clear(&all);
    snprintf(g->timestamp_line, sizeof(g->timestamp_line), "X-Abate-Timestamp: %s", number);
    snprintf(g->line, sizeof(g->line), "X-Abate-Signature: sha256=%s", digest_text(sum, text));
}

/* ---- the kind ---- */

static enum template_place
place_of(const char *content_type)
{
    if (strstr(content_type, "json") != NULL)
        return TEMPLATE_JSON;
    return strstr(content_type, "urlencoded") != NULL ? TEMPLATE_URL : TEMPLATE_PLAIN;
}

static void
request(struct errand *e, struct signature *g)
{
    const struct conf_channel *s = e->channel->settings;
    const struct letter *l = &e->letter;
    struct instant now = loop_now(e->channel->loop);
    struct buf url = {0};
    const char *further[] = {NULL, NULL, NULL};

    if (s->signature == CONF_DINGTALK)
        sign_dingtalk(g, now);
    const struct template_word word[] = {
        {"key", l->key, false},   {"recipient", l->recipient, false}, {"subject", l->subject, false},
        {"text", l->text, false}, {"json", l->json, true},            {"secret", g->secret, false},
        {"sign", g->sign, false}, {"timestamp", g->timestamp, false},
    };
    template_add(&url, s->url, TEMPLATE_URL, word, sizeof(word) / sizeof(word[0]));
    buf_add(&url, "", 1);
    if (strcmp(s->method, "GET") != 0)
        template_add(&e->body, s->body, place_of(s->content_type), word, sizeof(word) / sizeof(word[0]));
    if (s->signature == CONF_HEADER) {
        sign_header(g, now, &e->body);
        further[0] = g->timestamp_line;
        further[1] = g->line;
    }
    channel_post(e, &(struct channel_request){(const char *)url.at, s->method, s->content_type, further});
    explicit_bzero(url.at, url.size);
    buf_clear(&url);
}

static void
send(struct errand *e)
{
    const struct conf_channel *s = e->channel->settings;
    struct signature g = {0};
    struct reason why;

    if ((s->secret_file == NULL || secret_read(s->secret_file, g.secret, &why)) &&
        (s->signing_file == NULL || secret_read(s->signing_file, g.key, &why)))
        request(e, &g);
    else
        errand_end(e, CHANNEL_LATER, why.text);
    explicit_bzero(&g, sizeof(g));
}

const struct channel_kind channel_http = {.send = send, .cancel = channel_cancel_transfer};
