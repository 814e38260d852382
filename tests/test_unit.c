#include "runner.h"

#include <fcntl.h>
#include <malloc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

static struct unit_system *units;

static void
set_up(void)
{
    struct reason why;
    units = unit_system_new(&why);
    ck_assert_msg(units != NULL, "%s", why.text);
}

static void
tear_down(void)
{
    unit_system_free(units);
}

/* 1 of `from` is so many of `to`. */
/* clang-format off */
static const struct row {
    const char *from, *to;
    double wanted;
} rows[] = {
    /* RFC 8428, 12.1: in what they are made of */
    {"m", "m", 1}, {"kg", "g", 1000}, {"g", "kg", 0.001}, {"s", "ms", 1000}, {"A", "mA", 1000}, {"K", "K", 1}, {"cd", "cd", 1},
    {"mol", "mmol", 1000}, {"Hz", "1/s", 1}, {"rad", "deg", 57.2957795130823}, {"sr", "sr", 1}, {"N", "kg.m/s2", 1},
    {"Pa", "kPa", 0.001}, {"J", "kJ", 0.001}, {"W", "kW", 0.001}, {"C", "A.s", 1}, {"V", "mV", 1000}, {"F", "C/V", 1},
    {"Ohm", "V/A", 1}, {"S", "A/V", 1}, {"Wb", "V.s", 1}, {"T", "Wb/m2", 1}, {"H", "Wb/A", 1}, {"Cel", "degC", 1},
    {"lm", "cd.sr", 1}, {"lx", "lm/m2", 1}, {"Bq", "1/s", 1}, {"Gy", "J/kg", 1}, {"Sv", "J/kg", 1}, {"kat", "mol/s", 1},
    {"m2", "cm2", 10000}, {"m3", "L", 1000}, {"l", "m3", 0.001}, {"m/s", "km/h", 3.6}, {"m/s2", "m/s2", 1},
    {"m3/s", "m3/h", 3600}, {"l/s", "m3/h", 3.6}, {"W/m2", "kW/m2", 0.001}, {"cd/m2", "cd/m2", 1}, {"bit", "bit", 1},
    {"bit/s", "kbit/s", 0.001}, {"lat", "deg", 1}, {"lon", "deg", 1}, {"pH", "1", 1}, {"dB", "dB", 1}, {"dBW", "dBW", 1},
    {"Bspl", "Bspl", 1}, {"count", "1", 1}, {"/", "%", 100}, {"%", "/", 0.01}, {"%RH", "%", 1}, {"%EL", "%", 1}, {"EL", "s", 1},
    {"1/s", "1/min", 60}, {"1/min", "1/h", 60}, {"beat/min", "1/min", 1}, {"beats", "count", 1}, {"S/m", "uS/cm", 10000},
    /* RFC 8798, 2 and 3 */
    {"B", "bit", 8}, {"VA", "kVA", 0.001}, {"VAs", "VA.s", 1}, {"var", "kvar", 0.001}, {"vars", "var.s", 1}, {"J/m", "kJ/m", 0.001},
    {"kg/m3", "g/L", 1}, {"deg", "deg", 1}, {"ms", "s", 0.001}, {"min", "s", 60}, {"h", "min", 60}, {"MHz", "Hz", 1e6}, {"kW", "W", 1000},
    {"kVA", "VA", 1000}, {"kvar", "var", 1000}, {"Ah", "C", 3600}, {"Wh", "J", 3600}, {"kWh", "J", 3600000}, {"varh", "vars", 3600},
    {"kvarh", "vars", 3600000}, {"kVAh", "VAs", 3600000}, {"Wh/km", "J/m", 3.6}, {"KiB", "B", 1024}, {"GB", "B", 1e9},
    {"Mbit/s", "bit/s", 1e6}, {"B/s", "bit/s", 8}, {"MB/s", "bit/s", 8e6}, {"mV", "V", 0.001}, {"mA", "A", 0.001}, {"dBm", "dBm", 1},
    {"ug/m3", "kg/m3", 1e-9}, {"mm/h", "m/h", 0.001}, {"m/h", "m/s", 1 / 3600.0}, {"ppm", "/", 1e-6}, {"/100", "/", 0.01},
    {"/1000", "/", 0.001}, {"hPa", "Pa", 100}, {"mm", "m", 0.001}, {"cm", "m", 0.01}, {"km", "m", 1000}, {"km/h", "m/s", 5 / 18.0},
    {"ppb", "/", 1e-9}, {"VAh", "VAs", 3600}, {"mg/l", "kg/m3", 0.001}, {"ug/l", "kg/m3", 1e-6}, {"g/l", "kg/m3", 1}, {"NTU", "NTU", 1},
    /* what is registered of the parameters, in migrations, the demo and tests */
    {"mg/m3", "g/m3", 0.001}, {"1/L", "1/m3", 1000}, {"uS/cm", "mS/cm", 0.001}, {"kPa", "Pa", 1000}, {"m3/d", "L/s", 1000 / 86400.0},
    {"MWh", "kWh", 1000}, {"GWh", "MWh", 1000}, {"10^4 kWh", "kWh", 10000}, {"MMBtu", "MJ", 1055.05585262}, {"GJ", "MJ", 1000},
    {"10^4 t", "t", 10000}, {"10^4 m3", "m3", 10000}, {"10^4 tce", "tce", 10000}, {"ng/L", "ug/L", 0.001}, {"Bq/L", "Bq/m3", 1000},
    {"t", "kg", 1000}, {"MW", "kW", 1000}, {"L", "m3", 0.001}, {"mg/L", "mg/m3", 1000}, {"degC", "Cel", 1}, {"ng/m3", "ug/m3", 0.001},
    /* what stations write */
    {"mg/m³", "mg/m3", 1}, {"mg/Nm3", "mg/m3", 1}, {"mg/Nm³", "mg/m3", 1}, {"mg/m3N", "mg/m3", 1}, {"mg/m³N", "mg/m3", 1}, {"mg·m-3", "mg/m3", 1},
    {"mg.m-3", "mg/m3", 1}, {"mg/m^3", "mg/m3", 1}, {" mg/m3 ", "mg/m3", 1}, {"μg/m³", "mg/m3", 0.001}, {"µg/m³", "mg/m3", 0.001},
    {"μg/Nm³", "ug/m3", 1}, {"µg/Nm³", "ug/m3", 1}, {"g/m3", "mg/m3", 1000}, {"℃", "degC", 1}, {"°C", "degC", 1}, {"ºC", "degC", 1},
    {"摄氏度", "degC", 1}, {"毫克/立方米", "mg/m3", 1}, {"微克/立方米", "mg/m3", 0.001}, {"毫克/升", "mg/L", 1}, {"微克/升", "mg/L", 0.001},
    {"吨", "t", 1}, {"千瓦时", "kWh", 1}, {"万千瓦时", "kWh", 10000}, {"kwh", "kWh", 1}, {"KWh", "kWh", 1}, {"kW·h", "kWh", 1}, {"kW.h", "kWh", 1},
    {"L/s", "m3/h", 3.6}, {"m3/h", "m3/s", 1 / 3600.0}, {"Nm3/h", "m3/h", 1}, {"升/秒", "L/s", 1}, {"立方米/小时", "m3/h", 1}, {"t/h", "kg/h", 1000},
    {"tce", "kgce", 1000}, {"kgce", "MJ", 29.3076}, {"吨标准煤", "tce", 1}, {"tce", "kWh", 8141}, {"kvarh", "kvarh", 1}, {"千乏时", "kvarh", 1},
    {"无量纲", "1", 1}, {"", "1", 1}, {"-", "1", 1}, {"％", "%", 1}, {"%vol", "%", 1}, {"ppm", "%", 0.0001}, {"个/升", "1/L", 1}, {"us/cm", "uS/cm", 1},
    {"μS/cm", "uS/cm", 1}, {"微西[门子]/厘米", "uS/cm", 1}, {"分贝", "dB", 1}, {"dB(A)", "dB", 1}, {"MPa", "kPa", 1000}, {"mbar", "kPa", 0.1}, {"Kpa", "kPa", 1},
    {"[角]度", "deg", 1}, {"贝可[勒尔]/升", "Bq/L", 1}, {"立方米", "m3", 1}, {"万立方米", "m3", 10000}, {"吨/小时", "t/h", 1}, {"米/秒", "m/s", 1},
    {"千帕", "kPa", 1}, {"平方米", "m2", 1}, {"克", "g", 1}, {"千克", "kg", 1}, {"kcal", "kJ", 4.1868},
};

