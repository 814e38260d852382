/* folder: a file of a folder, and the cells that come of it: line, column, text, fault, parted by "|". */
#include <check.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"
#include "runner.h"

#define BYTES(text) text, sizeof(text) - 1
#define CONTROL "has a line end, a tab or another control character in it: write it in one line of plain text"

static const struct row {
    const char *name;
    const char *text;
    size_t size;
    const char *cells;
} rows[] = {
    {"a header alone", BYTES("a,b\n"), "1|a|-|-\n1|b|-|-\n"},
    {"cells", BYTES("a,b\n1,2\n\n3,\n"), "1|a|-|-\n1|b|-|-\n2|a|1|-\n2|b|2|-\n4|a|3|-\n"},
    {"a byte order mark, quotes, CRLF, blanks about", BYTES("\xef\xbb\xbf\"a\", b\r\n\"x,\"\"y\"\"\", z \r\n"),
     "1|a|-|-\n1|b|-|-\n2|a|x,\"y\"|-\n2|b|z|-\n"},
    {"empty rows behind the last", BYTES("a,b\n1,2\n,\n , \n,,,\n"), "1|a|-|-\n1|b|-|-\n2|a|1|-\n2|b|2|-\n"},
    {"a column without a name or text", BYTES("a,\n1,\n"), "1|a|-|-\n2|a|1|-\n"},
    {"a column without a name but with text", BYTES("a,\n1,2\n"),
     "1|a|-|-\n2|a|1|-\n2|-|-|has text in a column without a name: name it in the header, or empty it\n"},
    {"too few fields, too many", BYTES("a,b\n1\n1,2,3\n4,5\n"),
     "1|a|-|-\n1|b|-|-\n"
     "2|-|-|has 1 field, the header has 2: is a comma or a quote missing or too many?\n"
     "3|-|-|has 3 fields, the header has 2: is a comma or a quote missing or too many?\n"
     "4|a|4|-\n4|b|5|-\n"},
    {"no UTF-8", BYTES("a,b\n\xd6\xd0,2\n"), "1|a|-|-\n1|b|-|-\n2|a|-|is no UTF-8: save the file as CSV in UTF-8\n2|b|2|-\n"},
    {"a NUL", BYTES("a,b\n1\0,2\n"),
     "1|a|-|-\n1|b|-|-\n2|a|-|has a NUL byte: save the file as plain CSV in UTF-8\n2|b|2|-\n"},
    {"a terminal's escape, a line end, a control character of two bytes, DEL",
     BYTES("a,b\n\x1b[2J,2\n\"x\ny\",2\nz\xc2\x9b,\x7f\n"),
     "1|a|-|-\n1|b|-|-\n2|a|-|" CONTROL "\n2|b|2|-\n3|a|-|" CONTROL "\n3|b|2|-\n5|a|-|" CONTROL "\n5|b|-|" CONTROL "\n"},
    {"another separator", BYTES("a;b\n1;2\n"), "1|a;b|-|names columns with \";\" between them: save the file with commas\n2|a;b|1;2|-\n"},
    {"a header that is no UTF-8", BYTES("\xd6\xd0\n1\n"),
     "1|\\xd6\\xd0|-|is no UTF-8: save the file as CSV in UTF-8\n"
     "2|-|-|has text in a column without a name: name it in the header, or empty it\n"},
    {"a quote never closed", BYTES("a,b\n1,2\n3,\"x\n4,5\n"),
     "1|a|-|-\n1|b|-|-\n2|a|1|-\n2|b|2|-\n3|-|-|field 2: a quote that is never closed\n"},
    {"nothing", BYTES(""), "-|-|-|is empty: its first line names the columns\n"},
};

static char folder[64];

static bool
read_folder(struct buf *cells, struct reason *why)
{
    return folder_read((const char *const[]){folder}, 1, cells, why);
}

