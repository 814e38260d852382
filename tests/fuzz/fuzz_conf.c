#include "conf.h"
#include "must.h"

#include "form.h"
#include "form_profile.h"

static unsigned
lines_of(const char *text)
{
    unsigned lines = 1;
    for (; (text = strchr(text, '\n')) != NULL; text++)
        lines++;
    return lines;
}

/* "fuzz:12: ..." names a line there is, or none. */
static void
check_refused(const char *why, const char *text)
{
    unsigned line;
    must_be_decent(why);
    must(strncmp(why, "fuzz:", 5) == 0, "%s", why);
    if (sscanf(why, "fuzz:%u: ", &line) == 1)
        must(line >= 1 && line <= lines_of(text), "line %u of %u: %s", line, lines_of(text), why);
}

static void
check_broker(const struct conf_broker *b)
{
    must(b->name != NULL && strlen(b->name) >= 1 && strlen(b->name) <= 255, "name");
    must(b->host != NULL && b->client_id != NULL, "broker \"%s\"", b->name);
    must(b->port >= 1 && b->port <= 65535 && b->receive_maximum >= 1 && b->receive_maximum <= 65535, "port %d", b->port);
    must(b->keepalive_s >= 5 && b->keepalive_s <= 3600, "keepalive %d", b->keepalive_s);
    must((b->certificate_file == NULL) == (b->key_file == NULL), "certificate without its key");
    must(b->connect_timeout_us > 0 && b->retry_most_us > 0, "pauses");
}

static void
check_feed(const struct conf *c, const struct conf_feed *f)
{
    char filter[256];
    struct topic_names names;

    must(f->name != NULL && f->form != NULL && form_find(f->form->name) == f->form, "feed");
    must(f->broker >= c->broker && f->broker < c->broker + c->brokers, "a broker of its own");
    must(f->profile == NULL || conf_find_profile(c, f->profile->name) == f->profile, "a profile of its own");
    must(f->window.past_us >= 0 && f->window.future_us >= 0, "window");
    topic_filter(&f->topic, filter, sizeof(filter));
    must(filter[0] != '\0', "no filter");
    const struct conf_feed *found = conf_find_feed(c, f->broker->name, strlen(f->broker->name), "a/b/c", 5, &names);
    must(found == NULL || (found->broker == f->broker && found <= c->feed + c->feeds), "another broker's");
}

/* Whatever a profile says, it can be decoded by. */
static void
check_profile(const struct profile *p)
{
    static const char *const payloads[] = {
        "{\"time\":\"2020-11-02 08:15:00\",\"t\":1604276100,\"v\":{\"a\":1,\"so2\":[2,\"3\"]},\"e\":{\"a\":\"HL\"},\"x\":{\"y\":3}}",
        "{\"v\":[{\"n\":\"a\",\"x\":1,\"m\":\"HL\",\"t\":\"20201102081500\"},3,[],{}],\"t\":1604276100000}",
        "[{\"a\":{\"a\":[1,2]}},[[]],null]",
    };
    struct message m = {.profile = p};
    struct buf id = {0};

    must(p->name != NULL && (p->frame.from != POINTER_NOWHERE || p->time.from != POINTER_NOWHERE), "without a time");
    for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
        struct reason why = {""};
        if (!form_profile_decode(payloads[i], strlen(payloads[i]), &m, &why))
            must_be_decent(why.text);
        else
            must(m.measurements > 0 || m.faults > 0, "nothing came of it");
        if (m.faults > 0)
            must_be_decent(m.first_fault.text);
        message_empty(&m);
        form_profile_identify(p, payloads[i], strlen(payloads[i]), &id);
    }
    buf_clear(&id);
    message_clear(&m);
}

static void
check(const struct conf *c)
{
    must(c->brokers >= 1 && c->feeds >= 1 && c->instance != NULL, "%zu brokers, %zu feeds", c->brokers, c->feeds);
    must(c->database.conninfo != NULL && c->journal.directory != NULL && c->journal.directory[0] == '/', "directory");
    must(c->journal.size_bytes >= 2 * c->journal.segment_bytes, "a journal of less than two segments");
    must(c->database.batch_messages > 0 && c->database.batch_bytes > 0 && c->judge.interval_us > 0, "batch");
    for (size_t i = 0; i < c->brokers; i++)
        check_broker(&c->broker[i]);
    for (size_t i = 0; i < c->profiles; i++)
        check_profile(&c->profile[i]);
    for (size_t i = 0; i < c->feeds; i++)
        check_feed(c, &c->feed[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct reason why = {""};
    char *text = malloc(size + 1);

    must(text != NULL, "no memory");
    if (size > 0)
        memcpy(text, bytes, size);
    text[size] = '\0';
    struct conf *c = conf_parse("fuzz", text, &why);
    if (c != NULL)
        check(c);
    else
        check_refused(why.text, text);
    conf_free(c);
    free(text);
    return 0;
}