static const struct refusal {
    const char *from, *to;
    double density;
    const char *why;
} refusals[] = {
    {"mg/m3", "kWh", NAN, "unit \"mg/m3\" cannot become \"kWh\""},
    {"kWh", "mg/m3", 2.8, "unit \"kWh\" cannot become \"mg/m3\""},
    {"kvarh", "kWh", NAN, "unit \"kvarh\" cannot become \"kWh\""},
    {"kVA", "kW", NAN, "unit \"kVA\" cannot become \"kW\""},
    {"kVA", "kvar", NAN, "unit \"kVA\" cannot become \"kvar\""},
    {"kW", "kWh", NAN, "unit \"kW\" cannot become \"kWh\""},
    {"NTU", "1", NAN, "unit \"NTU\" cannot become \"1\""},
    {"NTU", "mg/L", NAN, "unit \"NTU\" cannot become \"mg/L\""},
    {"dB", "1", NAN, "unit \"dB\" cannot become \"1\""},
    {"dBm", "W", NAN, "unit \"dBm\" cannot become \"W\""},
    {"lg(re mW)", "W", NAN, "unit \"lg(re mW)\" cannot become \"W\""},
    {"%", "deg", NAN, "unit \"%\" cannot become \"deg\""},
    {"s", "Hz", NAN, "unit \"s\" cannot become \"Hz\""},
    {"m3/kg", "kg/m3", NAN, "unit \"m3/kg\" cannot become \"kg/m3\""},
    {"m3/h", "t/h", NAN, "unit \"m3/h\" cannot become \"t/h\""},
    {"ppm", "mg/m3", NAN, "unit \"ppm\" without its molar mass (abate.parameter.molar_mass) cannot become \"mg/m3\""},
    {"mg/m3", "ppm", NAN, "unit \"mg/m3\" without its molar mass (abate.parameter.molar_mass) cannot become \"ppm\""},
    {"1", "mg/m3", 2.8, "unit \"1\" cannot become \"mg/m3\""},
    {"1e307 ppm", "ng/m3", 2.8, "unit \"1e307 ppm\" cannot become \"ng/m3\""}, /* past all doubles */
    {"1e-307 ppb", "kt/cm3", 2.8, "unit \"1e-307 ppb\" cannot become \"kt/cm3\""},
    {"1e308 kg/m3", "ng/m3", NAN, "unit \"1e308 kg/m3\" cannot become \"ng/m3\""},
    {"ppm", "kg", 2.8, "unit \"ppm\" cannot become \"kg\""},
    {"seconds since 1970-01-01", "s", NAN, "unit \"seconds since 1970-01-01\" cannot become \"s\""},
    {"mg/foo", "mg/m3", NAN, "unit \"mg/foo\" is not known"},
    {"mg/m3", "bucket", NAN, "unit \"bucket\" is not known"},
    {"MG/M3", "mg/m3", NAN, "unit \"MG/M3\" is not known"},
    {"mg/(m3", "mg/m3", NAN, "unit \"mg/(m3\" is not known"},
    {"0 m", "m", NAN, "unit \"0 m\" is not known"},
    {"1e999 m", "m", NAN, "unit \"1e999 m\" is not known"},
    {"mg/m3\xff", "mg/m3", NAN, "unit \"mg/m3\\xff\" is not known"},
    {"mg\n/m3", "m", NAN, "unit \"mg\\x0a/m3\" cannot become \"m\""},
    {"m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m", "m", NAN, "unit \"m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m\" is not known"},
};

