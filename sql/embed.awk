# Makes C of the SQL files named on the command line: each query a string sql_<name>, migrations and functions two tables
# in the order of their file names. With -v header=1 only the declarations.
function stem(path) {
    sub(/^.*\//, "", path)
    sub(/\.sql$/, "", path)
    return path
}
function quoted(line) {
    gsub(/\\/, "&&", line)
    gsub(/"/, "\\\"", line)
    gsub(/\t/, "\\t", line)
    return "    \"" line "\\n\"\n"
}
FNR == 1 {
    files++
    name[files] = stem(FILENAME)
    kind[files] = FILENAME ~ /\/migrations\// ? "migration" : FILENAME ~ /\/functions\// ? "function" : "query"
}
{
    text[files] = text[files] quoted($0)
}
function table(wanted, i, count) {
    printf "\nconst struct sql_%s sql_%ss[] = {\n", wanted, wanted
    for (i = 1; i <= files; i++) {
        if (kind[i] != wanted)
            continue
        count++
        printf "{%d, \"%s\",\n%s},\n", name[i] + 0, name[i], text[i]
    }
    printf "};\nconst size_t sql_%ss_count = %d;\n", wanted, count
}
END {
    if (header) {
        print "/* Made from the files in sql/: queries by name, migrations and functions in their order. */"
        print "#ifndef ABATE_SQL_H\n#define ABATE_SQL_H\n\n#include <stddef.h>\n"
        for (i = 1; i <= files; i++)
            if (kind[i] == "query")
                printf "extern const char sql_%s[];\n", name[i]
        for (k = 1; k <= 2; k++) {
            wanted = k == 1 ? "migration" : "function"
            printf "\nstruct sql_%s {\n    int number;\n    const char *name;\n    const char *text;\n};\n", wanted
            printf "extern const struct sql_%s sql_%ss[];\nextern const size_t sql_%ss_count;\n", wanted, wanted, wanted
        }
        print "\n#endif"
        exit
    }
    print "/* Made from the files in sql/. */\n#include \"sql.h\""
    for (i = 1; i <= files; i++)
        if (kind[i] == "query")
            printf "\nconst char sql_%s[] =\n%s    ;\n", name[i], text[i]
    table("migration")
    table("function")
}
