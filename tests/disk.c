#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
    enum disk_blow blow;
    int calls;
    int left; /* until it falls */
    int error;
    int count[DISK_FORGET + 1];
    enum disk_call struck;
} blow;

void
disk_strike(enum disk_blow kind, int calls, int at, int error)
{
    memset(&blow, 0, sizeof(blow));
    blow.blow = kind;
    blow.calls = calls;
    blow.left = at;
    blow.error = error;
}

int
disk_count(enum disk_call call)
{
    return blow.count[call];
}

enum disk_call
disk_struck(void)
{
    return blow.struck;
}

static void (*watcher)(const struct disk_event *event);

void
disk_watch(void (*see)(const struct disk_event *event))
{
    watcher = see;
}

static int
tell(struct disk_event event, int done)
{
    int error = errno;
    event.is_done = done == 0;
    if (watcher != NULL)
        watcher(&event);
    errno = error;
    return done;
}

/* True if the call is to fail, with errno. */
static bool
falls(enum disk_call call)
{
    blow.count[call]++;
    if ((blow.blow != DISK_ERROR && blow.blow != DISK_DEATH) || !(blow.calls & (int)call) || --blow.left != 0)
        return false;
    blow.struck = call;
    if (blow.blow == DISK_DEATH && call != DISK_PWRITE)
        _exit(DISK_DIED);
    errno = blow.error;
    return true;
}

ssize_t
pwrite(int file, const void *bytes, size_t size, off_t offset)
{
    if (falls(DISK_PWRITE)) {
        if (blow.blow != DISK_DEATH)
            return -1;
        syscall(SYS_pwrite64, file, bytes, size / 2, offset);
        _exit(DISK_DIED);
    }
    if (blow.blow == DISK_SHORT && blow.count[DISK_PWRITE] % 2 == 1) {
        errno = EINTR;
        return -1;
    }
    if (blow.blow == DISK_SHORT && size > 7)
        size = 7;
    ssize_t done = syscall(SYS_pwrite64, file, bytes, size, offset);
    if (done > 0)
        tell((struct disk_event){DISK_PWRITE, file, bytes, (size_t)done, offset, NULL, NULL, true}, 0);
    return done;
}

int
fdatasync(int file)
{
    return tell((struct disk_event){.call = DISK_FDATASYNC, .file = file}, falls(DISK_FDATASYNC) ? -1 : 0);
}

int
fsync(int file)
{
    return tell((struct disk_event){.call = DISK_FSYNC, .file = file}, falls(DISK_FSYNC) ? -1 : 0);
}

int
ftruncate(int file, off_t size)
{
    int done = falls(DISK_FTRUNCATE) ? -1 : (int)syscall(SYS_ftruncate, file, size);
    return tell((struct disk_event){.call = DISK_FTRUNCATE, .file = file, .size = (size_t)size}, done);
}

int
renameat(int from, const char *name, int to, const char *new_name)
{
    int done = falls(DISK_RENAME) ? -1 : (int)syscall(SYS_renameat2, from, name, to, new_name, 0);
    return tell((struct disk_event){.call = DISK_RENAME, .file = to, .name = name, .new_name = new_name}, done);
}

int
unlinkat(int directory, const char *name, int flags)
{
    int done = falls(DISK_UNLINK) ? -1 : (int)syscall(SYS_unlinkat, directory, name, flags);
    return tell((struct disk_event){.call = DISK_UNLINK, .file = directory, .name = name}, done);
}

int
posix_fadvise(int file, off_t offset, off_t size, int advice)
{
    (void)offset, (void)size, (void)advice;
    blow.count[DISK_FORGET]++;
    return tell((struct disk_event){.call = DISK_FORGET, .file = file}, 0);
}