/* Of what is not a factor alone, and of gases: the density is the molar mass over 22.414 L/mol. */
static const struct valued {
    const char *from, *to;
    double density, value, wanted;
} values[] = {
    {"K", "degC", NAN, 300, 26.85}, {"K", "Cel", NAN, 273.16, 0.01}, {"Cel", "K", NAN, 26.85, 300}, {"degF", "degC", NAN, 212, 100},
    {"degF", "℃", NAN, -40, -40}, {"℃", "K", NAN, -273.15, 0},
    {"ppm", "mg/m3", 64.058 / 22.414, 100, 285.794592665298}, /* SO2: 2.86 */
    {"ppm", "mg/m3", 46.005 / 22.414, 100, 205.251182296779}, /* NOx as NO2: 2.05 */
    {"ppb", "ug/m3", 28.01 / 22.414, 100, 124.966538770411},  /* CO: 1.25 */
    {"%", "mg/m3", 44.009 / 22.414, 12, 235615.240474703},    /* CO2 */
    {"ppmv", "mg/Nm3", 64.058 / 22.414, 0, 0},
    {"mg/m3", "ppm", 64.058 / 22.414, 285.794592665298, 100},
    {"mg/m3", "%", 31.998 / 22.414, 299804, 21.0007089693106},
    {"L", "m3", NAN, 70695, 70.695},
};
/* clang-format on */

