/* Writes down every change this process makes to files below one folder: what a power cut can take away.
 *
 * Preloaded (LD_PRELOAD) before libc, so that SQLite and Python both go through it. One lock is held over a call
 * and its record, so the order in the log is the order on the disk. A record is a `struct head` and its payload.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST_DESCRIPTORS 65536
#define REAL(name) ((__typeof__(&name))real(#name))

struct head { int32_t kind, descriptor; int64_t offset; uint64_t length; };
enum { OPENED = 1, CLOSED, WRITTEN, CUT, SYNCED, RENAMED, LINKED, UNLINKED, MADE_FOLDER, MARKED };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char followed[MOST_DESCRIPTORS];
static char folder[4096];
static size_t folder_length;
static int log_descriptor = -1;

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static void put(const void *data, size_t length) {
    const char *at = data;
    while (length) {
        ssize_t done = syscall(SYS_write, log_descriptor, at, length);
        if (done < 0) { if (errno == EINTR) continue; perror("power_loss: log"); abort(); }
        at += done, length -= (size_t)done;
    }
}

static void record(int kind, int descriptor, int64_t offset, const void *data, size_t length) {
    struct head head = {kind, descriptor, offset, length};
    int kept = errno;
    put(&head, sizeof head);
    put(data, length);
    errno = kept;
}

static int is_inside(const char *path) {
    return log_descriptor >= 0 && path && !strncmp(path, folder, folder_length);
}

static int is_followed(int descriptor) {
    return log_descriptor >= 0 && descriptor >= 0 && descriptor < MOST_DESCRIPTORS && followed[descriptor];
}

static void record_pair(int kind, const char *from, const char *to) {
    char both[8192];
    int length = snprintf(both, sizeof both, "%s%c%s", from, 0, to);
    record(kind, -1, 0, both, (size_t)length);
}

/* Called by the process itself: from now on log changes below `where` to the file `log`. */
void power_loss_begin(const char *where, const char *log) {
    pthread_mutex_lock(&lock);
    if (log_descriptor >= 0) syscall(SYS_close, log_descriptor);
    snprintf(folder, sizeof folder, "%s", where);
    folder_length = strlen(folder);
    memset(followed, 0, sizeof followed);
    log_descriptor = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    pthread_mutex_unlock(&lock);
}

/* Something is promised from here on. */
void power_loss_mark(const char *text) {
    pthread_mutex_lock(&lock);
    record(MARKED, -1, 0, text, strlen(text));
    pthread_mutex_unlock(&lock);
}

static int opened(int descriptor, const char *path, int flags) {
    if (descriptor >= 0 && descriptor < MOST_DESCRIPTORS) {
        followed[descriptor] = (char)is_inside(path);
        if (followed[descriptor]) record(OPENED, descriptor, flags & O_TRUNC, path, strlen(path));
    }
    return descriptor;
}

/* What is not followed takes no lock: it may block for long (a pipe, a terminal). */
#define OPEN(name, CALL, ...) \
    int name(__VA_ARGS__, int flags, ...) { \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        if (!is_inside(path)) { \
            int descriptor = CALL; \
            if (descriptor >= 0 && descriptor < MOST_DESCRIPTORS) followed[descriptor] = 0; \
            return descriptor; \
        } \
        pthread_mutex_lock(&lock); \
        int descriptor = opened(CALL, path, flags); \
        pthread_mutex_unlock(&lock); \
        return descriptor; \
    }
OPEN(open, REAL(open)(path, flags, mode), const char *path)
OPEN(open64, REAL(open64)(path, flags, mode), const char *path)
OPEN(openat, REAL(openat)(at, path, flags, mode), int at, const char *path)
OPEN(openat64, REAL(openat64)(at, path, flags, mode), int at, const char *path)

int close(int descriptor) {
    if (!is_followed(descriptor)) return REAL(close)(descriptor);
    pthread_mutex_lock(&lock);
    followed[descriptor] = 0;
    record(CLOSED, descriptor, 0, "", 0);
    int done = REAL(close)(descriptor);
    pthread_mutex_unlock(&lock);
    return done;
}

#define CHANGE(CALL, RECORD) \
    if (!is_followed(descriptor)) return CALL; \
    pthread_mutex_lock(&lock); \
    __typeof__(CALL) done = CALL; \
    if (done >= 0) RECORD; \
    pthread_mutex_unlock(&lock); \
    return done;

