#include "scratch.h"

#include <dirent.h>
#include <unistd.h>

#include "must.h"

void
scratch_make(char out[SCRATCH_PATH])
{
    snprintf(out, SCRATCH_PATH, "%s/abate-fuzz.XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    must(mkdtemp(out) != NULL, "%s", out);
}

void
scratch_write(const char *folder, const char *name, const void *bytes, size_t size)
{
    char path[2 * SCRATCH_PATH];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    must(f != NULL && fwrite(bytes, 1, size, f) == size && fclose(f) == 0, "%s", path);
}

void
scratch_remove(const char *folder)
{
    DIR *names = opendir(folder);
    struct dirent *entry;
    while (names != NULL && (entry = readdir(names)) != NULL) {
        char path[SCRATCH_PATH + 300];
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path);
    }
    if (names != NULL)
        closedir(names);
    must(rmdir(folder) == 0, "%s", folder);
}