static bool
convert(const char *from, const char *to, double density, struct conversion *ret, struct reason *why)
{
    return unit_convert(units, from, strlen(from), to, strlen(to), density, ret, why);
}

START_TEST(one_of_it_is_so_many)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct conversion c;
        struct reason why = {""};
        ck_assert_msg(convert(row->from, row->to, NAN, &c, &why), "%s to %s: %s", row->from, row->to, why.text);
        double got = conversion_apply(&c, 1);
        ck_assert_msg(fabs(got - row->wanted) <= 1e-15 * fabs(row->wanted), "%s to %s: %.17g, not %.17g", row->from, row->to,
                      got, row->wanted);
        ck_assert_msg(row->wanted != 1 || conversion_apply(&c, 0.1 + 0.2) == 0.1 + 0.2, "%s to %s: another bit", row->from, row->to);
    }
}
END_TEST

START_TEST(refused)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        const struct refusal *row = &refusals[i];
        struct conversion c = {{7, 7}, 7};
        struct reason why = {""};
        ck_assert_msg(!convert(row->from, row->to, row->density, &c, &why), "%s to %s", row->from, row->to);
        ck_assert_msg(strcmp(why.text, row->why) == 0, "%s to %s: %s", row->from, row->to, why.text);
        ck_assert_msg(c.scale.times == 7 && c.offset == 7, "%s to %s: touched", row->from, row->to);
    }
}
END_TEST

START_TEST(so_much_is_so_much)
{
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        const struct valued *row = &values[i];
        struct conversion c;
        struct reason why = {""};
        ck_assert_msg(convert(row->from, row->to, row->density, &c, &why), "%s to %s: %s", row->from, row->to, why.text);
        double got = conversion_apply(&c, row->value);
        bool is_gas = !isnan(row->density);
        ck_assert_msg(is_gas ? fabs(got - row->wanted) <= 1e-14 * fabs(row->wanted) : got == row->wanted, "%s to %s: %.17g, not %.17g",
                      row->from, row->to, got, row->wanted);
        ck_assert_msg(isnan(conversion_apply(&c, NAN)), "%s to %s: none became some", row->from, row->to);
    }
}
END_TEST

/* Whatever a device calls a unit, thousands of times. */
START_TEST(no_unit_takes_memory)
{
    static const char *const texts[] = {"mg/foo", "W*0m(Wh", "e5*0Btu", "-255(Btu@1L", "1e-3/0Esince", "0/2⁻", "(((((m", "m^999 kg", "m 0.0 kg",
                                        "lg(re mW)", "days since 2000-01-01", "mg/m3", "毫克/foo", "1e999 m", "m^-1 kg (", "00 m kg", "m.0.kg"};
    struct conversion c;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t before = 0;
        for (int n = 0; n < 1100; n++) {
            if (n == 100)
                before = mallinfo2().uordblks;
            convert(texts[i], "mg/m3", NAN, &c, NULL);
        }
        ck_assert_msg(mallinfo2().uordblks <= before + 8000, "%s: %zu bytes more", texts[i], mallinfo2().uordblks - before);
    }
}
END_TEST

/* udunits2 says what it does not understand on stderr, unless it is told otherwise. */
START_TEST(nothing_is_said_on_stderr)
{
    char path[] = "/tmp/test_unit.XXXXXX";
    int file = mkstemp(path), before = dup(STDERR_FILENO);
    struct conversion c;

    ck_assert_int_ge(file, 0);
    unlink(path);
    dup2(file, STDERR_FILENO);
    convert("mg/(foo", "m", NAN, &c, NULL);
    convert("m", "kg", NAN, &c, NULL);
    dup2(before, STDERR_FILENO);
    ck_assert_int_eq(lseek(file, 0, SEEK_END), 0);
    close(before);
    close(file);
}
END_TEST

START_TEST(no_definitions)
{
    struct reason why = {""};
    setenv("UDUNITS2_XML_PATH", "/nowhere/units.xml", 1);
    ck_assert_ptr_null(unit_system_new(&why));
    ck_assert_msg(strstr(why.text, "libudunits2-data") != NULL, "%s", why.text);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("unit");
    TCase *t = tcase_create("unit");
    tcase_add_unchecked_fixture(t, set_up, tear_down);
    tcase_add_test(t, one_of_it_is_so_many);
    tcase_add_test(t, refused);
    tcase_add_test(t, so_much_is_so_much);
    tcase_add_test(t, no_unit_takes_memory);
    tcase_add_test(t, nothing_is_said_on_stderr);
    tcase_add_test(t, no_definitions);
    suite_add_tcase(s, t);
    return s;
}
