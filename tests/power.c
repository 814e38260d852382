#include "power.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct power *power;
static void (*told)(const struct disk_event *event);

static void
give_up(const char *what)
{
    fprintf(stderr, "power: %s\n", what);
    abort();
}

/* ---- the whole ---- */

void
power_reset(struct power *p)
{
    for (int i = 0; i < POWER_FILES; i++)
        p->file[i].is_there = false;
    p->now.count = p->synced.count = p->changes.count = 0;
}

static void
copy_file(const struct power_file *from, struct power_file *to)
{
    size_t size = from->size > from->synced_size ? from->size : from->synced_size;

    to->is_there = from->is_there;
    if (!from->is_there)
        return;
    to->inode = from->inode;
    to->size = from->size;
    to->synced_size = from->synced_size;
    memcpy(to->now, from->now, size);
    memcpy(to->synced, from->synced, size);
    memcpy(to->state, from->state, size);
    memset(to->now + size, 0, POWER_BYTES - size);
    memset(to->synced + size, 0, POWER_BYTES - size);
    memset(to->state + size, 0, POWER_BYTES - size);
}

void
power_copy(const struct power *from, struct power *to)
{
    for (int i = 0; i < POWER_FILES; i++)
        copy_file(&from->file[i], &to->file[i]);
    to->now = from->now;
    to->synced = from->synced;
    to->changes = from->changes;
}

/* ---- names ---- */

static bool
is_named(const struct power_names *names, int file)
{
    for (int i = 0; i < names->count; i++)
        if (names->at[i].file == file)
            return true;
    return false;
}

static void
apply(struct power_names *names, struct power_name change)
{
    for (int i = 0; i < names->count; i++)
        if (names->at[i].first == change.first)
            names->at[i--] = names->at[--names->count];
    if (change.file >= 0 && names->count < POWER_FILES)
        names->at[names->count++] = change;
}

static void
change(struct power *p, struct power_name to)
{
    if (p->changes.count == POWER_FILES)
        give_up("too many changes");
    apply(&p->now, to);
    p->changes.at[p->changes.count++] = to;
}

static bool
is_segment(const char *name, uint64_t *ret_first)
{
    char *end;
    *ret_first = strtoull(name, &end, 10);
    return strcmp(end, ".seg") == 0;
}

/* ---- files ---- */

/* By its inode; a new one takes the place of one that no name leads to, now or after a cut. NULL: a directory. */
static struct power_file *
find_file(struct power *p, int file)
{
    struct stat st;
    int free_one = -1;

    if (fstat(file, &st) != 0 || S_ISDIR(st.st_mode))
        return NULL;
    for (int i = 0; i < POWER_FILES; i++) {
        if (p->file[i].is_there && p->file[i].inode == st.st_ino)
            return &p->file[i];
        if (!p->file[i].is_there ||
            (!is_named(&p->now, i) && !is_named(&p->synced, i) && !is_named(&p->changes, i)))
            free_one = i;
    }
    if (free_one < 0)
        give_up("too many files");
    memset(&p->file[free_one], 0, sizeof(p->file[free_one]));
    p->file[free_one].is_there = true;
    p->file[free_one].inode = st.st_ino;
    return &p->file[free_one];
}

static void
write_file(struct power_file *f, const struct disk_event *e)
{
    size_t at = (size_t)e->offset;

    if (at + e->size > POWER_BYTES)
        give_up("a file too large");
    memcpy(f->now + at, e->bytes, e->size);
    memset(f->state + at, POWER_WRITTEN, e->size);
    if (f->size < at + e->size)
        f->size = at + e->size;
}

static void
cut_file(struct power_file *f, size_t size)
{
    for (size_t i = size; i < f->size; i++) {
        f->now[i] = 0;
        f->state[i] = POWER_SYNCED;
    }
    f->size = size;
}

static void
sync_file(struct power_file *f, bool is_done)
{
    for (size_t i = 0; i < f->size; i++) {
        if (f->state[i] != POWER_WRITTEN)
            continue;
        f->state[i] = is_done ? POWER_SYNCED : POWER_STRANDED;
        if (is_done)
            f->synced[i] = f->now[i];
    }
    if (!is_done)
        return;
    for (size_t i = f->size; i < f->synced_size; i++)
        f->synced[i] = 0;
    f->synced_size = f->size;
}

/* What a failed sync has left in the cache only is gone with it: the file itself shows what is on disk. */
static void
forget_file(struct power_file *f, int file)
{
    for (size_t i = 0; i < f->size; i++) {
        if (f->state[i] != POWER_STRANDED)
            continue;
        f->now[i] = f->synced[i];
        f->state[i] = POWER_SYNCED;
        if (syscall(SYS_pwrite64, file, f->now + i, 1, (off_t)i) != 1)
            give_up("the cache cannot be played");
    }
}

