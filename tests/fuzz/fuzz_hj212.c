/* A frame with a wrong length or CRC gets no further: so what stands between is taken a second time in a right frame. */
#include "form_hj212.h"
#include "form_target.h"
#include "must.h"

#define DATA_MOST 9999 /* the length has four digits */

static void
framed(const uint8_t *bytes, size_t size)
{
    static const char front[] = "ST=31;CN=2061;PW=123456;MN=88888880000001;Flag=4;CP=&&DataTime=20201102080000;";
    size_t data = sizeof(front) - 1 + size + 2;
    uint8_t *frame = malloc(6 + data + 5);

    must(frame != NULL, "no memory");
    snprintf((char *)frame, 7, "##%04zu", data);
    memcpy(frame + 6, front, sizeof(front) - 1);
    if (size > 0)
        memcpy(frame + 6 + sizeof(front) - 1, bytes, size);
    memcpy(frame + 6 + data - 2, "&&", 2);
    snprintf((char *)frame + 6 + data, 5, "%04X", (unsigned)form_hj212_crc(frame + 6, data));
    form_target("hj212", frame, 6 + data + 4);
    free(frame);
}

/* What the input has between "##0123" and the CRC, or all of it. */
static void
reframed(const uint8_t *bytes, size_t size)
{
    size_t data = size > 10 && memcmp(bytes, "##", 2) == 0 ? size - 10 : size;
    uint8_t *frame = malloc(6 + data + 5);

    must(frame != NULL, "no memory");
    snprintf((char *)frame, 7, "##%04zu", data);
    if (data > 0)
        memcpy(frame + 6, bytes + (data < size ? 6 : 0), data);
    snprintf((char *)frame + 6 + data, 5, "%04X", (unsigned)form_hj212_crc(frame + 6, data));
    form_target("hj212", frame, 6 + data + 4);
    free(frame);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    form_target("hj212", bytes, size);
    if (size <= DATA_MOST)
        reframed(bytes, size);
    if (size <= DATA_MOST - 200)
        framed(bytes, size);
    return 0;
}
