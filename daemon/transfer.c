#include "transfer.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "text.h"

#define ANSWER_MOST (64u << 10)  /* bytes kept of a body; the rest is read and dropped */
#define DRAINED_MOST (1u << 20)  /* and past this much the server is cut off */
#define LINE_MOST 512
#define GRACE_MS 5000            /* past within_us */
#define STACK_BYTES (512u << 10) /* a resolver's is on it, too */

struct transfers {
    struct loop *loop;
    atomic_int users; /* the loop, and each thread */
    struct transfer *first;
};

/* What thread and loop share. The thread fills it, then writes to `ready`, and looks at it no more but to drop it. */
struct job {
    atomic_int users; /* the loop, the thread */
    atomic_bool is_cancelled;
    struct transfers *all;
    int ready; /* an eventfd */
    CURL *easy;
    struct curl_slist *headers, *to;
    struct buf body;
    size_t sent; /* of the body */
    struct buf answer;
    size_t came; /* of the answer, kept or not */
    char said[LINE_MOST], refusal[LINE_MOST]; /* by a mail server: its last line, and the last one of 4yz or 5yz */
    char error[CURL_ERROR_SIZE];
    CURLcode code;
    long status;
    curl_off_t retry_after_s;
};

struct transfer {
    struct transfers *all;
    struct transfer *next;
    struct job *job;
    struct loop_event *ready;
    transfer_done *done;
    void *self;
};

static void
must(bool is_done)
{
    if (!is_done)
        abort();
}

static void
all_drop(struct transfers *all)
{
    if (atomic_fetch_sub(&all->users, 1) == 1)
        free(all);
}

static void
job_drop(struct job *j)
{
    if (atomic_fetch_sub(&j->users, 1) > 1)
        return;
    curl_easy_cleanup(j->easy);
    curl_slist_free_all(j->headers);
    curl_slist_free_all(j->to);
    if (j->body.size > 0)
        explicit_bzero(j->body.at, j->body.size);
    buf_clear(&j->body);
    buf_clear(&j->answer);
    close(j->ready);
    free(j);
}

/* ---- in the thread ---- */

static size_t
on_read(char *to, size_t size, size_t count, void *self)
{
    struct job *j = self;
    size_t n = j->body.size - j->sent;
    if (n > size * count)
        n = size * count;
    memcpy(to, j->body.at + j->sent, n);
    j->sent += n;
    return n;
}

static size_t
on_body(char *bytes, size_t size, size_t count, void *self)
{
    struct job *j = self;
    size_t n = size * count, room = ANSWER_MOST - j->answer.size;
    j->came += n;
    buf_add(&j->answer, bytes, n < room ? n : room);
    return j->came <= DRAINED_MOST ? n : 0;
}

/* A mail server's words. That to our good-bye (221) says nothing. */
static size_t
on_line(char *bytes, size_t size, size_t count, void *self)
{
    struct job *j = self;
    char line[LINE_MOST];
    size_t n = size * count < sizeof(line) - 1 ? size * count : sizeof(line) - 1;

    memcpy(line, bytes, n);
    line[n] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    if (line[0] == '4' || line[0] == '5')
        text_line(line, j->refusal, sizeof(j->refusal));
    else if (line[0] != '\0' && strncmp(line, "221", 3) != 0)
        text_line(line, j->said, sizeof(j->said));
    return size * count;
}

static int
on_progress(void *self, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    struct job *j = self;
    (void)a, (void)b, (void)c, (void)d;
    return atomic_load(&j->is_cancelled);
}

