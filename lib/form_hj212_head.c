#include "form_hj212_own.h"

/* 14 digits, or 17 with milliseconds, as the monitor's clock shows it. */
static bool
read_time(struct span text, struct instant *ret, struct reason *why)
{
    static const unsigned char size[7] = {4, 2, 2, 2, 2, 2, 3};
    int part[7] = {0};
    size_t parts = text.size == 17 ? 7 : 6;
    const char *at = text.at;

    if (text.size != 14 && text.size != 17)
        return reason_set(why, "\"DataTime\": not 14 digits: \"%s\"", hj212_quote(text).text);
    for (size_t i = 0; i < parts; at += size[i++]) {
        if (!hj212_digits(at, size[i], 10, &part[i]))
            return reason_set(why, "\"DataTime\": not 14 digits: \"%s\"", hj212_quote(text).text);
    }
    if (!instant_civil(part[0], part[1], part[2], part[3], part[4], part[5], 0, ret))
        return reason_set(why, "\"DataTime\": no such date or time: \"%s\"", hj212_quote(text).text);
    ret->us += part[6] * 1000;
    return true;
}

static bool
refuse_command(struct span code, const struct hj212_command *known, struct reason *why)
{
    if (known == NULL)
        return reason_set(why, "command \"%s\" brings no readings (2011, 2051, 2061 and 2031 do)", hj212_quote(code).text);
    return reason_set(why, "command \"%s\" brings no readings: it is %s", hj212_quote(code).text, known->what);
}

/* Which period. */
static bool
read_command(struct span header, struct hj212_head *ret, struct reason *why)
{
    struct span code;

    if (!hj212_find(header, "CN", &code, why))
        return false;
    if (code.at == NULL)
        return reason_set(why, "no \"CN\"");
    const struct hj212_command *command = hj212_command_find(code);
    if (command == NULL || command->main == NULL)
        return refuse_command(code, command, why);
    ret->measurement.period = command->period;
    ret->main = command->main;
    return true;
}

static bool
refuse_timeless(struct span content, struct reason *why)
{
    struct span begin = {0};
    if (content.size == 0)
        return reason_set(why, "no \"DataTime\": its CP is empty");
    if (hj212_find(content, "BeginTime", &begin, why) && begin.at != NULL)
        return reason_set(why, "no \"DataTime\", but a \"BeginTime\": it asks for data and brings none");
    return reason_set(why, "no \"DataTime\"");
}

/* A mark in CP that belongs to no factor: of which values could it be? "N" says nothing. */
static bool
check_loose_mark(struct span content, struct reason *why)
{
    struct span mark;
    return hj212_find(content, "Flag", &mark, why) &&
           (mark.size == 0 || (mark.size == 1 && mark.at[0] == 'N') ||
            reason_set(why, "\"CP\".\"Flag\": a mark of no factor: \"%s\" (like a24088-Flag=D)", hj212_quote(mark).text));
}

bool
hj212_head_read(const struct hj212_frame *frame, struct hj212_head *ret, struct reason *why)
{
    struct span monitor, time, inner;

    *ret = (struct hj212_head){.measurement = {.is_local = true}};
    if (!read_command(frame->header, ret, why) || !hj212_find(frame->header, "MN", &monitor, why) ||
        !hj212_find(frame->header, "RF", &ret->reissue, why) || !hj212_find(frame->content, "RF", &inner, why) ||
        !hj212_find(frame->content, "DataTime", &time, why))
        return false;
    if (ret->reissue.at == NULL)
        ret->reissue = inner;
    if (time.at == NULL)
        return refuse_timeless(frame->content, why);
    if (monitor.size > 0)
        ret->measurement.monitor = monitor;
    ret->measurement.is_reissue = hj212_is(ret->reissue, "1");
    return read_time(time, &ret->measurement.at, why) && check_loose_mark(frame->content, why);
}
