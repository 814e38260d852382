/* LD_PRELOAD: a disk that takes a few bytes of each write, and interrupts every third. */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST 100

ssize_t pwrite64(int file, const void *bytes, size_t size, off_t offset);

ssize_t
pwrite(int file, const void *bytes, size_t size, off_t offset)
{
    static unsigned calls;

    if (++calls % 3 == 0) {
        errno = EINTR;
        return -1;
    }
    return syscall(SYS_pwrite64, file, bytes, size > MOST ? MOST : size, offset);
}

ssize_t
pwrite64(int file, const void *bytes, size_t size, off_t offset)
{
    return pwrite(file, bytes, size, offset);
}
