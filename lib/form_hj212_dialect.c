/* What is known of HJ 212 as it is spoken, in tables: what is not of the standard and is taken all the same, and what
 * brings no readings. form_hj212.h has the whole list; a row here is the place where it is so. */
#include "form_hj212_own.h"

#include <string.h>

/* Length and CRC say what the frame is. What can stand around it and be meant by nobody: */
static const struct edge {
    const char *bytes;
    size_t size;
    bool is_before, is_behind;
} edges[] = {
    {"\r", 1, true, true},            /* the standard's own end, one, none or many */
    {"\n", 1, true, true},            /* likewise */
    {" ", 1, true, true},             /* of a gateway that pads */
    {"\t", 1, true, true},            /* likewise */
    {"\0", 1, false, true},           /* of a sender that counts the end of its string */
    {"\xef\xbb\xbf", 3, true, false}, /* a byte order mark */
    {"**", 2, false, true},           /* instead of CR LF */
};

/* HJ 212-2017, table 9, and what 2005, 2025 and vendors have besides. The first row that fits counts. */
static const struct hj212_command commands[] = {
    {"2011", "2011", "Rtd", PERIOD_REALTIME, NULL},
    {"2051", "2051", "Avg", PERIOD_MINUTE, NULL},
    {"2061", "2061", "Avg", PERIOD_HOUR, NULL},
    {"2031", "2031", "Avg", PERIOD_DAY, NULL},
    {"1000", "1999", NULL, 0, "a setting of the monitor, or asks for one"},
    {"2012", "2012", NULL, 0, "the order to stop real-time data"},
    {"2013", "2013", NULL, 0, "raw data of an instrument (2025): have the monitor send 2011, 2051 or 2061, too"},
    {"2021", "2021", NULL, 0, "the state of treatment facilities (SB1-RS), nothing that is measured"},
    {"2022", "2022", NULL, 0, "the order to stop the state of treatment facilities"},
    {"2041", "2041", NULL, 0, "how long treatment facilities ran in a day (SB1-RT), nothing that is measured"},
    {"2052", "2052", NULL, 0, "an automatic check against a standard (2025), not of what goes out"},
    {"2062", "2062", NULL, 0, "an automatic check against a standard (2025), not of what goes out"},
    {"2071", "2072", NULL, 0, "an alarm of 2005: the values themselves are wanted, by 2011 or 2051"},
    {"2081", "2081", NULL, 0, "the start of a data logger"},
    {"2111", "2111", NULL, 0, "a furnace's temperature of five minutes (2025): have the monitor send it by 2051, too"},
    {"3011", "3018", NULL, 0, "an order to an analyser or a sampler"},
    {"3019", "3024", NULL, 0, "what a device says of itself: number, state, parameters, log"},
    {"9011", "9011", NULL, 0, "the answer to a request"},
    {"9012", "9012", NULL, 0, "the outcome of a request"},
    {"9013", "9013", NULL, 0, "the answer to a notice"},
    {"9014", "9014", NULL, 0, "the answer to data"},
    {"9015", "9015", NULL, 0, "a heartbeat (2025): nothing is lost"},
    {"9021", "9022", NULL, 0, "a login, which HJ 212 does not have: the broker asks who it is"},
};

/* Fields of CP that are of no factor. */
static const char *const names_left[] = {
    "DataTime",             /* it is read before */
    "PNUM", "PNO", "RF",    /* of the header */
    "Flag",                 /* N, or else it is refused before */
    "PolId", "SystemTime",  /* which factor is spoken of; when it was sent */
    "BeginTime", "EndTime", /* of a request, repeated in its answer */
};

/* Fields of a factor that are no value. The mark is read by itself. */
static const char *const endings_left[] = {
    "Flag",
    "EFlag",                /* the vendor's own mark */
    "SampleTime",           /* when the water was taken: only the raw message has it */
    "SN", "Info",           /* of the device */
    "ValidNum", "TotalNum", /* how many values a mean is made of */
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static size_t
edge_at(struct span s, bool is_before)
{
    for (size_t i = 0; i < COUNT(edges); i++) {
        const struct edge *e = &edges[i];
        if ((is_before ? e->is_before : e->is_behind) && s.size >= e->size &&
            memcmp(is_before ? s.at : s.at + s.size - e->size, e->bytes, e->size) == 0)
            return e->size;
    }
    return 0;
}

struct span
hj212_strip(struct span payload)
{
    size_t size;
    while ((size = edge_at(payload, false)) > 0)
        payload.size -= size;
    while ((size = edge_at(payload, true)) > 0)
        payload = (struct span){payload.at + size, payload.size - size};
    return payload;
}

const struct hj212_command *
hj212_command_find(struct span code)
{
    for (size_t i = 0; i < COUNT(commands) && code.size == 4; i++) {
        if (memcmp(code.at, commands[i].first, 4) >= 0 && memcmp(code.at, commands[i].last, 4) <= 0)
            return &commands[i];
    }
    return NULL;
}

static bool
is_among(struct span name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (hj212_is(name, names[i]))
            return true;
    }
    return false;
}

bool
hj212_is_left_name(struct span name)
{
    return is_among(name, names_left, COUNT(names_left));
}

bool
hj212_is_left_ending(struct span ending)
{
    return is_among(ending, endings_left, COUNT(endings_left));
}
