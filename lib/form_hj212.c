#include "form_hj212.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define HEAD 6 /* "##" and the length */
#define TAIL 4 /* the CRC */
#define NUMBER_SIZE 64 /* bytes of a number at most, with its end */
#define WHOLE_MOST 18  /* digits before the point: the standard's types have at most 14 */

static const struct {
    const char *command;
    enum period period;
    const char *main; /* the ending of a factor's main value */
} commands[] = {
    {"2011", PERIOD_REALTIME, "Rtd"},
    {"2051", PERIOD_MINUTE, "Avg"},
    {"2061", PERIOD_HOUR, "Avg"},
    {"2031", PERIOD_DAY, "Avg"},
};

/* Fields of CP that bring no reading: by their name, or by the ending of a factor's. */
static const char *const names_left[] = {"DataTime", "PNUM", "PNO"};
static const char *const endings_left[] = {"Flag", "EFlag", "SampleTime", "SN", "Info"};

uint16_t
form_hj212_crc(const void *bytes, size_t size)
{
    const unsigned char *b = bytes;
    unsigned crc = 0xffff;
    for (size_t i = 0; i < size; i++) {
        crc = (crc >> 8) ^ b[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
    }
    return (uint16_t)crc;
}

/* As the reflected CRC-16 of polynomial 0x8005 is made elsewhere. */
static uint16_t
plain_crc(struct span data, unsigned crc)
{
    for (size_t i = 0; i < data.size; i++) {
        crc ^= (unsigned char)data.at[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
    }
    return (uint16_t)crc;
}

/* What a device may have taken for the CRC of HJ 212. */
static const char *
name_crc(struct span data, uint16_t crc)
{
    uint16_t swapped = (uint16_t)(crc << 8 | crc >> 8);
    uint16_t modbus = plain_crc(data, 0xffff), arc = plain_crc(data, 0);
    if (crc == modbus || swapped == modbus)
        return "it is the CRC of Modbus, not of HJ 212";
    if (crc == arc || swapped == arc)
        return "it is CRC-16/ARC, not the CRC of HJ 212";
    return "damaged, or another CRC than that of HJ 212";
}

static bool
is(struct span s, const char *text)
{
    return s.size == strlen(text) && memcmp(s.at, text, s.size) == 0;
}

static bool
is_among(struct span s, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is(s, texts[i]))
            return true;
    }
    return false;
}

static struct quoted
quote(struct span s)
{
    return text_quote(s.at, s.size);
}

/* Takes what stands before the next of the separators off the front; false at the end. */
static bool
take(struct span *rest, const char *separators, struct span *ret)
{
    if (rest->at == NULL)
        return false;
    size_t size = 0;
    while (size < rest->size && (rest->at[size] == '\0' || strchr(separators, rest->at[size]) == NULL))
        size++;
    *ret = (struct span){rest->at, size};
    if (size == rest->size)
        *rest = (struct span){0};
    else
        *rest = (struct span){rest->at + size + 1, rest->size - size - 1};
    return true;
}

/* "name=value" */
static bool
split(struct span field, struct span *ret_name, struct span *ret_value)
{
    const char *equals = memchr(field.at, '=', field.size);
    if (equals == NULL)
        return false;
    *ret_name = (struct span){field.at, (size_t)(equals - field.at)};
    *ret_value = (struct span){equals + 1, field.size - ret_name->size - 1};
    return true;
}

/* The value of the field of that name; `at` NULL if there is none. False if it stands there with two values: which of
 * them is meant nobody can say. */
static bool
find(struct span fields, const char *wanted, struct span *ret, struct reason *why)
{
    struct span field, name, value, found = {0};
    while (take(&fields, ";,", &field)) {
        if (!split(field, &name, &value) || !is(name, wanted))
            continue;
        if (found.at != NULL && (found.size != value.size || memcmp(found.at, value.at, value.size) != 0))
            return reason_set(why, "two of \"%s\": \"%s\" and \"%s\"", wanted, quote(found).text,
                              quote(value).text);
        found = value;
    }
    *ret = found;
    return true;
}

/* "factor-ending" */
static bool
split_name(struct span name, struct span *ret_factor, struct span *ret_ending)
{
    const char *dash = memrchr(name.at, '-', name.size);
    if (dash == NULL || dash == name.at)
        return false;
    *ret_factor = (struct span){name.at, (size_t)(dash - name.at)};
    *ret_ending = (struct span){dash + 1, name.size - ret_factor->size - 1};
    return true;
}

/* Decimal or hexadecimal; -1 if it is none. */
static int
digit(char c, int base)
{
    int value = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                       : base;
    return value < base ? value : -1;
}

/* Exactly `size` digits. */
static bool
read_digits(const char *at, size_t size, int base, int *ret)
{
    int value = 0;
    for (size_t i = 0; i < size; i++) {
        int d = digit(at[i], base);
        if (d < 0)
            return false;
        value = value * base + d;
    }
    *ret = value;
    return true;
}

