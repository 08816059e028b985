/* Breaks what a program takes for granted, for the whole process: wall clock, disk, names. Loaded by LD_PRELOAD.
 *
 * What is broken stands in a small file that both sides map (FAULTS_CONTROL): the benchmark writes, we read. Only the
 * wall clock is moved; CLOCK_MONOTONIC goes on, as it does on a machine whose clock somebody sets.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct control {
    int64_t clock_offset_s;
    int32_t disk_errno; /* what writes into the folder fail with; 0: they work */
    int32_t names_lost; /* 1: no name is resolved */
    char folder[256];
};

static const struct control *seen(void) {
    static const struct control *mapped;
    static int tried;
    if (!tried) {
        tried = 1;
        const char *path = getenv("FAULTS_CONTROL");
        int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        if (fd >= 0) {
            void *at = mmap(NULL, sizeof(struct control), PROT_READ, MAP_SHARED, fd, 0);
            if (at != MAP_FAILED) mapped = at;
            close(fd);
        }
    }
    return mapped;
}

#define NEXT(name) \
    static __typeof__(&name) next; \
    if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

int clock_gettime(clockid_t id, struct timespec *now) {
    NEXT(clock_gettime);
    int result = next(id, now);
    if (result == 0 && id == CLOCK_REALTIME && seen()) now->tv_sec += seen()->clock_offset_s;
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    NEXT(gettimeofday);
    int result = next(now, zone);
    if (result == 0 && now && seen()) now->tv_sec += seen()->clock_offset_s;
    return result;
}

time_t time(time_t *where) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (where) *where = now.tv_sec;
    return now.tv_sec;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    NEXT(getaddrinfo);
    if (seen() && seen()->names_lost && !(hints && hints->ai_flags & AI_NUMERICHOST)) return EAI_AGAIN;
    return next(name, service, hints, found);
}

/* Whether this descriptor is a file in the broken folder; sets errno. */
static int broken(int fd) {
    const struct control *control = seen();
    char link[64], path[512];
    if (!control || !control->disk_errno) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    /* The shared memory of the log lies in memory: a full or write-protected disk does not keep it from changing. */
    if (strncmp(path, control->folder, strlen(control->folder)) || strstr(path, "-shm")) return 0;
    errno = control->disk_errno;
    return 1;
}

ssize_t write(int fd, const void *data, size_t count) {
    NEXT(write);
    return broken(fd) ? -1 : next(fd, data, count);
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t at) {
    NEXT(pwrite);
    return broken(fd) ? -1 : next(fd, data, count, at);
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t at) {
    NEXT(pwrite64);
    return broken(fd) ? -1 : next(fd, data, count, at);
}

int ftruncate(int fd, off_t length) {
    NEXT(ftruncate);
    return broken(fd) ? -1 : next(fd, length);
}

int ftruncate64(int fd, off64_t length) {
    NEXT(ftruncate64);
    return broken(fd) ? -1 : next(fd, length);
}

/* On a write-protected file system nothing can be opened for writing either; on a full one it can. */
static int kept_shut(const char *path, int flags) {
    const struct control *control = seen();
    if (!control || control->disk_errno != EROFS) return 0;
    if ((flags & O_ACCMODE) == O_RDONLY && !(flags & O_CREAT)) return 0;
    if (strncmp(path, control->folder, strlen(control->folder))) return 0;
    errno = EROFS;
    return 1;
}

int open(const char *path, int flags, ...) {
    NEXT(open);
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    return kept_shut(path, flags) ? -1 : next(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    NEXT(open64);
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    return kept_shut(path, flags) ? -1 : next(path, flags, mode);
}