static void
make_folder(void)
{
    strcpy(folder, "/tmp/abate_folder.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static char *
path_of(const char *name, char out[128])
{
    snprintf(out, 128, "%s/%s", folder, name);
    return out;
}

static void
write_file(const char *name, const char *text, size_t size)
{
    char path[128];
    FILE *f = fopen(path_of(name, path), "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(text, 1, size, f), size);
    fclose(f);
}

static void
remove_folder(void)
{
    static const char *const names[] = {"a.csv", "b.csv", "c.csv", ".hidden.csv", "notes.txt"};
    char path[128];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        remove(path_of(names[i], path));
    rmdir(folder);
}

static uint32_t
take_u32(const unsigned char **at)
{
    uint32_t n;
    memcpy(&n, *at, 4);
    *at += 4;
    return be32toh(n);
}

/* The rows of a binary COPY as text; `with_file`: with the file's name. */
static char *
shown(const struct buf *cells, bool with_file)
{
    struct buf out = {0};
    const unsigned char *at = cells->at + 19;
    while (at[0] != 0xff) {
        char number[16];
        ck_assert_int_eq(at[1], 5);
        at += 2;
        for (int i = 0; i < 5; i++) {
            uint32_t size = take_u32(&at);
            if (i > (with_file ? 0 : 1))
                buf_add_text(&out, "|");
            if (i == 1 && size == 4) {
                snprintf(number, sizeof(number), "%u", take_u32(&at));
                buf_add_text(&out, number);
            } else if (size == UINT32_MAX) {
                buf_add_text(&out, "-");
            } else {
                if (i > 0 || with_file)
                    buf_add(&out, at, size);
                at += size;
            }
        }
        buf_add_text(&out, "\n");
    }
    buf_add(&out, "", 1);
    return (char *)out.at;
}

START_TEST(a_file_makes_cells)
{
    const struct row *row = &rows[_i];
    struct buf cells = {0};
    struct reason why;

    make_folder();
    write_file("a.csv", row->text, row->size);
    ck_assert_msg(read_folder(&cells, &why), "%s: %s", row->name, why.text);
    char *text = shown(&cells, false);
    ck_assert_msg(strcmp(text, row->cells) == 0, "%s:\n%s", row->name, text);
    free(text);
    buf_clear(&cells);
    remove_folder();
}
END_TEST

START_TEST(what_is_no_file_is_said_to_be_none)
{
    struct buf cells = {0};
    struct reason why;
    char path[128];

    make_folder();
    ck_assert_int_eq(mkfifo(path_of("a.csv", path), 0600), 0);
    ck_assert(read_folder(&cells, &why));
    char *text = shown(&cells, false);
    ck_assert_str_eq(text, "-|-|-|not a regular file\n");
    free(text);
    buf_clear(&cells);
    remove_folder();
}
END_TEST

START_TEST(files_come_in_the_order_of_their_names)
{
    struct buf cells = {0};
    struct reason why;

    make_folder();
    write_file("c.csv", BYTES("x\n1\n"));
    write_file("a.csv", BYTES("x\n"));
    write_file("b.csv", BYTES("y\n"));
    write_file(".hidden.csv", BYTES("z\n"));
    write_file("notes.txt", BYTES("z\n"));
    ck_assert(read_folder(&cells, &why));
    char *text = shown(&cells, true);
    ck_assert_str_eq(text, "a.csv|1|x|-|-\nb.csv|1|y|-|-\nc.csv|1|x|-|-\nc.csv|2|x|1|-\n");
    free(text);
    buf_clear(&cells);
    remove_folder();
}
END_TEST

START_TEST(files_by_their_names)
{
    struct buf cells = {0};
    struct reason why;
    char a[128], b[128];

    make_folder();
    write_file("a.csv", BYTES("x\n"));
    write_file("b.csv", BYTES("y\n"));
    const char *const paths[] = {path_of("b.csv", b), path_of("a.csv", a)};
    ck_assert(folder_read(paths, 2, &cells, &why));
    char *text = shown(&cells, true);
    ck_assert_str_eq(text, "b.csv|1|y|-|-\na.csv|1|x|-|-\n");
    free(text);
    buf_clear(&cells);
    const char *const twice[] = {paths[1], folder};
    ck_assert(!folder_read(twice, 2, &cells, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "/a.csv: there is another \"a.csv\" before it"));
    remove_folder();
    ck_assert(!folder_read(paths, 2, &cells, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "b.csv: No such file or directory"));
    buf_clear(&cells);
}
END_TEST

START_TEST(a_row_without_end)
{
    struct buf cells = {0};
    struct reason why;
    size_t size = (2 << 20) + 3;
    char *text = malloc(size);

    ck_assert_ptr_nonnull(text);
    memset(text, 'x', size);
    memcpy(text, "a\n\"", 3);
    make_folder();
    write_file("a.csv", text, size);
    ck_assert(read_folder(&cells, &why));
    char *out = shown(&cells, false);
    ck_assert_str_eq(out, "1|a|-|-\n2|-|-|a row of more than 1048576 bytes: is a quote never closed?\n");
    free(out);
    free(text);
    buf_clear(&cells);
    remove_folder();
}
END_TEST

START_TEST(a_file_of_too_much)
{
    static const char row[] = "1,2,3,4,5,6,7,8,9\n";
    struct buf text = {0}, cells = {0};
    struct reason why;

    buf_add_text(&text, "a,b,c,d,e,f,g,h,i\n");
    while (text.size < FOLDER_MOST / 16) /* a cell of one letter takes more than 32 bytes */
        buf_add(&text, row, sizeof(row) - 1);
    make_folder();
    write_file("a.csv", (const char *)text.at, text.size);
    ck_assert(!read_folder(&cells, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "/a.csv: with what is before it makes cells of more than 64 MiB"));
    buf_clear(&text);
    buf_clear(&cells);
    remove_folder();
}
END_TEST

START_TEST(a_folder_that_is_none)
{
    struct buf cells = {0};
    struct reason why;

    make_folder();
    ck_assert(!read_folder(&cells, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "there is no .csv file"));
    char path[128];
    ck_assert_int_eq(mkdir(path_of("a.csv", path), 0700), 0);
    buf_empty(&cells);
    ck_assert(read_folder(&cells, &why));
    char *out = shown(&cells, false);
    ck_assert_str_eq(out, "-|-|-|Is a directory\n");
    free(out);
    remove_folder();
    ck_assert(!read_folder(&cells, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "No such file or directory"));
    buf_clear(&cells);
}
END_TEST

Suite *
suite(void)
{
    Suite *s = suite_create("folder");
    TCase *t = tcase_create("folder");
    tcase_add_loop_test(t, a_file_makes_cells, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(t, what_is_no_file_is_said_to_be_none);
    tcase_add_test(t, files_come_in_the_order_of_their_names);
    tcase_add_test(t, files_by_their_names);
    tcase_add_test(t, a_row_without_end);
    tcase_add_test(t, a_file_of_too_much);
    tcase_add_test(t, a_folder_that_is_none);
    suite_add_tcase(s, t);
    return s;
}