/* Sign, digits, and digits behind a point: less than strtod() takes. The programs stay in the C locale. */
static bool
read_number(struct span text, double *ret)
{
    char number[NUMBER_SIZE];
    size_t first = text.size > 0 && (text.at[0] == '-' || text.at[0] == '+');
    size_t points = 0, whole = 0;

    if (first == text.size || text.size >= sizeof(number))
        return false;
    for (size_t i = first; i < text.size; i++) {
        bool is_point = text.at[i] == '.' && i > first && i + 1 < text.size;
        points += is_point;
        whole += points == 0;
        if ((!is_point && digit(text.at[i], 10) < 0) || points > 1 || whole > WHOLE_MOST)
            return false;
    }
    memcpy(number, text.at, text.size);
    number[text.size] = '\0';
    *ret = strtod(number, NULL);
    return true;
}

/* 14 digits, or 17 with milliseconds, as the monitor's clock shows it. */
static bool
read_time(struct span text, struct instant *ret, struct reason *why)
{
    static const unsigned char size[7] = {4, 2, 2, 2, 2, 2, 3};
    int part[7] = {0};
    size_t parts = text.size == 17 ? 7 : 6;
    const char *at = text.at;

    if (text.size != 14 && text.size != 17)
        return reason_set(why, "\"DataTime\": not 14 digits: \"%s\"", quote(text).text);
    for (size_t i = 0; i < parts; at += size[i++]) {
        if (!read_digits(at, size[i], 10, &part[i]))
            return reason_set(why, "\"DataTime\": not 14 digits: \"%s\"", quote(text).text);
    }
    if (!instant_civil(part[0], part[1], part[2], part[3], part[4], part[5], 0, ret))
        return reason_set(why, "\"DataTime\": no such date or time: \"%s\"", quote(text).text);
    ret->us += part[6] * 1000;
    return true;
}

/* The frame's data: between length and CRC. */
static bool
open_frame(const char *frame, size_t size, struct span *ret, struct reason *why)
{
    int length, crc;

    while (size > 0 && (frame[size - 1] == '\n' || frame[size - 1] == '\r'))
        size--;
    if (size == 0)
        return reason_set(why, "empty payload");
    if (size < HEAD + TAIL || memcmp(frame, "##", 2) != 0 || !read_digits(frame + 2, 4, 10, &length))
        return reason_set(why, "no HJ 212 frame: \"##\" and a length of four digits are wanted, not \"%s\"",
                          text_quote(frame, size < 16 ? size : 16).text);
    struct span data = {frame + HEAD, size - HEAD - TAIL};
    if (data.size != (size_t)length)
        return reason_set(why, "length %04d, but %zu bytes of data (cut off, or more than one frame?)",
                          length, data.size);
    if (!read_digits(data.at + data.size, TAIL, 16, &crc))
        return reason_set(why, "no CRC of four hexadecimal digits: \"%s\"",
                          text_quote(data.at + data.size, TAIL).text);
    uint16_t right = form_hj212_crc(data.at, data.size);
    if (crc != right)
        return reason_set(why, "CRC %04X, but %04X is right (%s)", (unsigned)crc, right,
                          name_crc(data, (uint16_t)crc));
    *ret = data;
    return true;
}

/* header CP=&& content && */
static bool
cut(struct span data, struct span *ret_header, struct span *ret_content, struct reason *why)
{
    static const char opening[] = "CP=&&";
    const size_t size = sizeof(opening) - 1;
    const char *cp = memmem(data.at, data.size, opening, size);

    if (cp == NULL)
        return reason_set(why, "no \"CP=&&\"");
    *ret_header = (struct span){data.at, (size_t)(cp - data.at)};
    *ret_content = (struct span){cp + size, data.size - ret_header->size - size};
    if (ret_content->size < 2 || memcmp(ret_content->at + ret_content->size - 2, "&&", 2) != 0)
        return reason_set(why, "no \"&&\" at the end of its CP");
    ret_content->size -= 2;
    return true;
}

/* Whose, which period, when. `ret_main` is the ending of main values. */
static bool
read_head(struct span header, struct span content, struct measurement *ret, const char **ret_main,
          struct reason *why)
{
    struct span command, time, monitor;

    if (!find(header, "CN", &command, why) || !find(header, "MN", &monitor, why) ||
        !find(content, "DataTime", &time, why))
        return false;
    if (command.at == NULL)
        return reason_set(why, "no \"CN\"");
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (is(command, commands[i].command)) {
            *ret_main = commands[i].main;
            ret->period = commands[i].period;
        }
    }
    if (*ret_main == NULL)
        return reason_set(why, "command \"%s\" brings no readings (2011, 2051, 2061 and 2031 do)",
                          quote(command).text);
    if (time.at == NULL)
        return reason_set(why, "no \"DataTime\"%s", content.size == 0 ? ": its CP is empty" : "");
    if (monitor.size > 0)
        ret->monitor = monitor;
    ret->is_local = true;
    return read_time(time, &ret->at, why);
}

static void
fault_in(struct message *m, struct span name, struct reason *why)
{
    reason_prefix(why, "\"CP\".\"%s\"", quote(name).text);
    message_fault(m, why);
}

