#include "form_target.h"
#include "must.h"

/* Between them all that a profile may say; the first byte of an input picks one. */
static const struct {
    const char *name, *text;
} profiles[] = {
    {"devices", "profile devices { each = '/*/*' monitor = '*' time = './time' readings = './*' quoted_numbers = on\n"
                "  missing = {'', '--', 'null'} reading a21002 { from = 'NOx' scale = 0.1 unit = 'mg/m3' } ignore = 'x' }"},
    {"list", "profile list { monitor = '/MN' time = '/time' time_form = digits zone = '+08:00' period = '/CN'\n"
             "  periods = {'2011=realtime', '2061=hour', '*=minute'} readings = '/data/*' name = './name' value = './value'\n"
             "  mark = './flag' marks = {'HL=T', '9=N', 'true=N', '*=D'} unit = './unit' reissue = '/resend' id = '/id'\n"
             "  quoted_numbers = on reading a21026 { from = 'so2' element = 0 } reading a34013 { from = 'so2' element = 1 } }"},
    {"apart", "profile apart { time = '/time' time_form = ms period = '/period' readings = '/values/*' errors = '/errors/*'\n"
              "  marks = {'2014=D'} mark = './e' reading w01018 { from = 'tag0' } }"},
    {"single", "profile single { each = '/values/*' monitor = './m' time = './t' time_form = s readings = '.' name = './id'\n"
               "  value = './v/x' mark = '/q' ignore = '*' reading a21002 { from = 'a' } reading a21026 { from = './v/y/0' } }"},
    {"flat", "profile flat { monitor = M1 time = arrival readings = '/*' id = '/id' reissue = '/r'\n"
             "  reading a21002 { from = 'Ph' scale = 0.1 } reading a21026 { from = '/deep/a/b' } }"},
    {"format", "profile format { time = '/t' time_form = '%Y-%m-%d %H:%M:%S' readings = '/*/v/*' }"},
    {"framed", "profile framed { frame = '/frame/0' id = '/id' }"},
};
#define PROFILES (sizeof(profiles) / sizeof(profiles[0]))

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    for (size_t i = 0; i < PROFILES; i++) {
        if (bytes[0] - 'a' == (int)i)
            form_target_by(profiles[i].text, profiles[i].name, bytes + 1, size - 1);
        else if (bytes[0] == '{' || bytes[0] == '[') /* a plain payload: by all of them */
            form_target_by(profiles[i].text, profiles[i].name, bytes, size);
    }
    return 0;
}