static void *
perform(void *self)
{
    struct job *j = self;
    struct transfers *all = j->all;
    uint64_t one = 1;

    j->code = curl_easy_perform(j->easy);
    curl_easy_getinfo(j->easy, CURLINFO_RESPONSE_CODE, &j->status);
    curl_easy_getinfo(j->easy, CURLINFO_RETRY_AFTER, &j->retry_after_s);
    while (write(j->ready, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
    job_drop(j);
    all_drop(all);
    return NULL;
}

/* ---- its beginning ---- */

static bool
is_mail(const struct transfer_order *order)
{
    return strncmp(order->url, "smtp", 4) == 0;
}

static void
set_mail(struct job *j, const struct transfer_order *order)
{
    static const long use[] = {
        [TRANSFER_BY_URL] = CURLUSESSL_NONE, [TRANSFER_MUST] = CURLUSESSL_ALL, [TRANSFER_IF_OFFERED] = CURLUSESSL_TRY};

    j->to = curl_slist_append(NULL, order->to);
    must(j->to != NULL);
    curl_easy_setopt(j->easy, CURLOPT_USE_SSL, use[order->encryption]);
    curl_easy_setopt(j->easy, CURLOPT_MAIL_FROM, order->from);
    curl_easy_setopt(j->easy, CURLOPT_MAIL_RCPT, j->to);
    curl_easy_setopt(j->easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(j->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)j->body.size);
    curl_easy_setopt(j->easy, CURLOPT_HEADERFUNCTION, on_line);
    curl_easy_setopt(j->easy, CURLOPT_HEADERDATA, j);
}

static void
set_http(struct job *j, const struct transfer_order *order)
{
    for (const char *const *header = order->headers; *header != NULL; header++) {
        j->headers = curl_slist_append(j->headers, *header);
        must(j->headers != NULL);
    }
    j->headers = curl_slist_append(j->headers, "Expect:"); /* no server needs to be asked first for so little */
    must(j->headers != NULL);
    curl_easy_setopt(j->easy, CURLOPT_HTTPHEADER, j->headers);
    if (j->body.size > 0) {
        curl_easy_setopt(j->easy, CURLOPT_POST, 1L);
        curl_easy_setopt(j->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)j->body.size);
        curl_easy_setopt(j->easy, CURLOPT_POSTFIELDS, j->body.at);
    }
    curl_easy_setopt(j->easy, CURLOPT_CUSTOMREQUEST, order->method);
    curl_easy_setopt(j->easy, CURLOPT_USERAGENT, "abate/" ABATE_VERSION);
}

static void
set_common(struct job *j, const struct transfer_order *order)
{
    long within_ms = (long)(order->within_us / 1000) + GRACE_MS;

    curl_easy_setopt(j->easy, CURLOPT_ERRORBUFFER, j->error);
    curl_easy_setopt(j->easy, CURLOPT_URL, order->url);
    curl_easy_setopt(j->easy, CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps");
    curl_easy_setopt(j->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(j->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(j->easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(j->easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(j->easy, CURLOPT_XFERINFODATA, j);
    curl_easy_setopt(j->easy, CURLOPT_TIMEOUT_MS, within_ms);
    curl_easy_setopt(j->easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, within_ms / 1000 + 1);
    curl_easy_setopt(j->easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(j->easy, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(j->easy, CURLOPT_READDATA, j);
    curl_easy_setopt(j->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(j->easy, CURLOPT_WRITEDATA, j);
    if (order->ca_file != NULL)
        curl_easy_setopt(j->easy, CURLOPT_CAINFO, order->ca_file);
    if (order->username != NULL) {
        curl_easy_setopt(j->easy, CURLOPT_USERNAME, order->username);
        curl_easy_setopt(j->easy, CURLOPT_PASSWORD, order->password);
    }
}

static struct job *
job_new(struct transfers *all, const struct transfer_order *order)
{
    struct job *j = calloc(1, sizeof(*j));
    must(j != NULL);
    j->all = all;
    atomic_init(&j->users, 2);
    j->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    j->easy = curl_easy_init();
    must(j->easy != NULL);
    buf_add(&j->body, order->body->at, order->body->size);
    set_common(j, order);
    if (is_mail(order))
        set_mail(j, order);
    else
        set_http(j, order);
    return j;
}

/* Signals are the loop's. */
static int
thread_start(struct job *j)
{
    pthread_attr_t detached;
    pthread_t thread;
    sigset_t every, before;

    sigfillset(&every);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&detached, STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, &every, &before);
    int error = pthread_create(&thread, &detached, perform, j);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&detached);
    return error;
}

static struct job *
job_start(struct transfers *all, const struct transfer_order *order, struct reason *why)
{
    struct job *j = job_new(all, order);
    atomic_fetch_add(&all->users, 1);
    int error = j->ready < 0 ? EMFILE : thread_start(j);
    if (error == 0)
        return j;
    reason_set(why, "no thread to send with: %s", strerror(error));
    atomic_fetch_sub(&all->users, 1);
    atomic_store(&j->users, 1);
    job_drop(j);
    return NULL;
}

/* ---- on the loop ---- */

static void
forget(struct transfer *t)
{
    struct transfer **at = &t->all->first;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    loop_event_free(t->ready);
    job_drop(t->job);
    free(t);
}

static void
on_ready(void *self, int ready)
{
    struct transfer *t = self;
    const struct job *j = t->job;
    struct transfer_result r = {.ok = j->code == CURLE_OK, .status = j->status, .body = "", .retry_after_s = j->retry_after_s};
    (void)ready;

    if (j->answer.size > 0) {
        r.body = (const char *)j->answer.at;
        r.size = j->answer.size;
    }
    r.line = r.ok || j->refusal[0] == '\0' ? j->said : j->refusal;
    if (!r.ok) {
        char words[sizeof(j->error) * 2];
        text_line(j->error[0] != '\0' ? j->error : curl_easy_strerror(j->code), words, sizeof(words));
        reason_set(&r.why, "%s", words);
    }
    t->done(t->self, &r);
    forget(t);
}

struct transfer *
transfer_start(struct transfers *all, const struct transfer_order *order, transfer_done *done, void *self, struct reason *why)
{
    struct job *j = job_start(all, order, why);
    if (j == NULL)
        return NULL;
    struct transfer *t = calloc(1, sizeof(*t));
    must(t != NULL);
    *t = (struct transfer){.all = all, .next = all->first, .job = j, .done = done, .self = self};
    all->first = t;
    t->ready = loop_socket(all->loop, on_ready, t);
    loop_event_watch(t->ready, j->ready, LOOP_READ);
    return t;
}

void
transfer_cancel(struct transfer *t)
{
    atomic_store(&t->job->is_cancelled, true);
    forget(t);
}

struct transfers *
transfers_new(struct loop *loop)
{
    struct transfers *all = calloc(1, sizeof(*all));
    must(all != NULL && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    all->loop = loop;
    atomic_init(&all->users, 1);
    return all;
}

/* A thread amid OpenSSL must not see the program end. */
void
transfers_free(struct transfers *all)
{
    const struct timespec step = {0, 10000000};

    if (all == NULL)
        return;
    while (all->first != NULL)
        transfer_cancel(all->first);
    for (int i = 0; i < 300 && atomic_load(&all->users) > 1; i++)
        nanosleep(&step, NULL);
    all_drop(all);
}