/* The value of a factor; an empty one is no reading. */
static void
read_field(struct span field, const char *main, struct message *m)
{
    struct span name, value, factor, ending;
    struct reason why;
    double number = NAN;

    if (!split(field, &name, &value) ||
        is_among(name, names_left, sizeof(names_left) / sizeof(names_left[0])))
        return;
    if (!split_name(name, &factor, &ending)) {
        reason_set(&why, "no factor and ending, like a24088-Rtd");
        fault_in(m, name, &why);
    } else if (is_among(ending, endings_left, sizeof(endings_left) / sizeof(endings_left[0]))) {
        return;
    } else if (value.size > 0 && !read_number(value, &number)) {
        reason_set(&why, "not a number: \"%s\"", quote(value).text);
        fault_in(m, name, &why);
    } else {
        struct reading *r = message_add_reading(m);
        r->name = is(ending, main) ? factor : name;
        r->value = number;
    }
}

static bool
is_of_factor(struct span name, struct span factor)
{
    return name.size >= factor.size && memcmp(name.at, factor.at, factor.size) == 0 &&
           (name.size == factor.size || name.at[factor.size] == '-');
}

/* "factor-Flag=mark" */
static bool
is_mark(struct span field, struct span *ret_factor, struct span *ret_mark)
{
    struct span name, ending;
    return split(field, &name, ret_mark) && split_name(name, ret_factor, &ending) && is(ending, "Flag");
}

static bool
set_mark_from(struct message *m, size_t first, struct span factor, char mark)
{
    bool is_set = false;
    for (size_t i = first; i < m->readings; i++) {
        if (is_of_factor(m->reading[i].name, factor)) {
            m->reading[i].mark = mark;
            is_set = true;
        }
    }
    return is_set;
}

/* To all readings of its factor in the group, which are those from `first` on; or, in a group of its own, to those before
 * it; without any it stands alone. */
static void
set_mark(struct message *m, size_t first, struct span factor, char mark)
{
    if (set_mark_from(m, first, factor, mark) || set_mark_from(m, 0, factor, mark))
        return;
    struct reading *r = message_add_reading(m);
    r->name = factor;
    r->value = NAN;
    r->mark = mark;
}

/* Another mark of the same factor further on. */
static bool
is_contradicted(struct span rest, struct span factor, struct span mark)
{
    struct span field, its_factor, its_mark;
    while (take(&rest, ",", &field)) {
        if (is_mark(field, &its_factor, &its_mark) && its_factor.size == factor.size &&
            memcmp(its_factor.at, factor.at, factor.size) == 0 &&
            (its_mark.size != mark.size || memcmp(its_mark.at, mark.at, mark.size) != 0))
            return true;
    }
    return false;
}

/* False, with a fault, if a mark is not one character or one of two, or if something without a "=" stands in the group, as
 * behind a decimal comma: then its values cannot be trusted. */
static bool
check_group(struct span group, struct message *m)
{
    struct span field, name, factor, value;
    struct reason why;
    while (take(&group, ",", &field)) {
        if (is_mark(field, &factor, &value) && value.size != 1)
            reason_set(&why, "mark not one character: \"%s\"", quote(value).text);
        else if (is_mark(field, &factor, &value) && is_contradicted(group, factor, value))
            reason_set(&why, "another mark of this factor stands behind it");
        else if (field.size > 0 && !split(field, &name, &value))
            reason_set(&why, "no \"=\" (a decimal comma?)");
        else
            continue;
        fault_in(m, field, &why);
        return false;
    }
    return true;
}

static void
read_group(struct span group, const char *main, struct message *m)
{
    struct span fields = group, field, factor, mark;
    size_t first = m->readings;

    if (!check_group(group, m))
        return;
    while (take(&fields, ",", &field)) {
        if (field.size > 0)
            read_field(field, main, m);
    }
    while (take(&group, ",", &field)) {
        if (is_mark(field, &factor, &mark))
            set_mark(m, first, factor, mark.at[0]);
    }
}

static bool
read_content(struct span content, const char *main, struct message *m, struct reason *why)
{
    struct span group;
    while (take(&content, ";", &group)) {
        read_group(group, main, m);
        if (m->readings > MESSAGE_READINGS_MOST)
            return reason_set(why, "more than %d readings", MESSAGE_READINGS_MOST);
    }
    if (m->readings == 0 && m->faults == 0)
        return reason_set(why, "no readings in its CP");
    if (m->readings == 0)
        message_drop_measurement(m);
    return true;
}

bool
form_hj212_decode(const void *payload, size_t size, struct message *ret, struct reason *why)
{
    struct span data = {0}, header = {0}, content = {0};
    struct measurement head = {0};
    const char *main = NULL;

    if (!open_frame(payload, size, &data, why) || !cut(data, &header, &content, why) ||
        !read_head(header, content, &head, &main, why))
        return false;
    *message_add_measurement(ret) = head;
    if (read_content(content, main, ret, why))
        return true;
    message_empty(ret);
    return false;
}