static void
rename_file(struct power *p, const struct disk_event *e)
{
    struct stat st;
    uint64_t first;

    if (!is_segment(e->new_name, &first) || fstatat(e->file, e->new_name, &st, 0) != 0)
        return;
    for (int i = 0; i < POWER_FILES; i++)
        if (p->file[i].is_there && p->file[i].inode == st.st_ino)
            change(p, (struct power_name){first, i});
}

static void
take(struct power *p, const struct disk_event *e)
{
    struct power_file *f = e->name == NULL && e->new_name == NULL ? find_file(p, e->file) : NULL;
    uint64_t first;

    if (e->call == DISK_PWRITE && f != NULL)
        write_file(f, e);
    else if (e->call == DISK_FTRUNCATE && e->is_done && f != NULL)
        cut_file(f, e->size);
    else if ((e->call & DISK_SYNCS) && f != NULL)
        sync_file(f, e->is_done);
    else if (e->call == DISK_FORGET && f != NULL)
        forget_file(f, e->file);
    else if (e->call == DISK_FSYNC && e->is_done) {
        p->synced = p->now;
        p->changes.count = 0;
    } else if (e->call == DISK_RENAME && e->is_done)
        rename_file(p, e);
    else if (e->call == DISK_UNLINK && e->is_done && is_segment(e->name, &first))
        change(p, (struct power_name){first, -1});
}

static void
see(const struct disk_event *event)
{
    take(power, event);
    if (told != NULL)
        told(event);
}

void
power_follow(struct power *p, void (*step)(const struct disk_event *event))
{
    power = p;
    told = step;
    disk_watch(p == NULL ? NULL : see);
}

/* ---- a cut ---- */

static unsigned char
byte_after(const struct power_file *f, size_t i, unsigned what, struct bed_dice *dice)
{
    if (f->state[i] == POWER_SYNCED || what == 1)
        return f->synced[i];
    return what == 0 ? f->now[i] : what == 2 ? 0 : (unsigned char)bed_roll(dice, 256);
}

static void
cut_power_of(struct power_file *f, struct bed_dice *dice)
{
    size_t least = f->size < f->synced_size ? f->size : f->synced_size;
    size_t most = f->size + f->synced_size - least;
    unsigned how = bed_roll(dice, 4);
    size_t size = how == 0 ? most : how == 1 ? least : least + bed_roll(dice, (unsigned)(most - least) + 1);
    unsigned same = bed_roll(dice, 8); /* often all sectors alike */

    for (size_t at = 0; at < most; at += POWER_SECTOR) {
        unsigned what = same < 4 ? same : bed_roll(dice, 4);
        for (size_t i = at; i < at + POWER_SECTOR && i < most; i++)
            f->now[i] = f->synced[i] = i < size ? byte_after(f, i, what, dice) : 0;
    }
    memset(f->state, POWER_SYNCED, most);
    f->size = f->synced_size = size;
}

void
power_cut(struct power *p, struct bed_dice *dice)
{
    unsigned how = bed_roll(dice, 4);

    for (int i = 0; i < p->changes.count; i++)
        if (how == 0 || (how > 1 && bed_roll(dice, 2)))
            apply(&p->synced, p->changes.at[i]);
    p->now = p->synced;
    p->changes.count = 0;
    for (int i = 0; i < POWER_FILES; i++) {
        p->file[i].is_there = p->file[i].is_there && is_named(&p->now, i);
        if (p->file[i].is_there)
            cut_power_of(&p->file[i], dice);
    }
}

/* ---- placing ---- */

static void
empty(const char *path)
{
    DIR *names = opendir(path);
    struct dirent *entry;

    while (names != NULL && (entry = readdir(names)) != NULL)
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, "lock") != 0)
            syscall(SYS_unlinkat, dirfd(names), entry->d_name, 0);
    if (names != NULL)
        closedir(names);
    else
        mkdir(path, 0700);
}

void
power_place(struct power *p, const char *path)
{
    empty(path);
    for (int i = 0; i < p->now.count; i++) {
        struct power_file *f = &p->file[p->now.at[i].file];
        char name[BED_PATH];
        struct stat st;
        snprintf(name, sizeof(name), "%s/%020llu.seg", path, (unsigned long long)p->now.at[i].first);
        int file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (file < 0 || write(file, f->now, f->size) != (ssize_t)f->size || fstat(file, &st) != 0)
            give_up("no room for the disk that is played");
        close(file);
        f->inode = st.st_ino;
    }
}