static int64_t began_at(int descriptor, ssize_t length) { return lseek(descriptor, 0, SEEK_CUR) - length; }

ssize_t write(int descriptor, const void *data, size_t length) {
    CHANGE(REAL(write)(descriptor, data, length),
           record(WRITTEN, descriptor, began_at(descriptor, done), data, (size_t)done))
}
ssize_t pwrite(int descriptor, const void *data, size_t length, off_t offset) {
    CHANGE(REAL(pwrite)(descriptor, data, length, offset), record(WRITTEN, descriptor, offset, data, (size_t)done))
}
ssize_t pwrite64(int descriptor, const void *data, size_t length, off64_t offset) {
    CHANGE(REAL(pwrite64)(descriptor, data, length, offset), record(WRITTEN, descriptor, offset, data, (size_t)done))
}

/* What the kernel copied is read back, so that the log has the bytes. */
static void record_copied(int descriptor, int64_t offset, size_t length) {
    char *data = malloc(length ? length : 1);
    ssize_t found = pread(descriptor, data, length, offset);
    if (found != (ssize_t)length) {
        int reader = -1; /* opened for writing only */
        char path[64];
        snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
        reader = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);
        found = pread(reader, data, length, offset);
        syscall(SYS_close, reader);
    }
    if (found != (ssize_t)length) { fputs("power_loss: cannot read back a copy\n", stderr); abort(); }
    record(WRITTEN, descriptor, offset, data, length);
    free(data);
}
ssize_t sendfile(int descriptor, int from, off_t *offset, size_t length) {
    CHANGE(REAL(sendfile)(descriptor, from, offset, length),
           record_copied(descriptor, began_at(descriptor, done), (size_t)done))
}
ssize_t sendfile64(int descriptor, int from, off64_t *offset, size_t length) {
    CHANGE(REAL(sendfile64)(descriptor, from, offset, length),
           record_copied(descriptor, began_at(descriptor, done), (size_t)done))
}
ssize_t copy_file_range(int from, off64_t *in, int descriptor, off64_t *out, size_t length, unsigned flags) {
    CHANGE(REAL(copy_file_range)(from, in, descriptor, out, length, flags),
           record_copied(descriptor, (out ? *out : lseek(descriptor, 0, SEEK_CUR)) - done, (size_t)done))
}
int ftruncate(int descriptor, off_t size) {
    CHANGE(REAL(ftruncate)(descriptor, size), record(CUT, descriptor, size, "", 0))
}
int ftruncate64(int descriptor, off64_t size) {
    CHANGE(REAL(ftruncate64)(descriptor, size), record(CUT, descriptor, size, "", 0))
}
int fsync(int descriptor) { CHANGE(REAL(fsync)(descriptor), record(SYNCED, descriptor, 0, "", 0)) }
int fdatasync(int descriptor) { CHANGE(REAL(fdatasync)(descriptor), record(SYNCED, descriptor, 0, "", 0)) }

#define NAMING(CALL, PATH, RECORD) \
    if (!is_inside(PATH)) return CALL; \
    pthread_mutex_lock(&lock); \
    int done = CALL; \
    if (!done) RECORD; \
    pthread_mutex_unlock(&lock); \
    return done;

int rename(const char *from, const char *to) { NAMING(REAL(rename)(from, to), to, record_pair(RENAMED, from, to)) }
int renameat(int a, const char *from, int b, const char *to) {
    NAMING(REAL(renameat)(a, from, b, to), to, record_pair(RENAMED, from, to))
}
int link(const char *from, const char *to) { NAMING(REAL(link)(from, to), to, record_pair(LINKED, from, to)) }
int linkat(int a, const char *from, int b, const char *to, int flags) {
    NAMING(REAL(linkat)(a, from, b, to, flags), to, record_pair(LINKED, from, to))
}
int unlink(const char *path) { NAMING(REAL(unlink)(path), path, record(UNLINKED, -1, 0, path, strlen(path))) }
int unlinkat(int at, const char *path, int flags) {
    NAMING(REAL(unlinkat)(at, path, flags), path, record(UNLINKED, -1, 0, path, strlen(path)))
}
int mkdir(const char *path, mode_t mode) {
    NAMING(REAL(mkdir)(path, mode), path, record(MADE_FOLDER, -1, 0, path, strlen(path)))
}
int mkdirat(int at, const char *path, mode_t mode) {
    NAMING(REAL(mkdirat)(at, path, mode), path, record(MADE_FOLDER, -1, 0, path, strlen(path)))
}
