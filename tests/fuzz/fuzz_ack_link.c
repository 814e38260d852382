/* QUERY, as it comes from the network. Nothing that we have not made is taken; and of what we have made no byte may change. */
#include "ack_link.h"
#include "must.h"

#define SECRET "nobody has ever guessed this one"
#define OTHER "nobody has ever guessed that one"

static const struct instant now = {1600000000000000};

static void
check_strange(const char *query)
{
    struct ack_link link;
    struct reason why = {""};

    must(!ack_link_read(query, SECRET, now, &link, &why), "taken: %s", query);
    must_be_decent(why.text);
}

/* Signed with the secret, then changed in one place. */
static void
check_changed(const uint8_t *bytes, size_t size)
{
    struct ack_link link = {.number = "2026-000123", .delivery = bytes[0], .until = {1700000000000000}}, again;
    struct buf out = {0};
    struct reason why = {""};

    ack_link_add(&out, "", &link, SECRET);
    buf_add(&out, "", 1);
    char *query = strchr((char *)out.at, '?');
    must(query != NULL, "%s", (char *)out.at);
    query++;
    must(ack_link_read(query, SECRET, now, &again, &why) && again.delivery == link.delivery, "%s: %s", query, why.text);
    must(!ack_link_read(query, OTHER, now, &again, &why), "taken with another secret");
    size_t at = bytes[1] % strlen(query);
    char was = query[at];
    query[at] = (char)bytes[size - 1];
    must(query[at] == was || !ack_link_read(query, SECRET, now, &again, &why), "changed, and taken: %s", query);
    buf_clear(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *query = strndup((const char *)bytes, size);

    must(query != NULL, "no memory");
    check_strange(query);
    if (size > 2)
        check_changed(bytes, size);
    free(query);
    return 0;
}
