#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "text.h"

enum { INPUT, OUTPUT, END, FDS };

struct program {
    pid_t pid;
    int fd[FDS]; /* to its standard input, from its standard output, the process itself; -1: closed */
    struct loop_event *event[FDS];
    struct buf input;
    size_t written;
    char line[PROGRAM_LINE]; /* the beginning of its output */
    size_t line_size;
    program_done *done; /* NULL: stopped */
    void *self;
};

static void
must(bool is_done)
{
    if (!is_done)
        abort();
}

static void
shut(struct program *p, int which)
{
    loop_event_free(p->event[which]);
    p->event[which] = NULL;
    if (p->fd[which] >= 0)
        close(p->fd[which]);
    p->fd[which] = -1;
}

static void
clear(struct program *p)
{
    for (int i = 0; i < FDS; i++)
        shut(p, i);
    buf_clear(&p->input);
    free(p);
}

/* ---- while it runs ---- */

static void
on_input(void *self, int ready)
{
    struct program *p = self;
    (void)ready;
    ssize_t n = write(p->fd[INPUT], p->input.at + p->written, p->input.size - p->written);
    if (n > 0)
        p->written += (size_t)n;
    if (p->written == p->input.size || (n < 0 && errno != EAGAIN && errno != EINTR))
        shut(p, INPUT);
}

static void
on_output(void *self, int ready)
{
    struct program *p = self;
    char bytes[4096];
    ssize_t n;
    (void)ready;

    while ((n = read(p->fd[OUTPUT], bytes, sizeof(bytes))) > 0) {
        size_t room = sizeof(p->line) - 1 - p->line_size, kept = (size_t)n < room ? (size_t)n : room;
        memcpy(p->line + p->line_size, bytes, kept);
        p->line_size += kept;
        if ((size_t)n < sizeof(bytes))
            return;
    }
    if (n == 0 || (errno != EAGAIN && errno != EINTR))
        shut(p, OUTPUT);
}

/* What it left running may hold its output open: that is not waited for. */
static void
on_end(void *self, int ready)
{
    struct program *p = self;
    struct program_result r = {0};
    siginfo_t end = {0};

    if (p->fd[OUTPUT] >= 0)
        on_output(p, ready);
    must(waitid(P_PIDFD, (id_t)p->fd[END], &end, WEXITED) == 0);
    if (end.si_code == CLD_EXITED)
        r.status = end.si_status;
    else
        r.signal = end.si_status;
    p->line[p->line_size] = '\0';
    p->line[strcspn(p->line, "\r\n")] = '\0';
    text_line(p->line, r.line, sizeof(r.line));
    if (p->done != NULL)
        p->done(p->self, &r);
    clear(p);
}

/* ---- its beginning and end ---- */

/* `ret`: ours, its. Neither is open in a program started meanwhile. */
static bool
make_pipe(int ours, int ret[2], struct reason *why)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return reason_set(why, "pipe: %s", strerror(errno));
    ret[0] = ends[ours];
    ret[1] = ends[!ours];
    fcntl(ret[0], F_SETFL, O_NONBLOCK);
    return true;
}

/* Signals that we ignore or block are not so for it. */
static int
spawn(const char *path, const char *setting, int input, int output, pid_t *ret)
{
    char *const argv[] = {(char *)path, NULL};
    char *const environment[] = {(char *)"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                 (char *)"LANG=C.UTF-8", (char *)setting, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t all, none;

    sigfillset(&all);
    sigemptyset(&none);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, input, 0);
    posix_spawn_file_actions_adddup2(&files, output, 1);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&files, 3);
    posix_spawn_file_actions_addchdir_np(&files, "/");
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    int error = posix_spawn(ret, path, &files, &attributes, argv, environment);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return error;
}

static void
watch(struct program *p, struct loop *loop)
{
    static loop_socket_call *const call[FDS] = {on_input, on_output, on_end};
    static const int what[FDS] = {LOOP_WRITE, LOOP_READ, LOOP_READ};

    for (int i = 0; i < FDS; i++) {
        p->event[i] = loop_socket(loop, call[i], p);
        loop_event_watch(p->event[i], p->fd[i], what[i]);
    }
}

struct program *
program_start(struct loop *loop, const char *path, const char *setting, const char *input, program_done *done, void *self,
              struct reason *why)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1}, error;
    struct program *p;

    if (!make_pipe(1, in, why))
        return NULL;
    if (!make_pipe(0, out, why)) {
        close(in[0]);
        close(in[1]);
        return NULL;
    }
    p = calloc(1, sizeof(*p));
    must(p != NULL);
    *p = (struct program){.fd = {in[0], out[0], -1}, .done = done, .self = self};
    error = spawn(path, setting, in[1], out[1], &p->pid);
    close(in[1]);
    close(out[1]);
    if (error != 0) {
        reason_set(why, "cannot run \"%s\": %s", path, strerror(error));
        clear(p);
        return NULL;
    }
    p->fd[END] = pidfd_open(p->pid, 0);
    must(p->fd[END] >= 0);
    buf_add_text(&p->input, input);
    watch(p, loop);
    return p;
}

void
program_stop(struct program *p)
{
    kill(-p->pid, SIGKILL);
    shut(p, INPUT);
    shut(p, OUTPUT);
    p->done = NULL; /* on_end comes to fetch it */
}
