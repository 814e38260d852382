/* replay: the main of a fuzz target where there is no libFuzzer: every file named, and every file in a folder named, goes
 * through the target, each in a block of memory of its own size, so that reading past it is found. */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "must.h"

static unsigned long files;

static void
replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct stat st;
    must(f != NULL && fstat(fileno(f), &st) == 0, "%s: %s", path, strerror(errno));
    size_t size = (size_t)st.st_size;
    uint8_t *bytes = malloc(size > 0 ? size : 1);
    must(bytes != NULL && fread(bytes, 1, size, f) == size, "%s: cannot be read", path);
    fclose(f);
    LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    files++;
}

static void replay(const char *path);

static void
replay_folder(const char *path)
{
    struct dirent **entry;
    int count = scandir(path, &entry, NULL, alphasort);
    must(count >= 0, "%s: %s", path, strerror(errno));
    for (int i = 0; i < count; i++) {
        char *name;
        must(asprintf(&name, "%s/%s", path, entry[i]->d_name) > 0, "no memory");
        if (entry[i]->d_name[0] != '.')
            replay(name);
        free(name);
        free(entry[i]);
    }
    free(entry);
}

static void
replay(const char *path)
{
    struct stat st;
    must(stat(path, &st) == 0, "%s: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        replay_folder(path);
    else
        replay_file(path);
}

int
main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    printf("%lu inputs\n", files);
    return files == 0;
}
