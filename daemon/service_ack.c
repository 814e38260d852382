/* service_ack: the page behind the link of a message, on which a person says that he sees to an alert.
 *
 *     GET   the page with its button; programs that look into mails follow links by themselves, and change nothing
 *     POST  acknowledges: waiting, and the page looks again by itself until it is recorded
 *
 * Whoever has the link may; nothing of what is sent comes onto the page but what the signature covers.
 */
#include <stdio.h>
#include <string.h>

#include "html.h"
#include "log.h"
#include "secret.h"
#include "service_own.h"

#define ASKED_MOST 30 /* at once, */
#define ASKED_US 200000 /* and then one in so long */

static const char head[] = "<!DOCTYPE html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\">"
                           "<meta name=\"viewport\" content=\"width=device-width\">";
static const char style[] = "<title>abate</title><style>body{font-family:sans-serif;max-width:30em;margin:2em auto;padding:0 1em}"
                            "button{font-size:1.3em;padding:.6em 1.2em}</style></head><body>\n";

static void
begin_page(struct buf *out, bool looks_again)
{
    buf_add_text(out, head);
    if (looks_again)
        buf_add_text(out, "<meta http-equiv=\"refresh\" content=\"2\">");
    buf_add_text(out, style);
}

static void
add_line(struct buf *out, const char *zh, const char *en, const char *more)
{
    buf_add_text(out, "<p>");
    html_add(out, zh);
    buf_add_text(out, "<br>");
    html_add(out, en);
    if (more != NULL) {
        buf_add_text(out, " ");
        html_add(out, more);
    }
    buf_add_text(out, "</p>\n");
}

static void
end_page(struct http_answer *ret, int status)
{
    buf_add_text(ret->body, "</body></html>\n");
    ret->status = status;
    ret->type = "text/html; charset=utf-8";
}

static void
refuse(struct http_answer *ret, int status, const char *zh, const char *en, const char *why)
{
    begin_page(ret->body, false);
    add_line(ret->body, zh, en, why);
    end_page(ret, status);
}

/* ---- the page ---- */

static void
add_button(struct buf *out, const struct ack_link *link, const char *secret)
{
    struct buf action = {0};

    ack_link_add(&action, "", link, secret); /* made anew: what mailers have put behind it is gone */
    buf_add(&action, "", 1);
    buf_add_text(out, "<form method=\"post\" action=\"");
    html_add(out, (const char *)action.at);
    buf_add_text(out, "\"><button>我来处理 / I see to it</button></form>\n");
    buf_clear(&action);
}

static void
show(const struct ack *ack, const struct ack_link *link, const char *secret, struct http_answer *ret)
{
    begin_page(ret->body, ack->state == ACK_WAITING);
    buf_add_text(ret->body, "<h1>");
    html_add(ret->body, link->number);
    buf_add_text(ret->body, "</h1>\n");
    switch (ack->state) {
    case ACK_UNKNOWN:
        add_line(ret->body, "确认后,不再就此报警提醒或升级。", "Say that you see to this alert: no further reminders, and nobody else is called.", NULL);
        add_button(ret->body, link, secret);
        break;
    case ACK_WAITING:
        add_line(ret->body, "正在记录……", "Being recorded ...", ack->why.text[0] != '\0' ? "the database is away, it is tried again" : NULL);
        break;
    case ACK_RECORDED:
        add_line(ret->body, "已确认。谢谢!", "Acknowledged. Thank you.", ack->who);
        break;
    case ACK_REFUSED:
        add_line(ret->body, "未能记录,请重试。", "It could not be recorded. Please try again.", NULL);
        add_button(ret->body, link, secret);
        break;
    }
    end_page(ret, 200);
}

/* ---- requests ---- */

/* So many at once, and then one in a while: for all together, as behind a proxy they have one address. */
static bool
is_too_often(struct service *s)
{
    int64_t now = loop_ticks(s->loop), earliest = now - ASKED_MOST * ASKED_US;

    if (s->asked_until < earliest)
        s->asked_until = earliest;
    if (s->asked_until + ASKED_US > now)
        return true;
    s->asked_until += ASKED_US;
    return false;
}

/* False: the answer is made. */
static bool
read_link(struct service *s, const struct http_request *request, struct ack_link *ret_link, char *ret_secret, struct http_answer *ret)
{
    const struct conf *conf = s->sight.conf;
    struct reason why;

    if (conf->ack_link.url == NULL) {
        refuse(ret, 404, "此处不提供确认。", "There are no such links here.", NULL);
        return false;
    }
    if (is_too_often(s)) {
        refuse(ret, 429, "请求过多,请稍后再试。", "Too many requests, please try again in a while.", NULL);
        return false;
    }
    if (!secret_read(conf->ack_link.secret_file, ret_secret, &why) || !ack_link_check_secret(ret_secret, &why)) {
        log_error("ack_link: %s", why.text);
        refuse(ret, 503, "暂时无法确认。", "Links cannot be checked at present.", NULL);
        return false;
    }
    if (!ack_link_read(request->query, ret_secret, loop_now(s->loop), ret_link, &why)) {
        refuse(ret, 403, "链接无效或已过期。", "This link is of no use:", why.text);
        return false;
    }
    return true;
}

void
service_ack_page(struct service *s, const struct http_request *request, struct http_answer *ret)
{
    struct ack_link link;
    char secret[SECRET_SIZE];
    if (read_link(s, request, &link, secret, ret))
        show(acks_find(s->acks, &link), &link, secret, ret);
    memset(secret, 0, sizeof(secret));
}

void
service_ack_take(struct service *s, const struct http_request *request, struct http_answer *ret)
{
    struct ack_link link;
    char secret[SECRET_SIZE];

    if (!read_link(s, request, &link, secret, ret))
        return;
    if (acks_take(s->acks, s->sight.conf, &link)) {
        /* Looked at again by GET: a reload of the page must not send the form once more. */
        struct buf where = {0};
        ack_link_add(&where, "", &link, secret);
        buf_add(&where, "", 1);
        snprintf(ret->location, sizeof(ret->location), "%s", (const char *)where.at);
        buf_clear(&where);
        end_page(ret, 303);
    } else {
        refuse(ret, 503, "等待记录的确认过多,请稍后再试。", "Too many wait to be recorded, please try again in a while.", NULL);
    }
    memset(secret, 0, sizeof(secret));
}
